"""Languages, by their ISO 639-3 codes, and accents of English."""

from typing import Literal

ENGLISH = "eng"

Accent = Literal["us", "gb", "any"]
"""General American, Southern British English, or each word as either has it."""
