"""Words of a sentence that are repeated or restarted."""

import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from alignment.edit_distance import GAP_COST, UNIT, Costs, prefix_costs, substitution_costs
from alignment.phone_pairs import PhonePair
from alignment.runs import runs
from shared.phonology.equivalence import canonical_form

# For each phone, in the edit distance's costs. Of 112 starts and sentences that were read again 93 are as near, of 168
# other insertions 2; with half a phone 99 and 20.
MAX_REPETITION_COST = 0.4 * UNIT
MIN_PART = 2  # phones of a word broken off
MAX_STARTS = 3  # in a row, of the same words


@dataclass(frozen=True)
class Repetition:
    """A run of inserted phones that repeats words: pairs `start` up to `end`, the words of a target."""

    start: int
    end: int
    words: range


def find_repetitions(pairs: Sequence[PhonePair], words: Sequence[Sequence[str]]) -> list[Repetition]:
    """Returns the runs of inserted phones that repeat words of a target on either side; the last may be broken off."""
    result = []
    starts = [0, *itertools.accumulate(map(len, words))]
    for start, end in runs(pairs, lambda pair: pair.status == "insert" and pair.position in starts):
        phones = [phone for pair in pairs[start:end] if (phone := pair.actual) is not None]
        repeated = repeated_words(phones, words, starts.index(pairs[start].position))
        if repeated:
            result.append(Repetition(start, end, repeated))
    return result


def repeated_words(phones: Sequence[str], words: Sequence[Sequence[str]], boundary: int) -> range:
    """Returns the words of a target that phones before word `boundary` repeat; an empty range where there are none.

    They are words that follow, of which the last may be broken off, and words that precede: of *she sells sea, she
    sells sea shells* the phones inserted are *she sells sea*, or *sea* and *she sells*. After the last word follows the
    first one: a text may be read three times, or begun again. A start may be repeated so often, too: *she, she, she
    sells*.

    >>> words = [["ʃ", "i"], ["s", "ɛ", "l", "z"], ["s", "i"], ["ʃ", "ɛ", "l", "z"]]
    >>> repeated_words(list("sɛlzsi"), words, 3), repeated_words(list("siʃisɛlz"), words, 2)
    (range(1, 3), range(0, 3))
    >>> repeated_words(list("ʃiʃi"), words, 0)
    range(0, 1)
    """
    spoken = canonical_form(phones)
    ways = []
    for times in range(1, min(MAX_STARTS, len(spoken)) + 1):
        edges = [k * len(spoken) // times for k in range(times + 1)]
        found = [_repeated(spoken[start:end], words, boundary) for start, end in itertools.pairwise(edges)]
        repeated = range(min(part.start for _, part in found), max(part.stop for _, part in found))
        ways.append((max(cost for cost, _ in found), repeated))
    cost, repeated = min(ways, key=lambda way: way[0], default=(math.inf, range(0)))
    return repeated if cost <= MAX_REPETITION_COST else range(0)


def _repeated(spoken: Sequence[str], words: Sequence[Sequence[str]], boundary: int) -> tuple[float, range]:
    """Returns the words nearest to canonical phones before word `boundary`, and what these cost a phone."""
    following = itertools.chain(words[boundary:], itertools.cycle(words))
    ends, after = _prefixes(spoken, map(canonical_form, following))
    broken_off = [(stop, sum(end < stop for end, _ in ends)) for stop in range(MIN_PART, ends[-1][0])]
    starts, before = _prefixes(spoken[::-1], (canonical_form(word)[::-1] for word in words[:boundary][::-1]))
    # So many phones too many or too few are gaps that cost too much by themselves.
    cost, number, earlier = min(
        (
            (float((after[stop] + before[start, ::-1]).min()) / longer, number, earlier)
            for (stop, number), (start, earlier) in itertools.product([*ends, *broken_off], starts)
            if GAP_COST * abs(stop + start - len(spoken))
            <= MAX_REPETITION_COST * (longer := max(stop + start, len(spoken)))
        ),
        default=(math.inf, 0, 0),
    )
    rest = len(words) - boundary
    if number > rest:
        return cost, range(len(words) if rest or earlier else min(number, len(words)))
    return cost, range(boundary - earlier, boundary + number)


def _prefixes(spoken: Sequence[str], words: Iterable[Sequence[str]]) -> tuple[list[tuple[int, int]], Costs]:
    """Returns so many phones as end with each word, beginning with none, and the number of the words.

    Beside it the costs [phones + 1, spoken + 1] between the prefixes of so many phones and of those spoken. Words end
    at twice as many phones.
    """
    phones: list[str] = []
    ends = [(0, 0)]
    for number, word in enumerate(words, start=1):
        if len(phones) + len(word) > 2 * len(spoken):
            break
        phones += word
        ends.append((len(phones), number))
    return ends, prefix_costs(substitution_costs(spoken, phones))
