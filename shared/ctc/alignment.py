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


@dataclass(frozen=True)
class Emission:
    """The frames of one label on a CTC path, `start` up to `end`, without the blanks beside it.

    Counts frames; a PhoneInterval counts samples.
    """

    start: int
    end: int


class _Lattice(NamedTuple):
    """The states of the paths that emit labels: a blank, and each label with a blank after it.

    `columns` [states] are those of their labels. `sources` [arcs, states or 1] are the states before each, `costs`
    [arcs, states] the nats that the arcs between cost, and `final_costs` [states] those of ending there: infinite where
    there is no arc, and where a path must go on.
    """

    columns: npt.NDArray[np.intp]
    sources: npt.NDArray[np.intp]
    costs: npt.NDArray[np.float64]
    final_costs: npt.NDArray[np.float64]


class Paths(NamedTuple):
    """The log-likelihoods [frames + 1, labels + 1] of all paths through the first frames, by their last state.

    Row `t` is of the first `t` frames. Column `i` is of the blank before label `i`, of the label before that blank, and
    of either.
    """

    blank: npt.NDArray[np.float64]
    label: npt.NDArray[np.float64]
    either: npt.NDArray[np.float64]


def forced_alignment(log_probs: LogProbs, labels: Sequence[int]) -> list[Emission]:
    """Returns the frames of each label on the best path through `log_probs` [frames, labels].

    Raises AlignmentFailedError where there are too few frames.
    """
    if not labels:
        return []
    path = _best_path(log_probs, _lattice(labels))
    if path is None:
        raise AlignmentFailedError(
            f"{len(log_probs)} frames are too few for {len(labels)} phones; send a longer recording"
        )
    states = np.arange(1, 2 * len(labels), 2)
    starts, ends = np.searchsorted(path, states, side="left"), np.searchsorted(path, states, side="right")
    return [Emission(start, end) for start, end in zip(starts.tolist(), ends.tolist(), strict=True)]


def supported_labels(log_probs: LogProbs, labels: Sequence[int], cut_cost: float) -> list[int]:
    """Returns the indices of the labels that have frames on the best path, where any may be left out.

    To leave one out costs `cut_cost`, in nats. Time is frames times labels squared.
    """
    path = _best_path(log_probs, _lattice_with_cuts(labels, cut_cost))
    return [] if path is None else (np.unique(path[path % 2 == 1]) // 2).tolist()


def forward(recordings: Sequence[tuple[LogProbs, Sequence[int]]]) -> list[Paths]:
    """Returns the paths through the first frames of recordings [frames, columns] that emit labels."""
    frames = max((len(log_probs) for log_probs, _ in recordings), default=0)
    shape = len(recordings), max((len(labels) for _, labels in recordings), default=0)
    differs = np.ones(shape, dtype=bool)  # a label from the one before
    of_blank, of_label = np.zeros((frames, shape[0], 1)), np.zeros((frames, *shape))
    for index, (log_probs, labels) in enumerate(recordings):
        differs[index, 1 : len(labels)] = np.diff(labels) != 0
        of_blank[: len(log_probs), index, 0] = log_probs[:, BLANK]
        of_label[: len(log_probs), index, : len(labels)] = log_probs[:, labels]
    blank, label, either = (np.full((frames + 1, shape[0], shape[1] + 1), -np.inf) for _ in Paths._fields)
    blank[0, :, 0] = either[0, :, 0] = 0.0
    for frame in range(frames):
        entering = np.where(differs, either[frame, :, :-1], blank[frame, :, :-1])
        np.add(either[frame], of_blank[frame], out=blank[frame + 1])
        np.add(np.logaddexp(label[frame, :, 1:], entering), of_label[frame], out=label[frame + 1, :, 1:])
        np.logaddexp(blank[frame + 1], label[frame + 1], out=either[frame + 1])
    return [
        Paths(*(array[: len(log_probs) + 1, index, : len(labels) + 1] for array in (blank, label, either)))
        for index, (log_probs, labels) in enumerate(recordings)
    ]


def _best_path(log_probs: LogProbs, lattice: _Lattice) -> npt.NDArray[np.intp] | None:
    """Returns the best path's state in each frame, [frames]; None where no path fits in the frames (Viterbi)."""
    scores = np.full((len(log_probs) + 1, len(lattice.columns)), -np.inf)
    scores[0, 0] = 0.0  # in the first blank, before the first frame
    arcs = np.empty(lattice.costs.shape)
    for before, after, emitted in zip(scores, scores[1:], log_probs[:, lattice.columns], strict=False):
        np.subtract(before.take(lattice.sources), lattice.costs, out=arcs)
        np.maximum.reduce(arcs, out=after)
        np.add(after, emitted, out=after)
    final = scores[-1] - lattice.final_costs
    state = len(final) - 1 - int(final[::-1].argmax())
    if not np.isfinite(final[state]):
        return None
    sources, costs = (np.ascontiguousarray(array.T) for array in np.broadcast_arrays(lattice.sources, lattice.costs))
    path = np.empty(len(log_probs), dtype=np.intp)
    for frame in range(len(path) - 1, -1, -1):
        path[frame] = state
        own = sources[state]
        state = int(own[(scores[frame, own] - costs[state]).argmax()])
    return path


def _columns(labels: Sequence[int]) -> npt.NDArray[np.intp]:
    columns = np.full(2 * len(labels) + 1, BLANK)
    columns[1::2] = labels
    return columns


def _lattice(labels: Sequence[int]) -> _Lattice:
    """Returns the lattice of all labels: arcs from each state, the one before, and the label before if it is another.

    >>> _lattice([5, 7, 7]).columns.tolist(), np.isfinite(_lattice([5, 7, 7]).costs[2]).nonzero()[0].tolist()
    ([0, 5, 0, 7, 0, 7, 0], [3])
    """
    columns = _columns(labels)
    states = np.arange(len(columns))
    sources = states - np.arange(3)[:, None]
    costs = np.where(sources >= 0, 0.0, np.inf)
    costs[2] = np.where((states % 2 == 1) & (columns != columns[sources[2]]), costs[2], np.inf)
    return _Lattice(columns, sources.clip(0), costs, np.where(states >= len(states) - 2, 0.0, np.inf))


def _lattice_with_cuts(labels: Sequence[int], cut_cost: float) -> _Lattice:
    """Returns the lattice of any of the labels: arcs from every state before, at a cost for each label between."""
    columns = _columns(labels)
    states = np.arange(len(columns))
    numbers = (states + 1) // 2  # of the label that a state has or comes after
    sources = np.concatenate([states[1::2], states[0::2]])[:, None]
    passed = numbers - numbers[sources] - 1
    is_label, from_label = states % 2 == 1, sources % 2 == 1
    enters = is_label & (passed >= 0) & ~(from_label & (columns == columns[sources]))
    stays = (numbers == numbers[sources]) & (from_label | ~is_label)
    costs = np.where(enters, cut_cost * passed, np.where(stays, 0.0, np.inf))
    return _Lattice(columns, sources, np.asfortranarray(costs), cut_cost * (numbers[-1] - numbers))
