"""Inventories of phones."""

POWSM_PHONES = (
    "ə ɪ t ɹ n i l w a j s d e m f o ð ɛ ʃ k æ ŋ p ɑ b ʎ kʰ ɡ z ʊ ɔ d̪ tʰ v l̴ u h θ ɜ˞ pʰ ɒ ɐ ɲ bʲ cʰ c ɔ̃ ʒ mʲ ɪ̃ ʌ ʊ̃ "
    "r fʲ ṳ ə˞ vʲ dʲ o̤ b̤ ɛ̃ ʉ ɑ̃ t͡ʃ æ̃ ʃʰ pʲ t̪ ɟ lʲ bˠ ũ kʲ nʲ"
).split()
"""The phones that POWSM writes for learners of English."""
