"""Phones as text: IPA, equivalence, distance, and English pronunciations."""
