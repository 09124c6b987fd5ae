"""The phonologies of languages, by their ISO 639-3 codes, and of English by its accents."""

import dataclasses

from shared.phonology.equivalence import BRITISH_FORMS, ENGLISH_FORMS
from shared.phonology.languages import ENGLISH, Accent
from shared.tables import load_rows
from shared.variation.phonology import GENERIC, Phonology
from shared.variation.rules import Rule
from shared.variation.word_forms import american_word_forms, british_word_forms

FILLED_PAUSES = frozenset({("ə",), ("ə", "ɹ"), ("ɜ",), ("ɑ",), ("m",)})  # um, uh, er, mm


def _rules(accent: Accent) -> tuple[Rule, ...]:
    """Returns the rules of an accent of English."""
    return tuple(Rule(*fields) for accents, *fields in load_rows(__file__, "english.tsv") if accent in accents.split())


AMERICAN_ENGLISH = Phonology(ENGLISH_FORMS, _rules("us"), american_word_forms, FILLED_PAUSES)
BRITISH_ENGLISH = Phonology(BRITISH_FORMS, _rules("gb"), british_word_forms, FILLED_PAUSES)
# General American, and beside it each word as it is in the other accent.
ANY_ENGLISH = dataclasses.replace(
    AMERICAN_ENGLISH,
    normal_forms=BRITISH_FORMS,
    accents={"British": BRITISH_ENGLISH, "American": AMERICAN_ENGLISH},
)
ACCENTS = {"us": AMERICAN_ENGLISH, "gb": BRITISH_ENGLISH, "any": ANY_ENGLISH}


def phonology_of(language: str, accent: Accent = "us") -> Phonology:
    """Returns the phonology of an accent of English, or that of no language in particular."""
    return ACCENTS[accent] if language == ENGLISH else GENERIC
