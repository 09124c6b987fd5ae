"""The forms of a word, found by the phones of one of them: other pronunciations, weak and strong forms."""

import functools
from collections import defaultdict
from collections.abc import Iterable, Sequence

from shared.phonology.equivalence import canonical_form
from shared.phonology.ipa import read_phones
from shared.phonology.lexicon import Lexicon, Pronunciation
from shared.phonology.weak_forms import WEAK_FORMS

FormsBySound = dict[tuple[str, ...], list[Pronunciation]]


def word_forms(word: Sequence[str]) -> list[Pronunciation]:
    """Returns the pronunciations of words that can be pronounced as these phones; of function words, if any can.

    >>> ["".join(form) for form in word_forms(["w", "ə", "z"])]
    ['wʌz', 'wɑz']
    """
    function_words, others = _forms()
    sound = tuple(canonical_form(word))
    return function_words.get(sound) or others.get(sound, [])


@functools.cache
def _forms() -> tuple[FormsBySound, FormsBySound]:
    """Returns the forms of function words and of all words that have more than one, read once."""
    lexicon = Lexicon()
    function_words = ([*map(read_phones, forms.split()), *lexicon.listed(word)] for word, forms in WEAK_FORMS.items())
    return _by_sound(function_words), _by_sound(lexicon.varying_words())


def _by_sound(words: Iterable[list[Pronunciation]]) -> FormsBySound:
    """Returns the pronunciations of words by each of them; of those that count as the same, the first."""
    forms: defaultdict[tuple[str, ...], dict[tuple[str, ...], Pronunciation]] = defaultdict(dict)
    for pronunciations in words:
        by_sound = {tuple(canonical_form(form)): form for form in reversed(pronunciations)}
        for sound in by_sound:
            forms[sound] = by_sound | forms[sound]
    return {sound: list(alike.values()) for sound, alike in forms.items()}
