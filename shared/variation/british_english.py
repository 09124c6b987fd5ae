"""Southern British English: what its speakers do to sounds, which is no error."""

from shared.phonology.equivalence import BRITISH_FORMS
from shared.variation.english import CONNECTED_SPEECH, CRUTTENDEN, FILLED_PAUSES, LPD, WEAK_VOWELS
from shared.variation.phonology import Phonology
from shared.variation.rules import Rule
from shared.variation.word_forms import british_word_forms

WELLS = "Wells, Accents of English (1982), vol. 1"
VOWELS = "Cruttenden, Gimson's Pronunciation of English, 8th ed., ch. 8"

MONOPHTHONG = "monophthong: hair, near"
COALESCENCE = "coalescence: Tuesday, duke"
SMOOTHING = "smoothing: fire, power"
WEAK_VOWEL = "weak vowel: happy, alien"

RULES = (
    *CONNECTED_SPEECH,
    Rule("no linking: far away", "ɹ → ∅ / V _ # V", "fɑːɹ əweɪ → fɑː əweɪ", CRUTTENDEN),
    Rule("glottal stop: what, quite", "t → ʔ / V _ #", "wɒt → wɒʔ", f"{WELLS}, 3.4.5"),
    Rule(COALESCENCE, "t j → t͡ʃ / _ {u ʊ}", "tjuːzdeɪ → t͡ʃuːzdeɪ", f"{WELLS}, 3.3.3; {LPD}"),
    Rule(COALESCENCE, "d j → d͡ʒ / _ {u ʊ}", "djuːk → d͡ʒuːk", f"{WELLS}, 3.3.3; {LPD}"),
    Rule("no yod: suit, assume", "j → ∅ / {s z l θ} _ {u ʊ}", "əsjuːm → əsuːm", f"{WELLS}, 3.1.10; {LPD}"),
    Rule(MONOPHTHONG, "ə → ∅ / ɛ _", "heə → he", VOWELS),
    Rule(MONOPHTHONG, "ə → ∅ / C ɪ _", "nɪə → nɪ", VOWELS),  # not of player
    Rule(MONOPHTHONG, "ə → ∅ / # ɪ _", "ɪə → ɪ", VOWELS),
    # Before r there is no FLEECE that it could be taken for; elsewhere beer is no bee.
    Rule("monophthong: hearing, serious", "ɪ ə → {ɪ i} / _ ɹ", "sɪəɹiəs → siːɹiəs", f"{WELLS}, 3.2.7; {LPD}"),
    Rule("r-coloured: near, hair, tour", "ə → ɹ / {ɪ ɛ ʊ} _", "nɪə → nɪɹ", "Wells, Accents of English (1982), vol. 2"),
    Rule("CURE as THOUGHT: tour, sure", "ʊ ə → ɔ / _", "tʊə → tɔː", f"{WELLS}, 2.2.21"),
    Rule(SMOOTHING, "{ɪ ʊ} → ∅ / a _ ə", "faɪə → faə", f"{WELLS}, 3.2.9"),
    *WEAK_VOWELS,
    Rule(WEAK_VOWEL, "˘i → ɪ / _ #", "hæpi → hæpɪ", f"{WELLS}, 3.4.1"),
    Rule(WEAK_VOWEL, "˘{ɪ i} → {ɪ i} / _ V", "eɪliən → eɪlɪən", f"{WELLS}, 3.4.1; {LPD}"),
    Rule("weak vowel: influence, regular", "˘{ʊ u} → {ʊ u ə} / C _ X", "ɹeɡjʊlə → ɹeɡjələ", LPD),
)

BRITISH_ENGLISH = Phonology(BRITISH_FORMS, RULES, british_word_forms, FILLED_PAUSES)
