"""Other pronunciations of the same words, which are no errors."""
