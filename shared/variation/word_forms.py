"""The forms of a word, found by the phones of one of them: other pronunciations, weak and strong forms."""

import functools
import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from shared.g2p.lexicon import Lexicon, Pronunciation
from shared.g2p.weak_forms import CONTRACTIONS, WEAK_FORMS, weak_forms
from shared.phonology.arpabet import ARPABET, arpabet_to_ipa
from shared.phonology.equivalence import canonical_form
from shared.phonology.ipa import read_phones
from shared.variation.weak_vowels import with_other_weak_vowels

# Shorter words are one phone away from too many others: of function words those of two phones from one another, of all
# words those of four from names and abbreviations. Longer ones are sentences without spaces.
MIN_FUNCTION_WORD, MIN_WORD, MAX_WORD = 3, 5, 20  # phones

_PHONES = sorted({phone for ipa in ARPABET.values() for phone in canonical_form(read_phones(ipa))})

Sound = tuple[str, ...]
FormsBySound = dict[Sound, list[Pronunciation]]


class _Dictionary(NamedTuple):
    """The forms of function words, of all words that have more than one, and of contractions; the ARPAbet of all words.

    Those of contractions by the sounds of their two words. The ARPAbet by a word's sound in one string.
    """

    function_words: FormsBySound
    varying_words: FormsBySound
    contractions: dict[tuple[Sound, Sound], list[Pronunciation]]
    symbols: dict[str, str]


def word_forms(word: Sequence[str]) -> list[Pronunciation]:
    """Returns the pronunciations of words that can be pronounced as these phones; of function words, if any can.

    Phones that are no word of the dictionary, as IPA of a recording often is, have the forms of the words that differ
    in one phone, with that phone as it stands.

    >>> ["".join(form) for form in word_forms(["w", "ə", "z"])]
    ['wʌz', 'wɑz']
    >>> ["".join(form) for form in word_forms(["ɪ", "m", "s", "ɛ", "l", "v"])]
    ['hɪmsɛlv']
    """
    dictionary = _dictionary()
    sound = tuple(canonical_form(word))
    known = dictionary.function_words.get(sound) or dictionary.varying_words.get(sound)
    if known or len(sound) > MAX_WORD or "".join(sound) in dictionary.symbols:
        return known or []
    return list(map(list, dict.fromkeys(_forms_of_similar_words(sound, dictionary))))


def misread_forms(word: Sequence[str], start: int, end: int, pronounced: Sequence[str]) -> list[Pronunciation]:
    """Returns the forms of the word that has other phones from `start` up to `end`, with this word's own phones there.

    Where one word is read as another, the other one's form is no error: of *hat* read as a weak *have*, `əv`, the last
    phone is wrong alone. None where there is no such word.

    >>> misread_forms(["h", "æ", "t"], 2, 3, ["v"])
    [['ə', 't'], ['h', 'ə', 't']]
    """
    before, own, after, other = (
        tuple(canonical_form(phones)) for phones in (word[:start], word[start:end], word[end:], pronounced)
    )
    dictionary = _dictionary()
    read = (*before, *other, *after)
    forms = [*dictionary.function_words.get(read, []), *dictionary.varying_words.get(read, [])]
    others = (form for form in forms if tuple(canonical_form(form)) != read)
    return list(map(list, dict.fromkeys(_with_own_phones(before, own, after, other, others))))


def weak_vowel_forms(word: Sequence[str]) -> list[Pronunciation]:
    """Returns the pronunciations of a word with another vowel in one of its unstressed syllables; none of most words.

    Phones that are no word of the dictionary have those of the words one phone away, with that phone as it stands.

    >>> ["".join(form) for form in weak_vowel_forms(["v", "ɪ", "z", "ɪ", "t"])]
    ['vɪzət']
    """
    dictionary = _dictionary()
    sound = tuple(canonical_form(word))
    if len(sound) > MAX_WORD:
        return []
    is_known = "".join(sound) in dictionary.symbols
    forms = _weak_vowel_forms(sound, dictionary) if is_known else _weak_vowel_forms_of_similar_words(sound, dictionary)
    return list(map(list, dict.fromkeys(forms)))


def contracted_forms(first: Sequence[str], second: Sequence[str]) -> list[Pronunciation]:
    """Returns the pronunciations of what two words, each in any of its forms, contract to; none for most words.

    >>> contracted_forms(["ð", "e", "ɪ"], ["ɑ", "ɹ"])
    [['ð', 'ɛ', 'ɹ']]
    """
    return _dictionary().contractions.get((tuple(canonical_form(first)), tuple(canonical_form(second))), [])


def _weak_vowel_forms(sound: Sound, dictionary: _Dictionary) -> list[Sound]:
    varied = with_other_weak_vowels(dictionary.symbols.get("".join(sound), ""))
    return [tuple(phone for symbol in symbols.split() for phone in _sounds_of_symbol(symbol)) for symbols in varied]


def _weak_vowel_forms_of_similar_words(sound: Sound, dictionary: _Dictionary) -> Iterator[Sound]:
    for before, own, after, phone in _one_phone_away(sound):
        similar = (*before, phone, *after)
        forms = _weak_vowel_forms(similar, dictionary)
        if sound in forms:
            yield from (form for form in (similar, *forms) if form != sound)
        else:
            yield from _with_own_phones(before, own, after, (phone,), forms)


def _forms_of_similar_words(sound: Sound, dictionary: _Dictionary) -> Iterator[Sound]:
    """Yields the forms of words that differ from a sound in one phone, with that phone as the sound has it."""
    for before, own, after, phone in _one_phone_away(sound):
        similar = (*before, phone, *after)
        forms = dictionary.function_words.get(similar, []) if len(sound) >= MIN_FUNCTION_WORD else []
        if len(sound) >= MIN_WORD:
            forms = forms or dictionary.varying_words.get(similar, [])
        yield from _with_own_phones(before, own, after, (phone,), forms)


def _one_phone_away(sound: Sound) -> Iterator[tuple[Sound, Sound, Sound, str]]:
    """Yields, for each phone of a sound and each phone in its place: those before, it, those after, the other."""
    for place, phone in itertools.product(range(len(sound)), _PHONES):
        yield sound[:place], sound[place : place + 1], sound[place + 1 :], phone


def _with_own_phones(
    before: Sound, own: Sound, after: Sound, other: Sound, forms: Iterable[Sequence[str]]
) -> Iterator[Sound]:
    """Yields forms of the word that has `other` phones between those `before` and `after`, with a word's `own` there.

    Of each form that has as many phones as that word, or begins as it up to the end of those phones, or ends as it
    from their start on.
    """
    word, beginning, ending = (*before, *own, *after), (*before, *other), (*other, *after)
    for form in map(tuple, map(canonical_form, forms)):
        if len(form) == len(before) + len(ending) or form[: len(beginning)] == beginning:
            varied = (*form[: len(before)], *own, *form[len(beginning) :])
        elif form[-len(ending) :] == ending:
            varied = (*form[: -len(ending)], *own, *after)
        else:
            continue
        if varied != word:
            yield varied


@functools.cache
def _dictionary() -> _Dictionary:
    """Returns the forms and sounds of words, read once."""
    lexicon = Lexicon()

    def forms(word: str) -> list[Pronunciation]:
        listed = lexicon.listed(word)
        return list(map(list, dict.fromkeys(map(tuple, [*weak_forms(word, listed), *listed]))))

    def sounds(*words: str) -> list[Sound]:
        return list(dict.fromkeys(tuple(canonical_form(form)) for word in words for form in forms(word)))

    contractions: defaultdict[tuple[Sound, Sound], list[Pronunciation]] = defaultdict(list)
    for contraction, (first, seconds) in CONTRACTIONS.items():
        for one, other in itertools.product(sounds(first), sounds(*seconds)):
            contractions[one, other] += forms(contraction)
    return _Dictionary(
        _by_sound(map(forms, WEAK_FORMS)),  # not of contractions: he'll sounds as heel does
        _by_sound(lexicon.varying_words()),
        contractions,
        {"".join(map(_sound_of_symbol, symbols.split())): symbols for symbols in lexicon.symbols()},
    )


@functools.cache
def _sound_of_symbol(symbol: str) -> str:
    return "".join(_sounds_of_symbol(symbol))


@functools.cache
def _sounds_of_symbol(symbol: str) -> Sound:
    return tuple(canonical_form(read_phones(arpabet_to_ipa(symbol))))


def _by_sound(words: Iterable[list[Pronunciation]]) -> FormsBySound:
    """Returns the pronunciations of words by each of them; of those that count as the same, the first."""
    forms: defaultdict[Sound, dict[Sound, Pronunciation]] = defaultdict(dict)
    for pronunciations in words:
        by_sound = {tuple(canonical_form(form)): form for form in reversed(pronunciations)}
        for sound in by_sound:
            forms[sound] = by_sound | forms[sound]
    return {sound: list(alike.values()) for sound, alike in forms.items()}
