"""The phonologies of languages, by their ISO 639-3 codes, and of English by its accents."""

import dataclasses

from shared.phonology.equivalence import BRITISH_FORMS
from shared.phonology.languages import ENGLISH, Accent
from shared.variation.american_english import AMERICAN_ENGLISH
from shared.variation.british_english import BRITISH_ENGLISH
from shared.variation.phonology import GENERIC, Phonology
from shared.variation.word_forms import any_word_forms

# General American, and beside it each word as it is in the other accent.
ANY_ENGLISH = dataclasses.replace(
    AMERICAN_ENGLISH,
    normal_forms=BRITISH_FORMS,
    load_word_forms=any_word_forms,
    accents={"British": BRITISH_ENGLISH, "American": AMERICAN_ENGLISH},
)
ACCENTS = {"us": AMERICAN_ENGLISH, "gb": BRITISH_ENGLISH, "any": ANY_ENGLISH}


def phonology_of(language: str, accent: Accent = "us") -> Phonology:
    """Returns the phonology of an accent of English, or that of no language in particular."""
    return ACCENTS[accent] if language == ENGLISH else GENERIC
