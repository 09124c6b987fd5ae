"""The words of a text in the phones of its recording: the phones, the pronunciation and the reading of each."""

import functools
import itertools
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from alignment.edit_distance import Costs, costs_after, substitution_costs
from shared.phonology.equivalence import canonical_form

if TYPE_CHECKING:  # the dictionary takes a second to import
    from shared.g2p.dictionary import DictionaryWord

WordCosts = Sequence[Sequence[Costs]]
"""The substitution costs [words][pronunciations] of a place's words, each [pronunciation, actual]."""

# Costs more than any alignment, and can be added to one without overflow.
FORBIDDEN = 1 << 40


class SpokenWord(NamedTuple):
    """The closest of a word's pronunciations, and the phones that the recording has of the word: none if elided."""

    pronunciation: list[str]
    phones: list[str]


def closest_pronunciations(words: Sequence[Sequence[list[str]]], phones: Sequence[str]) -> list[list[str]]:
    """Returns one pronunciation of each word: those that, in a row, are closest to the phones of a recording.

    `words` are [words][pronunciations][phones].

    >>> closest_pronunciations([[["ð", "i"], ["ð", "ə"]], [["ɛ", "n", "d"]]], ["ð", "ə", "ɛ", "n"])
    [['ð', 'ə'], ['ɛ', 'n', 'd']]
    """
    return [word.pronunciation for word in align_words(words, phones)]


def phones_by_word(words: Sequence[Sequence[list[str]]], phones: Sequence[str]) -> list[list[str]]:
    """Returns the phones of a recording by words: as many words as the text has, in order.

    `words` are [words][pronunciations][phones]. A word that was elided, of which the recording has no phone, gets
    its shortest pronunciation: the result is the IPA of the whole text, and a neighbour keeps all of its phones.

    >>> cup, of, tea = [["k", "ʌ", "p"]], [["ʌ", "v"], ["ə"]], [["t", "i"]]
    >>> phones_by_word([cup, of, tea], ["k", "ʌ", "p", "t", "i"])
    [['k', 'ʌ', 'p'], ['ə'], ['t', 'i']]
    """
    return [word.phones or word.pronunciation for word in align_words(words, phones)]


def align_words(words: Sequence[Sequence[list[str]]], phones: Sequence[str]) -> list[SpokenWord]:
    """Returns the cheapest division of phones among words that have one or more pronunciations each.

    `words` are [words][pronunciations][phones]. The cost is that of `edit_operations` in the canonical form of both,
    summed over the words. A phone belongs to one word whole. Of equally cheap ways a word takes its first
    pronunciation, and ends as early as possible: where *good day* has one /d/, it begins the second word.

    >>> align_words([[["ɡ", "ʊ", "d"]], [["d", "e", "ɪ"]]], ["ɡ", "ʊ", "d", "e", "ɪ"])[0]
    SpokenWord(pronunciation=['ɡ', 'ʊ', 'd'], phones=['ɡ', 'ʊ'])
    """
    parts = [canonical_form([phone]) for phone in phones]
    actual = list(itertools.chain.from_iterable(parts))
    cuts = np.cumsum([0, *map(len, parts)])
    places = [[[[substitution_costs(actual, canonical_form(option))]] for option in word] for word in words]
    return [
        SpokenWord(word[closest], list(phones[start:end]))
        for word, (closest, start, end) in zip(words, _divide(places, cuts), strict=True)
    ]


def closest_readings(
    places: "Sequence[Sequence[Sequence[DictionaryWord]]]", phones: Sequence[str]
) -> "list[DictionaryWord]":
    """Returns the words of a text in the readings that are closest to the phones of a recording.

    `places` are [places][readings][words]: a number has several readings, most words have one. The cost is as in
    `align_words`, over all pronunciations of each word. Of equally close readings the first is taken.
    """
    if all(len(readings) == 1 for readings in places):
        return [word for [words] in places for word in words]
    actual = canonical_form(phones)
    table = functools.cache(lambda *option: substitution_costs(actual, canonical_form(option)))
    costs = [
        [[[table(*option) for option in word.pronunciations] for word in words] for words in readings]
        for readings in places
    ]
    divided = _divide(costs, np.arange(len(actual) + 1))
    return [word for readings, (closest, _, _) in zip(places, divided, strict=True) for word in readings[closest]]


def _divide(places: Sequence[Sequence[WordCosts]], cuts: Costs) -> Iterator[tuple[int, int, int]]:
    """Yields for each place its cheapest reading, and the first of the reading's phones and the one after its last.

    `cuts` [phones + 1] are the indices in the canonical form at which phones begin, and the last one ends.
    """
    start = 0
    for readings, rest in zip(places, _costs_of_rest(places, cuts), strict=True):
        own = slice(int(cuts[start]), None)
        totals = np.stack([_after(_only_first(cuts[-1] - cuts[start]), words, own) for words in readings])
        totals = totals[:, cuts[start:] - cuts[start]] + rest[start:]
        closest, length = np.unravel_index(totals.argmin(), totals.shape)
        yield int(closest), start, start + int(length)
        start += int(length)


def _costs_of_rest(places: Sequence[Sequence[WordCosts]], cuts: Costs) -> list[Costs]:
    """Returns, after each place, the least cost [phones + 1] of all later places against the phones from each on.

    Runs backwards: from the last word and its last phone to the first.
    """
    backward_cuts = cuts[-1] - cuts
    row = _only_first(int(cuts[-1]))
    rests = [row]
    backward = slice(None, None, -1)
    for readings in reversed(places[1:]):
        cheapest = np.minimum.reduce([_after(row, words[::-1], backward, backward) for words in readings])
        row = np.full_like(row, FORBIDDEN)
        row[backward_cuts] = cheapest[backward_cuts]
        rests.append(row)
    return [rest[backward_cuts] for rest in reversed(rests)]


def _after(row: Costs, words: WordCosts, own: slice, order: slice = slice(None)) -> Costs:
    """Returns the least costs [actual + 1] after words, from those before them, of some of their phones in an order."""
    for options in words:
        row = np.minimum.reduce([costs_after(row, option[order, own])[-1] for option in options])
    return row


def _only_first(length: int) -> Costs:
    """Returns the costs [length + 1] before any phone: 0 at the first, no way to begin at another."""
    row = np.full(length + 1, FORBIDDEN, dtype=np.int64)
    row[0] = 0
    return row
