"""British and American English at once: General American, and beside it each word as it is in the other accent."""

import dataclasses

from shared.phonology.equivalence import BRITISH_FORMS
from shared.variation.american_english import AMERICAN_ENGLISH
from shared.variation.british_english import BRITISH_ENGLISH
from shared.variation.word_forms import any_word_forms

ANY_ENGLISH = dataclasses.replace(
    AMERICAN_ENGLISH,
    normal_forms=BRITISH_FORMS,
    load_word_forms=any_word_forms,
    accents={"British": BRITISH_ENGLISH, "American": AMERICAN_ENGLISH},
)
