"""British and American English at once: what either accent has is no error."""

import dataclasses

from shared.phonology.equivalence import BRITISH_FORMS
from shared.variation import american_english, british_english
from shared.variation.word_forms import any_word_forms

RULES = tuple(dict.fromkeys((*american_english.RULES, *british_english.RULES)))

ANY_ENGLISH = dataclasses.replace(
    american_english.AMERICAN_ENGLISH, normal_forms=BRITISH_FORMS, rules=RULES, load_word_forms=any_word_forms
)
