"""Languages, by their ISO 639-3 codes, and accents of English."""

from typing import Literal

ENGLISH = "eng"

TextAccent = Literal["us", "gb"]
"""General American or Southern British English."""
Accent = Literal[TextAccent, "any"]
"""One of the two, or for each word either."""
