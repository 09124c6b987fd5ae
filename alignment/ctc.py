"""CTC forced alignment: phones aligned with a recording by the recognizer's own posteriors."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from alignment.phone_set import posterior_columns
from alignment.timing import PhoneInterval, phone_intervals
from shared.audio.samples import SAMPLE_RATE
from shared.errors import AlignmentFailedError
from shared.recognizers.base import Posteriors

BLANK = 0

# A phone's posterior is a spike between blanks. So many samples of blank on each side belong to the phone at most; the
# rest of a longer stretch is a pause. Any value from 40 to 100 ms fits MFA's alignments.
MAX_BLANK_SAMPLES = 60 * SAMPLE_RATE // 1000


@dataclass(frozen=True)
class Emission:
    """The frames of one label on a CTC path, `start` up to `end`, without the blanks beside it.

    Of a label in frames, where a PhoneInterval is of a phone in samples.
    """

    start: int
    end: int


def align_phonemes(posteriors: Posteriors, phonemes: Sequence[str], num_samples: int) -> list[PhoneInterval]:
    """Returns one interval for each phone, in order, within a recording of `num_samples`.

    Raises AlignmentFailedError where there are too few frames for the phones.
    """
    if not phonemes:
        return []
    spans, columns = posterior_columns(posteriors.labels, phonemes)
    emissions = forced_alignment(posteriors.log_probs, columns)
    edges = _share_blanks(emissions, len(posteriors.log_probs), MAX_BLANK_SAMPLES / posteriors.frame_stride)
    return phone_intervals(spans, posteriors.first_sample + edges * posteriors.frame_stride, num_samples)


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
        before = np.full((3, len(states)), -np.inf)  # the score of the state 0, 1 or 2 earlier
        before[0] = score
        before[1, 1:] = score[:-1]
        before[2, 2:] = np.where(can_skip[2:], score[:-2], -np.inf)
        steps[frame] = before.argmax(axis=0)
        score = before.max(axis=0) + emitted[frame]
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
    """Returns the states of a CTC path, labels with a blank around each, and which may skip the blank before them.

    >>> states, can_skip = ctc_states([5, 7, 7])
    >>> states.tolist(), can_skip.nonzero()[0].tolist()
    ([0, 5, 0, 7, 0, 7, 0], [3])
    """
    states = np.full(2 * len(labels) + 1, BLANK)
    states[1::2] = labels
    can_skip = np.zeros(len(states), dtype=bool)
    can_skip[3::2] = states[3::2] != states[1:-2:2]
    return states, can_skip


def _share_blanks(emissions: Sequence[Emission], num_frames: int, max_blank: float) -> npt.NDArray[np.float64]:
    """Returns the edges [labels, 2] of labels in frames, with half the blanks on each side, at most `max_blank`."""
    edges = np.array([(emission.start, emission.end) for emission in emissions], dtype=np.float64)
    gaps = np.concatenate([[np.inf], edges[1:, 0] - edges[:-1, 1], [np.inf]])
    edges[:, 0] -= np.minimum(gaps[:-1] / 2, max_blank)
    edges[:, 1] += np.minimum(gaps[1:] / 2, max_blank)
    return edges.clip(0, num_frames)
