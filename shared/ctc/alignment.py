"""CTC paths through the frames of a recording that emit given labels: the best of them, and all of them.

Graves et al., Connectionist Temporal Classification, 2006, section 4.1.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from shared.ctc.posteriors import BLANK
from shared.errors import AlignmentFailedError

LogProbs = npt.NDArray[np.floating[Any]]
"""Log-probabilities [frames, labels]."""
Likelihoods = npt.NDArray[np.float64]
"""Numbers of a semiring."""


@dataclass(frozen=True)
class Emission:
    """The frames of one label on a CTC path, `start` up to `end`, without the blanks beside it.

    Counts frames; a PhoneInterval counts samples.
    """

    start: int
    end: int


NO_PATH = -1e30  # the log-likelihood of none: the difference of two infinite ones is no number


class _Lattice(NamedTuple):
    """The states of the paths that emit labels: a blank, and each label with a blank after it.

    `columns` [states] are those of their labels. `sources` [arcs] are the states before each, `costs` [arcs, states]
    the nats that the arcs between cost, infinite where there is none, and `final_costs` [states] those of ending there.
    """

    columns: npt.NDArray[np.intp]
    sources: npt.NDArray[np.intp]
    costs: npt.NDArray[np.float64]
    final_costs: npt.NDArray[np.float64]


class Semiring(NamedTuple):
    """Numbers that stand for likelihoods: those of logarithms, how they add and multiply, and their logarithms.

    Goodman, Semiring Parsing, 1999.
    """

    of_logarithms: np.ufunc
    add: np.ufunc
    multiply: np.ufunc
    logarithms_of: np.ufunc


REAL = Semiring(np.exp, np.add, np.multiply, np.log)
LOGARITHMIC = Semiring(np.positive, np.logaddexp, np.add, np.positive)  # of any likelihood, but slower
TROPICAL = Semiring(np.positive, np.maximum, np.add, np.positive)  # the best path alone


class Paths(NamedTuple):
    """The likelihoods [frames + 1, recordings, labels + 1] of all paths through the first frames, by their last state.

    Row `t` is of the first `t` frames. Column `i` is of the label before label `i`, and of the blank between the two.
    """

    label: Likelihoods
    blank: Likelihoods


def forced_alignment(log_probs: LogProbs, labels: Sequence[int]) -> list[Emission]:
    """Returns the frames of each label on the best path through `log_probs` [frames, labels] (Viterbi).

    Raises AlignmentFailedError where there are too few frames.
    """
    scores = _states([(log_probs, labels)], TROPICAL)[:, 0, 2:]
    emissions = _emissions(scores, _skips(_columns(labels)).tolist())
    if emissions is None:
        raise AlignmentFailedError(
            f"{len(log_probs)} frames are too few for {len(labels)} phones; send a longer recording"
        )
    return emissions


def _emissions(scores: npt.NDArray[np.float64], skips: Sequence[float]) -> list[Emission] | None:
    """Returns the frames of each label on the best path, given the best scores [frames + 1, states] up to each frame.

    `skips` [states] is what it adds to come from the label before. None where no path leads to the end.
    """
    state = scores.shape[1] - 1
    if state and scores[-1, state - 1] > scores[-1, state]:
        state -= 1
    if not np.isfinite(scores[-1, state]):
        return None
    ends: dict[int, int] = {}
    starts: dict[int, int] = {}
    at = scores.item
    for frame in range(len(scores) - 2, -1, -1):
        ends.setdefault(state, frame + 1)
        starts[state] = frame
        source, best = state, at(frame, state)
        if state and at(frame, state - 1) > best:
            source, best = state - 1, at(frame, state - 1)
        if state > 1 and at(frame, state - 2) + skips[state] > best:
            source = state - 2
        state = source
    return [Emission(starts[state], ends[state]) for state in range(1, scores.shape[1], 2)]


def supported_labels(log_probs: LogProbs, labels: Sequence[int], cut_cost: float) -> list[int]:
    """Returns the indices of the labels that have frames on the best path, where any may be left out.

    To leave one out costs `cut_cost`, in nats. Time is frames times labels squared.
    """
    path = _best_path(log_probs, _lattice_with_cuts(labels, cut_cost))
    return [] if path is None else (np.unique(path[path % 2 == 1]) // 2).tolist()


def forward(recordings: Sequence[tuple[Likelihoods, Sequence[int]]], semiring: Semiring) -> Paths:
    """Returns the paths through the first frames of recordings [frames, columns] that emit labels."""
    states = _states(recordings, semiring)
    return Paths(states[..., 1::2], states[..., 2::2])


def _states(recordings: Sequence[tuple[LogProbs, Sequence[int]]], semiring: Semiring) -> Likelihoods:
    """Returns the likelihoods [frames + 1, recordings, states] of all paths through the first frames, by last state.

    The states are two that no path has, a blank, and each label with a blank after it.
    """
    frames = max((len(likelihoods) for likelihoods, _ in recordings), default=0)
    shape = len(recordings), 3 + 2 * max((len(labels) for _, labels in recordings), default=0)
    zero, one = semiring.of_logarithms([-np.inf, 0.0])
    emitted = np.full((frames, *shape), zero)
    skips = np.full(shape, zero)  # from the label before
    for index, (likelihoods, labels) in enumerate(recordings):
        emitted[: len(likelihoods), index, 2::2] = likelihoods[:, BLANK, None]
        emitted[: len(likelihoods), index, 3 : 2 * len(labels) + 3 : 2] = likelihoods[:, labels]
        skips[index, 5 : 2 * len(labels) + 3 : 2] = np.where(np.diff(labels), one, zero)
    states = np.full((frames + 1, *shape), zero)
    states[0, :, 2] = one  # in the first blank, before the first frame
    # All recordings are one row: what would come from the end of one to the next gets to states that emit nothing.
    rows, likelihoods, into_label = states.reshape(-1, skips.size), emitted.reshape(-1, skips.size), skips.ravel()[2:]
    steps = zip(rows[:, :-2], rows[:, 1:-1], rows[:, 2:], rows[1:, 2:], likelihoods[:, 2:], strict=False)
    for from_label, from_before, staying, after, of_frame in steps:
        ways = semiring.multiply(from_label, into_label)
        semiring.add(ways, from_before, out=ways)
        semiring.add(ways, staying, out=ways)
        semiring.multiply(ways, of_frame, out=after)
    return states


def log_likelihood(log_probs: LogProbs, labels: Sequence[int]) -> float:
    """Returns the log-likelihood of all paths through `log_probs` [frames, labels] that emit labels; `NO_PATH` of none.

    Takes memory for one frame.
    """
    columns = _columns(labels)
    skips = np.maximum(_skips(columns), NO_PATH)
    scores = np.full(len(columns) + 2, NO_PATH)
    scores[2] = 0.0
    for emitted in log_probs:
        entering = log_sum(scores[1:-1], scores[:-2] + skips)
        scores[2:] = np.maximum(log_sum(scores[2:], entering) + emitted[columns], NO_PATH)
    return float(log_sum(scores[-1:], scores[-2:-1])[0])


def log_sum(logarithms: LogProbs, others: LogProbs) -> npt.NDArray[np.float64]:
    """Returns the logarithms of the sums of numbers, given theirs, all of them finite.

    `np.logaddexp` takes ten times as long: it takes numbers one by one.

    >>> log_sum(np.log([0.5, 0.25]), np.log([0.25, 0.125])).round(4).tolist() == np.log([0.75, 0.375]).round(4).tolist()
    True
    """
    larger = np.maximum(logarithms, others)
    smaller = np.minimum(logarithms, others)
    np.subtract(smaller, larger, out=smaller)
    np.exp(smaller, out=smaller)
    np.log1p(smaller, out=smaller)
    return np.add(smaller, larger, out=smaller)


def _best_path(log_probs: LogProbs, lattice: _Lattice) -> npt.NDArray[np.intp] | None:
    """Returns the best path's state in each frame, [frames]; None where no path fits in the frames (Viterbi)."""
    scores = np.full((len(log_probs) + 1, len(lattice.columns)), -np.inf)
    scores[0, 0] = 0.0  # in the first blank, before the first frame
    arcs = np.empty(lattice.costs.shape)
    for before, after, emitted in zip(scores, scores[1:], log_probs[:, lattice.columns], strict=False):
        np.subtract(before.take(lattice.sources)[:, None], lattice.costs, out=arcs)
        np.maximum.reduce(arcs, out=after)
        np.add(after, emitted, out=after)
    final = scores[-1] - lattice.final_costs
    state = len(final) - 1 - int(final[::-1].argmax())
    if not np.isfinite(final[state]):
        return None
    costs = np.ascontiguousarray(lattice.costs.T)
    path = np.empty(len(log_probs), dtype=np.intp)
    for frame in range(len(path) - 1, -1, -1):
        path[frame] = state
        state = int(lattice.sources[(scores[frame, lattice.sources] - costs[state]).argmax()])
    return path


def _columns(labels: Sequence[int]) -> npt.NDArray[np.intp]:
    columns = np.full(2 * len(labels) + 1, BLANK)
    columns[1::2] = labels
    return columns


def _skips(columns: npt.NDArray[np.intp]) -> npt.NDArray[np.float64]:
    """Returns what it adds to come to each state from the label before: 0 if it is of another label, else -inf."""
    skips = np.full(len(columns), -np.inf)
    skips[3::2] = np.where(columns[3::2] != columns[1:-2:2], 0.0, -np.inf)
    return skips


def _lattice_with_cuts(labels: Sequence[int], cut_cost: float) -> _Lattice:
    """Returns the lattice of any of the labels: arcs from every state before, at a cost for each label between."""
    columns = _columns(labels)
    states = np.arange(len(columns))
    numbers = (states + 1) // 2  # of the label that a state has or comes after
    sources = np.concatenate([states[1::2], states[0::2]])
    before = sources[:, None]
    passed = numbers - numbers[before] - 1
    is_label, from_label = states % 2 == 1, before % 2 == 1
    enters = is_label & (passed >= 0) & ~(from_label & (columns == columns[before]))
    stays = (numbers == numbers[before]) & (from_label | ~is_label)
    costs = np.where(enters, cut_cost * passed, np.where(stays, 0.0, np.inf))
    return _Lattice(columns, sources, np.asfortranarray(costs), cut_cost * (numbers[-1] - numbers))
