"""The words of a target, and what was pronounced of each."""

import itertools
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Annotated, Literal

from pydantic import Field

from alignment.filled_pauses import FILLED_PAUSE
from alignment.phone_pairs import ERRORS
from alignment.timing import Timestamp
from assessment.disfluency import Repetition
from assessment.scoring import AlignedPair, score
from assessment.target import Target
from shared.g2p.letters import Grapheme, align_letters
from shared.recognizers.calibration import MarkModel

WordStatus = Literal["correct", "mispronounced", "omitted", "inserted", "repeated", "filled_pause"]
OF_TARGET: tuple[WordStatus, ...] = ("correct", "mispronounced", "omitted")


@dataclass(frozen=True)
class Word:
    """A word of the target, or what was inserted between two: words repeated, a filled pause, or other phones.

    `text` is the word, or the words that are repeated; null for a filled pause and other phones. `expected` and
    `actual` are the phones of the target and those pronounced. `score` is the accuracy that experts would give the
    word, 0 where it was omitted; of an engine without phone scorer, what its errors leave. `errors` are indices of the
    answer's errors. A word is `omitted` where none of its phones was pronounced. `letters` are null where the word is
    not in English spelling.
    """

    text: str | None
    expected: str
    actual: str
    timestamp: Timestamp
    score: Annotated[float | None, Field(ge=0, le=1)]
    errors: list[int]
    status: WordStatus
    # An answer that an older worker gave has none.
    letters: list[Grapheme] | None = None


@dataclass(frozen=True)
class PlacedPair:
    """A pair of phones with its index and, where it is an error, the error's index and cost."""

    index: int
    pair: AlignedPair
    error: int | None
    cost: float


def build_words(
    target: Target, pairs: Sequence[AlignedPair], costs: Sequence[float], repetitions: Sequence[Repetition]
) -> list[Word]:
    """Returns the words of a target and the runs of phones inserted between them, in order.

    `costs` are those of the errors among the pairs, in target phones; `repetitions` are runs of the pairs. There is no
    word where the target's IPA does not separate any.
    """
    if not target.texts:
        return []
    starts = [0, *accumulate(map(len, target.words))]
    words: defaultdict[int, list[PlacedPair]] = defaultdict(list)
    inserted: defaultdict[int, list[PlacedPair]] = defaultdict(list)
    for placed in _place(pairs, costs):
        position = placed.pair.position
        if _is_between_words(placed.pair) and position in starts:
            inserted[starts.index(position)].append(placed)
        else:  # phones that a variant adds between two words end the first
            last = position if placed.pair.expected is not None else max(position - 1, 0)
            words[bisect_right(starts, last) - 1].append(placed)
    result = []
    repeated = {
        index: " ".join(target.texts[k] for k in found.words)
        for found in repetitions
        for index in range(found.start, found.end)
    }
    for index, text in enumerate([*target.texts, None]):
        for status, run in itertools.groupby(inserted[index], key=lambda placed: _inserted_status(placed, repeated)):
            members = list(run)
            result.append(_word(repeated.get(members[0].index), members, status))
        if text is not None:
            letters = align_letters(text, target.words[index], starts[index]) if target.is_spelled else None
            result.append(replace(_word(text, words[index]), letters=letters))
    return result


def with_marks(words: Sequence[Word], target: Target, marks: Sequence[float], model: MarkModel) -> list[Word]:
    """Returns words with the accuracy that experts would give them, given the marks of the target's phones."""
    own = iter(by_word(marks, target))
    return [replace(word, score=_mark(word, next(own), model)) if word.status in OF_TARGET else word for word in words]


def _mark(word: Word, marks: Sequence[float], model: MarkModel) -> float:
    return 0.0 if word.status == "omitted" else round(model(predictors(marks)), 4)


def by_word(marks: Sequence[float], target: Target) -> list[Sequence[float]]:
    """Returns the marks of a target's phones by words."""
    edges = itertools.pairwise(accumulate(map(len, target.words), initial=0))
    return [marks[start:end] for start, end in edges]


def predictors(marks: Sequence[float]) -> list[float]:
    """Returns what the mark of a word is predicted from: the mean and the worst of its phones' marks."""
    return [sum(marks) / len(marks), min(marks)]


def _is_between_words(pair: AlignedPair) -> bool:
    return pair.status == "insert" or (pair.explained_by == FILLED_PAUSE and pair.expected is None)


def _inserted_status(placed: PlacedPair, repeated: Container[int]) -> WordStatus:
    if placed.pair.explained_by == FILLED_PAUSE:
        return "filled_pause"
    return "repeated" if placed.index in repeated else "inserted"


def _place(pairs: Sequence[AlignedPair], costs: Sequence[float]) -> Iterator[PlacedPair]:
    errors = enumerate(costs)
    for index, pair in enumerate(pairs):
        yield PlacedPair(index, pair, *(next(errors) if pair.status in ERRORS else (None, 0.0)))


def _word(text: str | None, placed: Sequence[PlacedPair], status: WordStatus | None = None) -> Word:
    """Returns a word of the target, or with a status a run of phones inserted."""
    expected = [p.pair.expected for p in placed if p.pair.expected is not None]
    actual = [p.pair.actual for p in placed if p.pair.actual is not None]
    times = [p.pair.timestamp for p in placed if p.pair.actual is not None] or [p.pair.timestamp for p in placed]
    errors = [p.error for p in placed if p.error is not None]
    is_inserted = status is not None
    if status is None:
        status = "correct" if not errors else "mispronounced" if actual else "omitted"
    return Word(
        text=text,
        expected="".join(expected),
        actual="".join(actual),
        timestamp=Timestamp(min(t.start for t in times), max(t.end for t in times)),
        score=None if is_inserted else score([p.cost for p in placed if p.error is not None], len(expected)),
        errors=errors,
        status=status,
    )
