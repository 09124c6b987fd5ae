"""Languages, by their ISO 639-3 codes."""

ENGLISH = "eng"
