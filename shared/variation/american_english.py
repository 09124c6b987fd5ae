"""General American: what its speakers do to sounds, which is no error."""

from shared.phonology.equivalence import ENGLISH_FORMS
from shared.variation.english import CONNECTED_SPEECH, FILLED_PAUSES, LADEFOGED, WEAK_VOWELS
from shared.variation.phonology import Phonology
from shared.variation.rules import Rule
from shared.variation.word_forms import american_word_forms

RULES = (
    Rule("flapping: city, get it", "{t d} → ɾ / V (#) _ (#) V", "ɡɛt ɪt → ɡɛɾ ɪt", LADEFOGED),
    Rule("flapping: party", "{t d} → ɾ / {ɹ ɜ˞} (#) _ (#) V", "pɑɹti → pɑɹɾi", LADEFOGED),
    *CONNECTED_SPEECH,
    *WEAK_VOWELS,
)

AMERICAN_ENGLISH = Phonology(ENGLISH_FORMS, RULES, american_word_forms, FILLED_PAUSES)
