"""The phonologies of languages, by their ISO 639-3 codes."""

from shared.phonology.languages import ENGLISH
from shared.variation.american_english import AMERICAN_ENGLISH
from shared.variation.phonology import GENERIC, Phonology

PHONOLOGIES = {ENGLISH: AMERICAN_ENGLISH}


def phonology_of(language: str) -> Phonology:
    """Returns the phonology of a language, that of no language in particular where it has none."""
    return PHONOLOGIES.get(language, GENERIC)
