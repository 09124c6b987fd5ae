"""The forms of words, found by the phones of one of them: other pronunciations, weak and strong forms, stress."""

import functools
import itertools
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from shared.g2p.british import BritishLexicon
from shared.g2p.lexicon import STRESS_MARKS, Lexicon, Pronunciation, is_nucleus
from shared.g2p.weak_forms import BRITISH_WEAK_FORMS, CONTRACTIONS, WEAK_FORMS, weak_forms
from shared.phonology.equivalence import BRITISH_FORMS, ENGLISH_FORMS, NormalForms
from shared.phonology.ipa import is_vowel, parse_ipa
from shared.variation.rules import STRESSED, UNKNOWN, UNSTRESSED

Canonical = tuple[str, ...]
"""The canonical phones of a word."""
FormsBySound = dict[Canonical, list[Pronunciation]]


class WordForms:
    """The forms of words that have more than one, and of contractions; and words with stress. Without a lexicon none.

    `transcriptions` are the entries of the lexicon by a word's phones in one string.
    """

    def __init__(
        self,
        normal_forms: NormalForms = ENGLISH_FORMS,
        lexicon: Lexicon | None = None,
        function_words: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """Takes how phones are compared, an accent's words, and the weak and strong forms of some."""
        self._normal_forms, self._lexicon, self._function_words = normal_forms, lexicon, function_words
        self.transcriptions: dict[str, str] = {}
        self._varying: FormsBySound = {}
        self._contracted: defaultdict[tuple[Canonical, Canonical], list[Pronunciation]] = defaultdict(list)
        if lexicon is None:
            return
        self.transcriptions = {_sound_of(entry): entry for _, entry in lexicon.entries()}
        # Function words before others, contractions not at all: he'll sounds as heel does.
        self._varying = self._by_sound(lexicon.varying_words()) | self._by_sound(map(self.of_words, function_words))
        for contraction, (first, seconds) in CONTRACTIONS.items():
            for sounds in itertools.product(self._sounds(first), self._sounds(*seconds)):
                self._contracted[sounds] += self.of_words(contraction)

    def of_words(self, *words: str) -> list[Pronunciation]:
        """Returns the listed forms of words in English spelling, of each the weak and strong ones first."""
        forms: list[Pronunciation] = []
        for word in dict.fromkeys(words):
            listed = self._lexicon.listed(word) if self._lexicon else []
            forms += map(list, dict.fromkeys(map(tuple, [*weak_forms(word, listed, self._function_words), *listed])))
        return forms

    @functools.cached_property
    def spoken_words(self) -> dict[str, list[str]]:
        """The words in English spelling by their canonical phones in British English, in one string."""
        words: defaultdict[str, list[str]] = defaultdict(list)
        for word, entry in self._lexicon.entries() if self._lexicon else ():
            words[_sound_of(entry)].append(word)
        for word in self._function_words:
            for form in self.of_words(word):
                words["".join(BRITISH_FORMS.canonical_form(form))].append(word)
        return dict(words)

    def forms(self, word: Sequence[str]) -> list[Pronunciation]:
        """Returns the pronunciations of words that can be pronounced as these phones; of function words, if any can.

        >>> ["".join(form) for form in american_word_forms().forms(["w", "ə", "z"])]
        ['wʌz', 'wɑz']
        """
        return self._varying.get(self._sound(word), [])

    def contractions(self, first: Sequence[str], second: Sequence[str]) -> list[Pronunciation]:
        """Returns the pronunciations of what two words, each in any of its forms, contract to; none for most words.

        >>> american_word_forms().contractions(["ð", "e", "ɪ"], ["ɑ", "ɹ"])
        [['ð', 'ɛ', 'ɹ']]
        """
        return self._contracted.get((self._sound(first), self._sound(second)), [])

    def stress(self, sound: Sequence[str]) -> list[str]:
        """Returns the stress of each syllable of a word, given its canonical phones, at its vowel; nothing elsewhere.

        It is unknown where no dictionary has the word. Words without stress, and unknown ones of one syllable, have
        nothing.

        >>> american_word_forms().stress(list("vɪzɪt"))
        ['', 'ˈ', '', '˘', '']
        """
        transcription = self.transcriptions.get("".join(sound))
        if transcription:
            marks = _stress_of(transcription)
            return marks if STRESSED in marks else [""] * len(marks)
        after_vowel = [False, *map(is_vowel, sound)]
        marks = [UNKNOWN * (is_vowel(phone) and not glide) for phone, glide in zip(sound, after_vowel, strict=False)]
        return marks if marks.count(UNKNOWN) > 1 else [""] * len(marks)

    def _sound(self, form: Sequence[str]) -> Canonical:
        return tuple(self._normal_forms.canonical_form(form))

    def _sounds(self, *words: str) -> list[Canonical]:
        return list(dict.fromkeys(map(self._sound, self.of_words(*words))))

    def _by_sound(self, words: Iterable[list[Pronunciation]]) -> FormsBySound:
        """Returns the pronunciations of words by each of them; of those that count as the same, the first."""
        forms: defaultdict[Canonical, dict[Canonical, Pronunciation]] = defaultdict(dict)
        for pronunciations in words:
            by_sound = {self._sound(form): form for form in reversed(pronunciations)}
            for sound in by_sound:
                forms[sound] = by_sound | forms[sound]
        return {sound: list(alike.values()) for sound, alike in forms.items()}


@functools.cache
def american_word_forms() -> WordForms:
    """Returns the forms of words in General American, read once."""
    return WordForms(ENGLISH_FORMS, Lexicon(), WEAK_FORMS)


@functools.cache
def british_word_forms() -> WordForms:
    """Returns the forms of words in Southern British English, read once."""
    return WordForms(BRITISH_FORMS, BritishLexicon(Lexicon()), BRITISH_WEAK_FORMS)


@functools.cache
def _canonical(sound: str) -> str:
    """Returns the canonical phones of a sound of a lexicon's table."""
    return "".join(BRITISH_FORMS.canonical_form(parse_ipa(sound)))


def _sound_of(entry: str) -> str:
    return "".join(map(_canonical, entry.split()))


def _stress_of(entry: str) -> list[str]:
    """Returns the stress at each canonical phone of an entry of a lexicon: at the first one of a vowel.

    >>> _stress_of("ˈeɪ l i ə n")
    ['ˈ', '', '', '˘', '˘', '']
    """
    marks = []
    for sound in entry.split():
        mark = "" if not is_nucleus(sound) else STRESSED if sound[0] in STRESS_MARKS else UNSTRESSED
        marks += [mark, *("" for _ in _canonical(sound)[1:])]
    return marks
