"""English of any accent: what its speakers do to sounds, which is no error."""

from shared.variation.rules import Rule

LADEFOGED = "Ladefoged & Johnson, A Course in Phonetics, 7th ed., ch. 3"
CRUTTENDEN = "Cruttenden, Gimson's Pronunciation of English, 8th ed., ch. 12"
WELLS = "Wells, Accents of English (1982), vol. 1, p. 167: the weak vowels of rabbit and abbot merge"
LPD = "Wells, Longman Pronunciation Dictionary, 3rd ed."

# Consonants that end a syllable before t and d, and those with which t and d begin none: not in country, hundred.
CODA, NO_ONSET = "{p b k ɡ f v θ ð s z ʃ m n ŋ l}", "{p b k ɡ f v θ ð ʃ m n l h}"
# Weak vowels do not merge before velars and palato-alveolars (music, English); before l and ɹ they are others.
MERGING = "{p b t d f v θ ð s z m n w j h}"
# A consonant and a glide, and after them the stress: remove, not dispose.
BEFORE_STRESS = "C ({l ɹ w j}) ˈV"

COALESCENCE = "coalescence: did you"
WEAK_VOWEL = "weak vowel: visit, even"

CONNECTED_SPEECH = (
    Rule("glottal stop: football, what now", "t → ʔ / V (#) _ (#) C", "fʊtbɔl → fʊʔbɔl", LADEFOGED),
    Rule("elision: next day, old man", "{t d} → ∅ / C (#) _ # C", "nɛkst deɪ → nɛks deɪ", CRUTTENDEN),
    Rule("elision: mostly, windmill", f"{{t d}} → ∅ / {CODA} (#) _ (#) {NO_ONSET}", "wɪndmɪl → wɪnmɪl", CRUTTENDEN),
    # Which of the two is not there, nobody can say: what is there must be one.
    Rule("one long consonant: this sound", "C1 # C1 → C1 / X (#) _", "ðɪs saʊnd → ðɪs aʊnd", CRUTTENDEN),
    Rule("linking: see it", "∅ → j / {i ɪ} _ # V", "si ɪt → sij ɪt", CRUTTENDEN),
    Rule("linking: do it", "∅ → w / {u ʊ} _ # V", "du ɪt → duw ɪt", CRUTTENDEN),
    Rule("linking: far away, law and", "∅ → ɹ / {ə ɑ ɔ ɜ} _ # V", "lɔ ænd → lɔɹ ænd", CRUTTENDEN),
    Rule("assimilation: ten people", "n → m / X (#) _ # {p b m}", "tɛn pipəl → tɛm pipəl", CRUTTENDEN),
    Rule("assimilation: ten cars", "n → ŋ / X (#) _ # {k ɡ}", "tɛn kɑɹz → tɛŋ kɑɹz", CRUTTENDEN),
    Rule("assimilation: this shop, this year", "s → ʃ / X (#) _ # {ʃ j}", "ðɪs ʃɑp → ðɪʃ ʃɑp", CRUTTENDEN),
    Rule("assimilation: those shops, as you", "z → ʒ / X (#) _ # {ʃ j}", "æz ju → æʒ ju", CRUTTENDEN),
    Rule(COALESCENCE, "t # j → t͡ʃ / _", "doʊnt ju → doʊnt͡ʃ u", CRUTTENDEN),
    Rule(COALESCENCE, "d # j → d͡ʒ / _", "dɪd ju → dɪd͡ʒ u", CRUTTENDEN),
    Rule(COALESCENCE, "s # j → ʃ / _", "mɪs ju → mɪʃ u", CRUTTENDEN),
    Rule(COALESCENCE, "z # j → ʒ / _", "æz ju → æʒ u", CRUTTENDEN),
    Rule("stop between: prince, tenth", "∅ → t / n _ (#) {s θ}", "pɹɪns → pɹɪnts", LADEFOGED),
    Rule("stop between: warmth, something", "∅ → p / m _ (#) {θ f}", "wɔɹmθ → wɔɹmpθ", LADEFOGED),
    Rule("stop between: length", "∅ → k / ŋ _ (#) {θ s}", "lɛŋθ → lɛŋkθ", LADEFOGED),
)
WEAK_VOWELS = (
    Rule(WEAK_VOWEL, f"˘ɪ → ə / X _ {MERGING}", "vɪzɪt → vɪzət", WELLS),
    Rule(WEAK_VOWEL, f"˘ə → ɪ / ˈV … _ {MERGING}", "wɪmən → wɪmɪn", WELLS),  # not before the stress: banana
    Rule(WEAK_VOWEL, f"˘{{ɪ i}} → {{ɪ i ə}} / # {{ɹ d b}} _ {BEFORE_STRESS}", "ɹɪmuv → ɹimuv", LPD),
    Rule(WEAK_VOWEL, f"˘{{ɪ i}} → {{ɪ i ə}} / # p ɹ _ {BEFORE_STRESS}", "pɹɪfɝ → pɹifɝ", LPD),
)
FILLED_PAUSES = frozenset({("ə",), ("ə", "ɹ"), ("ɜ",), ("ɑ",), ("m",)})  # um, uh, er, mm
