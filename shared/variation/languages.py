"""The phonologies of languages, by their ISO 639-3 codes, and of English by its accents."""

from shared.phonology.languages import ENGLISH, Accent
from shared.variation.american_english import AMERICAN_ENGLISH
from shared.variation.any_english import ANY_ENGLISH
from shared.variation.british_english import BRITISH_ENGLISH
from shared.variation.phonology import GENERIC, Phonology

ACCENTS = {"us": AMERICAN_ENGLISH, "gb": BRITISH_ENGLISH, "any": ANY_ENGLISH}


def phonology_of(language: str, accent: Accent = "us") -> Phonology:
    """Returns the phonology of an accent of English, or that of no language in particular."""
    return ACCENTS[accent] if language == ENGLISH else GENERIC
