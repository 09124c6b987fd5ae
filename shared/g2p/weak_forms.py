"""The forms of English function words, strong to weak, and of their contractions."""

from collections.abc import Mapping, Sequence

from shared.g2p.lexicon import Pronunciation
from shared.phonology.ipa import parse_ipa
from shared.tables import load_rows

FORMS = list(load_rows(__file__, "weak_forms.tsv"))
WEAK_FORMS = {word: american for word, american, _ in FORMS}
BRITISH_WEAK_FORMS = {word: british for word, _, british in FORMS}
CONTRACTED = ("i", "you", "he", "she", "it", "we", "they", "that", "there", "who")
ENDINGS = {
    "'m": ("am",), "'re": ("are",), "'s": ("is", "has"), "'ve": ("have",), "'d": ("had", "would"), "'ll": ("will",)
}  # fmt: skip
CONTRACTIONS = {word + ending: (word, verbs) for word in CONTRACTED for ending, verbs in ENDINGS.items()}
"""The two words of each contraction: the first, and those that the second may be."""


def weak_forms(
    word: str, listed: Sequence[Pronunciation], table: Mapping[str, str] = WEAK_FORMS
) -> list[Pronunciation]:
    """Returns the forms of a function word, or of a contraction that has `listed` pronunciations; none of others.

    >>> ["".join(form) for form in weak_forms("he's", [["h", "i", "z"]])]
    ['hiz', 'hɪz', 'iz', 'ɪz']
    """
    first, _ = CONTRACTIONS.get(word, (word, ()))
    forms = [parse_ipa(form) for form in table.get(first, "").split()]
    if first == word:
        return forms
    return [
        [*form, *phones[len(start) :]]
        for phones in listed
        for start in forms
        if phones[: len(start)] == start
        for form in forms
    ]
