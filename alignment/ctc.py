"""Phones in time by the recogniser's own frame posteriors: CTC forced alignment."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from alignment.phone_set import LabelSpan, phone_set_of
from alignment.timing import PhoneInterval, divide, within
from shared.errors import AlignmentFailedError
from shared.recognizers.base import Posteriors

BLANK = 0

# A phone's posterior is a spike; around it the blank has the frames. Up to this many samples of blank on each side
# are the phone's own, and what is left of a longer stretch is a pause. Any from 40 to 100 ms fits MFA's alignments.
REACH = 960


@dataclass(frozen=True)
class Emission:
    """The frames in which a forced alignment has one label: `start` up to `end`."""

    start: int
    end: int


def align_phonemes(posteriors: Posteriors, phonemes: Sequence[str], num_samples: int) -> list[PhoneInterval]:
    """Returns one interval for each phone, in order, within a recording of `num_samples`.

    Raises AlignmentFailedError where there are too few frames for the phones.
    """
    if not phonemes:
        return []
    spellings, emissions = _align(posteriors, phonemes)
    frames = _share_blanks(emissions, len(posteriors.log_probs), REACH / posteriors.frame_stride)
    cuts = np.rint(posteriors.first_sample + frames * posteriors.frame_stride).astype(int)
    intervals: list[PhoneInterval] = []
    for spelling, (start, end) in zip(spellings, cuts.tolist(), strict=True):
        intervals += divide(PhoneInterval(spelling.label, start, end), spelling.phones)
    return within(intervals, num_samples)


def _align(posteriors: Posteriors, phonemes: Sequence[str]) -> tuple[list[LabelSpan], list[Emission]]:
    spellings = phone_set_of(posteriors.labels[1:]).label_spans(phonemes)
    columns = {label: column for column, label in enumerate(posteriors.labels)}
    return spellings, forced_alignment(posteriors.log_probs, [columns[spelling.label] for spelling in spellings])


def forced_alignment(log_probs: npt.NDArray[np.float32], labels: Sequence[int]) -> list[Emission]:
    """Returns the frames of each label on the best CTC path [frames] through `log_probs` [frames, labels].

    Viterbi over the labels with blanks between them (Graves et al., Connectionist Temporal Classification, 2006,
    section 4.1, with max in place of sum). Raises AlignmentFailedError where there are too few frames.
    """
    if not labels:
        return []
    states, can_skip = ctc_states(labels)
    emitted = log_probs[:, states]

    frames = len(emitted)
    steps = np.zeros((frames, len(states)), dtype=np.int8)
    score = np.full(len(states), -np.inf)
    if frames:
        score[:2] = emitted[0, :2]
    for frame in range(1, frames):
        ways = np.full((3, len(states)), -np.inf)
        ways[0] = score
        ways[1, 1:] = score[:-1]
        ways[2, 2:] = np.where(can_skip[2:], score[:-2], -np.inf)
        steps[frame] = ways.argmax(axis=0)
        score = ways.max(axis=0) + emitted[frame]
    state = len(states) - 1 if score[-1] >= score[-2] else len(states) - 2
    if not np.isfinite(score[state]):
        raise AlignmentFailedError(f"{frames} frames are too few for {len(labels)} phones; send a longer recording")

    path = np.empty(frames, dtype=np.int64)
    for frame in range(frames - 1, -1, -1):
        path[frame] = state
        state -= int(steps[frame, state])
    starts = np.searchsorted(path, np.arange(1, len(states), 2), side="left")
    ends = np.searchsorted(path, np.arange(1, len(states), 2), side="right")
    return [Emission(int(start), int(end)) for start, end in zip(starts, ends, strict=True)]


def ctc_states(labels: Sequence[int]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """Returns the labels [states] of a CTC path, a blank around every one, and where it can skip the blank before."""
    states = np.full(2 * len(labels) + 1, BLANK)
    states[1::2] = labels
    can_skip = np.zeros(len(states), dtype=bool)
    can_skip[3::2] = states[3::2] != states[1:-2:2]
    return states, can_skip


def _share_blanks(emissions: Sequence[Emission], num_frames: int, reach: float) -> npt.NDArray[np.float64]:
    """Returns the edges [phones, 2] of phones in frames: each stretch of blanks goes half to each neighbour."""
    edges = np.array([(emission.start, emission.end) for emission in emissions], dtype=np.float64)
    gaps = np.concatenate([[np.inf], edges[1:, 0] - edges[:-1, 1], [np.inf]])
    edges[:, 0] -= np.minimum(gaps[:-1] / 2, reach)
    edges[:, 1] += np.minimum(gaps[1:] / 2, reach)
    return edges.clip(0, num_frames)
