"""The forms of words, found by the phones of one of them: other pronunciations, weak and strong forms, stress."""

import functools
import itertools
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from shared.g2p.lexicon import Lexicon, Pronunciation
from shared.g2p.weak_forms import CONTRACTIONS, WEAK_FORMS, weak_forms
from shared.phonology.arpabet import arpabet_to_ipa
from shared.phonology.equivalence import canonical_form
from shared.phonology.ipa import is_vowel, parse_ipa
from shared.variation.rules import STRESSED, UNKNOWN, UNSTRESSED

Canonical = tuple[str, ...]
"""The canonical phones of a word."""
FormsBySound = dict[Canonical, list[Pronunciation]]


@dataclass(frozen=True)
class WordForms:
    """The forms of function words, of all words that have more than one, and of contractions; and words in ARPAbet.

    Contractions are found by the phones of their two words, and ARPAbet by a word's phones in one string.
    """

    function_words: FormsBySound = field(default_factory=dict)
    varying_words: FormsBySound = field(default_factory=dict)
    contracted_words: dict[tuple[Canonical, Canonical], list[Pronunciation]] = field(default_factory=dict)
    arpabet: dict[str, str] = field(default_factory=dict)

    def forms(self, word: Sequence[str]) -> list[Pronunciation]:
        """Returns the pronunciations of words that can be pronounced as these phones; of function words, if any can.

        >>> ["".join(form) for form in english_word_forms().forms(["w", "ə", "z"])]
        ['wʌz', 'wɑz']
        """
        sound = tuple(canonical_form(word))
        return self.function_words.get(sound) or self.varying_words.get(sound) or []

    def contractions(self, first: Sequence[str], second: Sequence[str]) -> list[Pronunciation]:
        """Returns the pronunciations of what two words, each in any of its forms, contract to; none for most words.

        >>> english_word_forms().contractions(["ð", "e", "ɪ"], ["ɑ", "ɹ"])
        [['ð', 'ɛ', 'ɹ']]
        """
        return self.contracted_words.get((tuple(canonical_form(first)), tuple(canonical_form(second))), [])

    def stress(self, sound: Sequence[str]) -> list[str]:
        """Returns the stress of each syllable of a word, given its canonical phones, at its vowel; nothing elsewhere.

        It is unknown where no dictionary has the word. Words without stress, and unknown ones of one syllable, have
        nothing.

        >>> english_word_forms().stress(list("vɪzɪt"))
        ['', 'ˈ', '', '˘', '']
        """
        symbols = self.arpabet.get("".join(sound), "").split()
        if symbols:
            marks = [mark for symbol in symbols for mark in _stress_of(symbol)]
            return marks if STRESSED in marks else [""] * len(marks)
        after_vowel = [False, *map(is_vowel, sound)]
        marks = [UNKNOWN * (is_vowel(phone) and not glide) for phone, glide in zip(sound, after_vowel, strict=False)]
        return marks if marks.count(UNKNOWN) > 1 else [""] * len(marks)


@functools.cache
def english_word_forms() -> WordForms:
    """Returns the forms of English words, read once."""
    lexicon = Lexicon()

    def forms(word: str) -> list[Pronunciation]:
        listed = lexicon.listed(word)
        return list(map(list, dict.fromkeys(map(tuple, [*weak_forms(word, listed), *listed]))))

    def sounds(*words: str) -> list[Canonical]:
        return list(dict.fromkeys(tuple(canonical_form(form)) for word in words for form in forms(word)))

    contractions: defaultdict[tuple[Canonical, Canonical], list[Pronunciation]] = defaultdict(list)
    for contraction, (first, seconds) in CONTRACTIONS.items():
        for one, other in itertools.product(sounds(first), sounds(*seconds)):
            contractions[one, other] += forms(contraction)
    return WordForms(
        _by_sound(map(forms, WEAK_FORMS)),  # not of contractions: he'll sounds as heel does
        _by_sound(lexicon.varying_words()),
        contractions,
        {"".join(map(_joined, symbols.split())): symbols for symbols in lexicon.symbols()},
    )


def _by_sound(words: Iterable[list[Pronunciation]]) -> FormsBySound:
    """Returns the pronunciations of words by each of them; of those that count as the same, the first."""
    forms: defaultdict[Canonical, dict[Canonical, Pronunciation]] = defaultdict(dict)
    for pronunciations in words:
        by_sound = {tuple(canonical_form(form)): form for form in reversed(pronunciations)}
        for sound in by_sound:
            forms[sound] = by_sound | forms[sound]
    return {sound: list(alike.values()) for sound, alike in forms.items()}


@functools.cache
def _phones_of(symbol: str) -> Canonical:
    return tuple(canonical_form(parse_ipa(arpabet_to_ipa(symbol))))


@functools.cache
def _joined(symbol: str) -> str:
    return "".join(_phones_of(symbol))


@functools.cache
def _stress_of(symbol: str) -> tuple[str, ...]:
    """Returns the stress at each canonical phone of an ARPAbet symbol: at the first one of a vowel."""
    mark = {"0": UNSTRESSED, "1": STRESSED, "2": STRESSED}.get(symbol[-1], "")
    return mark, *("" for _ in _phones_of(symbol)[1:])
