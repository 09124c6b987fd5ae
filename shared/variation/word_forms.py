"""The forms of words, found by the phones of one of them: other pronunciations, weak and strong forms, stress."""

import functools
import itertools
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from shared.g2p.british import BritishLexicon
from shared.g2p.lexicon import Lexicon, Pronunciation
from shared.g2p.weak_forms import BRITISH_WEAK_FORMS, CONTRACTIONS, WEAK_FORMS, weak_forms
from shared.phonology.arpabet import arpabet_to_ipa
from shared.phonology.equivalence import BRITISH_FORMS, ENGLISH_FORMS, NormalForms, canonical_form
from shared.phonology.ipa import TIE_BAR, VOWELS, is_vowel, parse_ipa
from shared.variation.rules import STRESSED, UNKNOWN, UNSTRESSED

Canonical = tuple[str, ...]
"""The canonical phones of a word."""
FormsBySound = dict[Canonical, list[Pronunciation]]
Accents = Mapping[str, list[list[Pronunciation]]]
"""The forms [words][forms] that words have in other accents, by the accent's name."""


@dataclass(frozen=True)
class WordForms:
    """The forms of words that have more than one, and of contractions; and words with stress.

    Contractions are found by the phones of their two words, `transcriptions` by a word's phones in one string, and
    `read_stress` returns the stress at each canonical phone of one. Phones are compared in their `normal_forms`.
    `accents` returns the forms that words have in other accents: here in none.
    """

    normal_forms: NormalForms = ENGLISH_FORMS
    varying_words: FormsBySound = field(default_factory=dict)
    contracted_words: dict[tuple[Canonical, Canonical], list[Pronunciation]] = field(default_factory=dict)
    transcriptions: dict[str, str] = field(default_factory=dict)
    read_stress: Callable[[str], list[str]] = list
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
            marks = self.read_stress(transcription)
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
    """An accent's words, and what returns the sound and the stress of an entry of its lexicon."""

    lexicon: Lexicon
    function_words: Mapping[str, str]
    normal_forms: NormalForms
    sound_of: Callable[[str], str]
    read_stress: Callable[[str], list[str]]

    def forms(self, *words: str) -> list[Pronunciation]:
        """Returns the listed forms of words, of each the weak and strong ones first."""
        forms: list[Pronunciation] = []
        for word in dict.fromkeys(words):
            listed = self.lexicon.listed(word)
            forms += map(list, dict.fromkeys(map(tuple, [*weak_forms(word, listed, self.function_words), *listed])))
        return forms


def _american() -> _Accent:
    return _Accent(Lexicon(), WEAK_FORMS, ENGLISH_FORMS, _sound_of_arpabet, _stress_of_arpabet)


def _british() -> _Accent:
    return _Accent(BritishLexicon(Lexicon()), BRITISH_WEAK_FORMS, BRITISH_FORMS, _sound_of_ipa, _stress_of_ipa)


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
            words[accent.sound_of(entry)].append(word)
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
        {accent.sound_of(entry): entry for _, entry in accent.lexicon.entries()},
        accent.read_stress,
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
def _sound_of_symbol(symbol: str) -> str:
    return "".join(canonical_form(parse_ipa(arpabet_to_ipa(symbol))))


def _sound_of_arpabet(symbols: str) -> str:
    """Returns the canonical phones of a word in ARPAbet."""
    return "".join(map(_sound_of_symbol, symbols.split()))


_SOUND = str.maketrans(
    {
        **BRITISH_FORMS.marks,
        **{ord(letter): same for letter, same in BRITISH_FORMS.letters.items() if len(letter) == 1},
        **dict.fromkeys(map(ord, "ˈˌ" + TIE_BAR)),
    }
)


def _sound_of_ipa(ipa: str) -> str:
    """Returns the canonical phones of a British word in IPA."""
    return ipa.translate(_SOUND)


def _stress_of_arpabet(symbols: str) -> list[str]:
    """Returns the stress at each canonical phone of a word in ARPAbet: at the first one of a vowel."""
    marks = []
    for symbol in symbols.split():
        mark = {"0": UNSTRESSED, "1": STRESSED, "2": STRESSED}.get(symbol[-1], "")
        marks += [mark, *("" for _ in _sound_of_symbol(symbol)[1:])]
    return marks


NUCLEUS = re.compile(f"([ˈˌ]?)([ae]ɪ|ɔɪ|[aə]ʊ|[ɪeʊ]ə|[{''.join(sorted(VOWELS))}])|([^ː{TIE_BAR}])")


def _stress_of_ipa(ipa: str) -> list[str]:
    """Returns the stress at each phone of a word in IPA with stress before vowels: at the first of a diphthong.

    >>> _stress_of_ipa("ˈeɪliən")
    ['ˈ', '', '', '˘', '˘', '']
    """
    marks = []
    for mark, vowel, consonant in NUCLEUS.findall(ipa):
        stress = STRESSED if mark else UNSTRESSED
        marks += [""] if consonant else [stress, *("" for _ in vowel[1:])]
    return marks
