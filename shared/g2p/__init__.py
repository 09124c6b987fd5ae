"""Graphemes to phonemes: the pronunciations of an English text."""
