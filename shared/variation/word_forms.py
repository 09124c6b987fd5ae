"""The forms of words, found by the phones of one of them: other pronunciations, weak and strong forms, stress."""

import functools
import itertools
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from shared.g2p.british import BritishLexicon
from shared.g2p.lexicon import STRESS_MARKS, Lexicon, Pronunciation, is_nucleus
from shared.g2p.weak_forms import BRITISH_WEAK_FORMS, CONTRACTIONS, WEAK_FORMS, weak_forms
from shared.phonology.equivalence import BRITISH_FORMS, ENGLISH_FORMS, NormalForms
from shared.phonology.ipa import is_vowel, parse_ipa
from shared.variation.rules import STRESSED, UNKNOWN, UNSTRESSED

Canonical = tuple[str, ...]
"""The canonical phones of a word."""
FormsBySound = dict[Canonical, list[Pronunciation]]
Accents = Mapping[str, list[list[Pronunciation]]]
"""The forms [words][forms] that words have in other accents, by the accent's name."""


@dataclass(frozen=True)
class WordForms:
    """The forms of words that have more than one, and of contractions; and words with stress.

    Contractions are found by the phones of their two words; `transcriptions`, entries of a lexicon, by a word's phones
    in one string. Phones are compared in their `normal_forms`. `accents` returns the forms that words have in other
    accents: here in none.
    """

    normal_forms: NormalForms = ENGLISH_FORMS
    varying_words: FormsBySound = field(default_factory=dict)
    contracted_words: dict[tuple[Canonical, Canonical], list[Pronunciation]] = field(default_factory=dict)
    transcriptions: dict[str, str] = field(default_factory=dict)
    accents: Callable[[Sequence[Sequence[str]]], Accents] = lambda _: {}

    def forms(self, word: Sequence[str]) -> list[Pronunciation]:
        """Returns the pronunciations of words that can be pronounced as these phones; of function words, if any can.

        >>> ["".join(form) for form in american_word_forms().forms(["w", "ə", "z"])]
        ['wʌz', 'wɑz']
        """
        return self.varying_words.get(tuple(self.normal_forms.canonical_form(word)), [])

    def contractions(self, first: Sequence[str], second: Sequence[str]) -> list[Pronunciation]:
        """Returns the pronunciations of what two words, each in any of its forms, contract to; none for most words.

        >>> american_word_forms().contractions(["ð", "e", "ɪ"], ["ɑ", "ɹ"])
        [['ð', 'ɛ', 'ɹ']]
        """
        one, other = (tuple(self.normal_forms.canonical_form(word)) for word in (first, second))
        return self.contracted_words.get((one, other), [])

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


@functools.cache
def american_word_forms() -> WordForms:
    """Returns the forms of words in General American, read once."""
    return _word_forms(_american())


@functools.cache
def british_word_forms() -> WordForms:
    """Returns the forms of words in Southern British English, read once."""
    return _word_forms(_british())


@functools.cache
def any_word_forms() -> WordForms:
    """Returns the forms of words in General American, with those that they have in Britain, read once."""
    return replace(american_word_forms(), accents=_accents)


class _Accent(NamedTuple):
    """An accent's words, and how its phones are compared."""

    lexicon: Lexicon
    function_words: Mapping[str, str]
    normal_forms: NormalForms

    def forms(self, *words: str) -> list[Pronunciation]:
        """Returns the listed forms of words, of each the weak and strong ones first."""
        forms: list[Pronunciation] = []
        for word in dict.fromkeys(words):
            listed = self.lexicon.listed(word)
            forms += map(list, dict.fromkeys(map(tuple, [*weak_forms(word, listed, self.function_words), *listed])))
        return forms


def _american() -> _Accent:
    return _Accent(Lexicon(), WEAK_FORMS, ENGLISH_FORMS)


def _british() -> _Accent:
    return _Accent(BritishLexicon(Lexicon()), BRITISH_WEAK_FORMS, BRITISH_FORMS)


def _accents(words: Sequence[Sequence[str]]) -> Accents:
    """Returns the British forms of words that are pronounced as in General American, the American ones of others."""
    (american, american_words), (british, british_words) = _spoken_words()
    sounds = ["".join(BRITISH_FORMS.canonical_form(word)) for word in words]
    return {
        "British": [british.forms(*american_words.get(sound, [])) for sound in sounds],
        "American": [
            [] if sound in american_words else american.forms(*british_words.get(sound, [])) for sound in sounds
        ],
    }


@functools.cache
def _spoken_words() -> list[tuple[_Accent, dict[str, list[str]]]]:
    """Returns General American and that of Britain, each with its words by their sound."""
    result = []
    for accent in (_american(), _british()):
        words: defaultdict[str, list[str]] = defaultdict(list)
        for word, entry in accent.lexicon.entries():
            words[_sound_of(entry)].append(word)
        for word in accent.function_words:
            for form in accent.forms(word):
                words["".join(BRITISH_FORMS.canonical_form(form))].append(word)
        result.append((accent, dict(words)))
    return result


def _word_forms(accent: _Accent) -> WordForms:
    def sounds(*words: str) -> list[Canonical]:
        return list(dict.fromkeys(tuple(accent.normal_forms.canonical_form(form)) for form in accent.forms(*words)))

    contractions: defaultdict[tuple[Canonical, Canonical], list[Pronunciation]] = defaultdict(list)
    for contraction, (first, seconds) in CONTRACTIONS.items():
        for one, other in itertools.product(sounds(first), sounds(*seconds)):
            contractions[one, other] += accent.forms(contraction)
    return WordForms(
        accent.normal_forms,
        # Function words before others, contractions not at all: he'll sounds as heel does.
        _by_sound(accent.lexicon.varying_words(), accent.normal_forms)
        | _by_sound(map(accent.forms, accent.function_words), accent.normal_forms),
        contractions,
        {_sound_of(entry): entry for _, entry in accent.lexicon.entries()},
    )


def _by_sound(words: Iterable[list[Pronunciation]], normal_forms: NormalForms) -> FormsBySound:
    """Returns the pronunciations of words by each of them; of those that count as the same, the first."""
    forms: defaultdict[Canonical, dict[Canonical, Pronunciation]] = defaultdict(dict)
    for pronunciations in words:
        by_sound = {tuple(normal_forms.canonical_form(form)): form for form in reversed(pronunciations)}
        for sound in by_sound:
            forms[sound] = by_sound | forms[sound]
    return {sound: list(alike.values()) for sound, alike in forms.items()}


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
