"""The forms of words, found by the phones of one of them: other pronunciations, weak and strong forms, stress."""

import functools
import itertools
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
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


@dataclass(frozen=True)
class WordForms:
    """The forms of function words, of all words that have more than one, and of contractions; and words with stress.

    Contractions are found by the phones of their two words, `transcriptions` by a word's phones in one string, and
    `read_stress` returns the stress at each canonical phone of one. Phones are compared in their `normal_forms`.
    """

    normal_forms: NormalForms = ENGLISH_FORMS
    function_words: FormsBySound = field(default_factory=dict)
    varying_words: FormsBySound = field(default_factory=dict)
    contracted_words: dict[tuple[Canonical, Canonical], list[Pronunciation]] = field(default_factory=dict)
    transcriptions: dict[str, str] = field(default_factory=dict)
    read_stress: Callable[[str], list[str]] = list

    def forms(self, word: Sequence[str]) -> list[Pronunciation]:
        """Returns the pronunciations of words that can be pronounced as these phones; of function words, if any can.

        >>> ["".join(form) for form in american_word_forms().forms(["w", "ə", "z"])]
        ['wʌz', 'wɑz']
        """
        sound = tuple(self.normal_forms.canonical_form(word))
        return self.function_words.get(sound) or self.varying_words.get(sound) or []

    def contractions(self, first: Sequence[str], second: Sequence[str]) -> list[Pronunciation]:
        """Returns the pronunciations of what two words, each in any of its forms, contract to; none for most words.

        >>> american_word_forms().contractions(["ð", "e", "ɪ"], ["ɑ", "ɹ"])
        [['ð', 'ɛ', 'ɹ']]
        """
        sounds = [tuple(self.normal_forms.canonical_form(word)) for word in (first, second)]
        return self.contracted_words.get((sounds[0], sounds[1]), [])

    def accents(self, words: Sequence[Sequence[str]]) -> Mapping[str, list[list[Pronunciation]]]:
        """Returns the forms [words][forms] that words have in other accents, by the accent's name: here in none."""
        return {}

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
    return _word_forms(Lexicon(), WEAK_FORMS, ENGLISH_FORMS, _sound_of_arpabet, _stress_of_arpabet)


@functools.cache
def british_word_forms() -> WordForms:
    """Returns the forms of words in Southern British English, read once."""
    return _word_forms(BritishLexicon(Lexicon()), BRITISH_WEAK_FORMS, BRITISH_FORMS, _sound_of_ipa, _stress_of_ipa)


@functools.cache
def any_word_forms() -> WordForms:
    """Returns the forms of words in General American, with those that they have in Britain, read once."""
    american = american_word_forms()
    return _AnyWordForms(**{part.name: getattr(american, part.name) for part in fields(american)})


class _AnyWordForms(WordForms):
    """The forms of words in General American, and in Britain where the words are pronounced as there."""

    def accents(self, words: Sequence[Sequence[str]]) -> Mapping[str, list[list[Pronunciation]]]:
        """Returns the forms [words][forms], by the accent's name, that words have in other accents."""
        american, british = _spoken_words()
        sounds = ["".join(BRITISH_FORMS.canonical_form(word)) for word in words]
        is_american = [sound in american.words for sound in sounds]
        return {
            "British": [
                british.forms(american.words[sound]) if own else []
                for sound, own in zip(sounds, is_american, strict=True)
            ],
            "American": [
                [] if own else american.forms(british.words.get(sound, []))
                for sound, own in zip(sounds, is_american, strict=True)
            ],
        }


class _SpokenWords(NamedTuple):
    """An accent's words by their sound, and what returns the forms of some words in it."""

    words: Mapping[str, list[str]]
    forms: Callable[[Iterable[str]], list[Pronunciation]]


@functools.cache
def _spoken_words() -> tuple[_SpokenWords, _SpokenWords]:
    """Returns the words of General American and of Britain."""
    lexicon = Lexicon()
    return (
        _spoken_words_of(lexicon, WEAK_FORMS, _sound_of_arpabet),
        _spoken_words_of(BritishLexicon(lexicon), BRITISH_WEAK_FORMS, _sound_of_ipa),
    )


def _spoken_words_of(
    lexicon: Lexicon, function_words: Mapping[str, str], sound_of: Callable[[str], str]
) -> _SpokenWords:
    words: defaultdict[str, list[str]] = defaultdict(list)
    for word, entry in lexicon.entries():
        words[sound_of(entry)].append(word)
    forms = _forms_in(lexicon, function_words)
    for word in function_words:
        for form in forms(word):
            words["".join(BRITISH_FORMS.canonical_form(form))].append(word)
    return _SpokenWords(words, lambda names: [form for name in dict.fromkeys(names) for form in forms(name)])


def _word_forms(
    lexicon: Lexicon,
    function_words: Mapping[str, str],
    normal_forms: NormalForms,
    sound_of: Callable[[str], str],
    read_stress: Callable[[str], list[str]],
) -> WordForms:
    """Returns the forms of an accent's words, given the sound and the stress of its lexicon's entries."""

    def sounds(*words: str) -> list[Canonical]:
        return list(dict.fromkeys(tuple(normal_forms.canonical_form(form)) for word in words for form in forms(word)))

    forms = _forms_in(lexicon, function_words)
    contractions: defaultdict[tuple[Canonical, Canonical], list[Pronunciation]] = defaultdict(list)
    for contraction, (first, seconds) in CONTRACTIONS.items():
        for one, other in itertools.product(sounds(first), sounds(*seconds)):
            contractions[one, other] += forms(contraction)
    return WordForms(
        normal_forms,
        _by_sound(map(forms, function_words), normal_forms),  # not of contractions: he'll sounds as heel does
        _by_sound(lexicon.varying_words(), normal_forms),
        contractions,
        {sound_of(entry): entry for _, entry in lexicon.entries()},
        read_stress,
    )


def _forms_in(lexicon: Lexicon, function_words: Mapping[str, str]) -> Callable[[str], list[Pronunciation]]:
    """Returns what returns the listed forms of a word, weak and strong ones first."""

    def forms(word: str) -> list[Pronunciation]:
        listed = lexicon.listed(word)
        return list(map(list, dict.fromkeys(map(tuple, [*weak_forms(word, listed, function_words), *listed]))))

    return forms


def _by_sound(words: Iterable[list[Pronunciation]], normal_forms: NormalForms) -> FormsBySound:
    """Returns the pronunciations of words by each of them; of those that count as the same, the first."""
    forms: defaultdict[Canonical, dict[Canonical, Pronunciation]] = defaultdict(dict)
    for pronunciations in words:
        by_sound = {tuple(normal_forms.canonical_form(form)): form for form in reversed(pronunciations)}
        for sound in by_sound:
            forms[sound] = by_sound | forms[sound]
    return {sound: list(alike.values()) for sound, alike in forms.items()}


@functools.cache
def _phones_of(symbol: str) -> Canonical:
    return tuple(canonical_form(parse_ipa(arpabet_to_ipa(symbol))))


@functools.cache
def _joined(symbol: str) -> str:
    return "".join(_phones_of(symbol))


def _sound_of_arpabet(symbols: str) -> str:
    """Returns the canonical phones of a word in ARPAbet."""
    return "".join(map(_joined, symbols.split()))


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


@functools.cache
def _stress_of(symbol: str) -> tuple[str, ...]:
    """Returns the stress at each canonical phone of an ARPAbet symbol: at the first one of a vowel."""
    mark = {"0": UNSTRESSED, "1": STRESSED, "2": STRESSED}.get(symbol[-1], "")
    return mark, *("" for _ in _phones_of(symbol)[1:])


def _stress_of_arpabet(symbols: str) -> list[str]:
    """Returns the stress at each canonical phone of a word in ARPAbet."""
    return [mark for symbol in symbols.split() for mark in _stress_of(symbol)]


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
