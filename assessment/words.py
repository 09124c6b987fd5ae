"""The words of a target, and what was pronounced of each."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, count
from typing import Annotated, Literal

from pydantic import Field

from alignment.comparison import ERRORS, PhonePair
from alignment.timing import Timestamp
from assessment.scoring import score
from assessment.target import Target

WordStatus = Literal["correct", "mispronounced", "omitted", "inserted"]


@dataclass(frozen=True)
class Word:
    """A word of the target or, where `text` is null, a run of phones inserted between two words.

    `expected` and `actual` are the phones of the target and those pronounced. `errors` are indices of the answer's
    errors. A word is `omitted` where none of its phones was pronounced.
    """

    text: str | None
    expected: str
    actual: str
    timestamp: Timestamp
    score: Annotated[float | None, Field(ge=0, le=1)]
    errors: list[int]
    status: WordStatus


@dataclass(frozen=True)
class PlacedPair:
    """A pair of phones with its timestamp and, where it is an error, the error's index and cost."""

    pair: PhonePair
    timestamp: Timestamp
    error: int | None
    cost: float


def read_words(
    target: Target, pairs: Sequence[PhonePair], timestamps: Sequence[Timestamp], costs: Sequence[float]
) -> list[Word]:
    """Returns the words of a target and the runs of phones inserted between them, in order.

    `timestamps` are those of the pairs, `costs` those of the errors among them, in target phones. There is no word
    where the target's IPA does not separate any.
    """
    if not target.texts:
        return []
    starts = [0, *accumulate(map(len, target.words))]
    words: defaultdict[int, list[PlacedPair]] = defaultdict(list)
    inserted: defaultdict[int, list[PlacedPair]] = defaultdict(list)
    for placed in _place(pairs, timestamps, costs):
        position = placed.pair.position
        if placed.pair.status == "insert" and position in starts:
            inserted[starts.index(position)].append(placed)
        else:  # phones that a variant adds between two words end the first
            last = position if placed.pair.expected is not None else max(position - 1, 0)
            words[bisect_right(starts, last) - 1].append(placed)
    result = []
    for index, text in enumerate([*target.texts, None]):
        result += [_word(None, inserted[index])] if inserted[index] else []
        result += [_word(text, words[index])] if text is not None else []
    return result


def _place(pairs: Sequence[PhonePair], timestamps: Sequence[Timestamp], costs: Sequence[float]) -> Iterator[PlacedPair]:
    errors = count()
    for pair, timestamp in zip(pairs, timestamps, strict=True):
        index = next(errors) if pair.status in ERRORS else None
        yield PlacedPair(pair, timestamp, index, 0.0 if index is None else costs[index])


def _word(text: str | None, placed: Sequence[PlacedPair]) -> Word:
    """Returns a word of the target, or a run of insertions, which has no text."""
    expected = [p.pair.expected for p in placed if p.pair.expected is not None]
    actual = [p.pair.actual for p in placed if p.pair.actual is not None]
    times = [p.timestamp for p in placed if p.pair.actual is not None] or [p.timestamp for p in placed]
    errors = [p.error for p in placed if p.error is not None]
    status: WordStatus = "mispronounced" if errors else "correct"
    if text is None:
        status = "inserted"
    elif errors and not actual:
        status = "omitted"
    return Word(
        text=text,
        expected="".join(expected),
        actual="".join(actual),
        timestamp=Timestamp(min(t.start for t in times), max(t.end for t in times)),
        score=None if text is None else score([p.cost for p in placed if p.error is not None], len(expected)),
        errors=errors,
        status=status,
    )
