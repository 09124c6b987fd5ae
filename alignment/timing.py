"""Phones and errors in time: intervals of sample points at 16 kHz."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from alignment.edit_distance import EditOperation
from alignment.phone_pairs import PhonePair
from alignment.phone_set import LabelSpan
from shared.audio.samples import SAMPLE_RATE
from shared.errors import AlignmentFailedError

# Samples of each neighbour that a deletion between two touching phones spans: half of the phones of the golden
# clips last 60 ms or less, so that the place sounds as the end of one phone and the beginning of the next.
MAX_REACH = 60 * SAMPLE_RATE // 1000

# A recognizer's phones are this near to the boundaries of synthesized speech in 95 of 100 cases (57 ms); an acoustic
# model's are farther in 12.
MAX_APART = 50 * SAMPLE_RATE // 1000


@dataclass(frozen=True)
class Timestamp:
    """A stretch of a recording as answers have it, in samples at 16 kHz: from `start` up to, not including, `end`."""

    start: int
    end: int


@dataclass(frozen=True)
class PhoneInterval:
    """A phone and the samples it fills: from `start_sample` up to, not including, `end_sample`."""

    phoneme: str
    start_sample: int
    end_sample: int

    @property
    def timestamp(self) -> Timestamp:
        """Its samples."""
        return Timestamp(self.start_sample, self.end_sample)


def map_errors_to_timestamps(
    errors: Sequence[EditOperation | PhonePair],
    intervals: Sequence[PhoneInterval],
    num_samples: int | None = None,
    first_sample: int = 0,
) -> list[Timestamp]:
    """Returns where errors, or any places of a comparison, are in a recording of `num_samples`, in time order.

    With `first_sample`, the recording begins there and ends at `num_samples`: speech within a longer one.

    `intervals` has that of every phone pronounced. A substituted or inserted phone has its own. A deleted phone has the
    gap between its neighbours; where they touch, it has what is around their boundary: half of each neighbour,
    `MAX_REACH` at most. Without a neighbour the gap goes to the recording's start or end, which without `num_samples`
    is the end of the last phone. So no timestamp is empty unless the recording is.

    >>> from alignment.edit_distance import edit_operations
    >>> intervals = [PhoneInterval("k", 0, 800), PhoneInterval("æ", 800, 4800), PhoneInterval("t", 5600, 6400)]
    >>> map_errors_to_timestamps(edit_operations(["k", "æ", "t"], ["k", "l", "æ", "s", "t"]), intervals)
    [Timestamp(start=400, end=1760), Timestamp(start=4800, end=5600)]
    """
    gaps = _gaps(intervals, num_samples, first_sample)
    return [
        gaps[error.actual_index] if error.actual is None else intervals[error.actual_index].timestamp
        for error in errors
    ]


def delayed(intervals: Sequence[PhoneInterval], num_samples: int) -> list[PhoneInterval]:
    """Returns intervals so many samples later.

    >>> delayed([PhoneInterval("k", 0, 800)], 100)
    [PhoneInterval(phoneme='k', start_sample=100, end_sample=900)]
    """
    return [PhoneInterval(i.phoneme, i.start_sample + num_samples, i.end_sample + num_samples) for i in intervals]


def _gaps(intervals: Sequence[PhoneInterval], num_samples: int | None, first_sample: int) -> list[Timestamp]:
    """Returns the gap before each phone and after the last, widened where it is empty."""
    recording_end = num_samples if num_samples is not None else intervals[-1].end_sample if intervals else 0
    starts = [first_sample, *(interval.end_sample for interval in intervals)]
    ends = [*(interval.start_sample for interval in intervals), recording_end]
    reaches = [0, *(min((i.end_sample - i.start_sample + 1) // 2, MAX_REACH) for i in intervals), 0]
    return [
        Timestamp(start, end) if start < end else Timestamp(start - before, end + after)
        for start, end, before, after in zip(starts, ends, reaches, reaches[1:], strict=False)
    ]


def phone_intervals(
    spans: Sequence[LabelSpan], edges: npt.NDArray[np.float64], num_samples: int
) -> list[PhoneInterval]:
    """Returns the interval of each phone within a recording of `num_samples`, given the labels' edges.

    `edges` [labels, 2] are in samples, and are rounded. The phones of one label share its interval in equal parts.
    Raises AlignmentFailedError where the recording has fewer samples than there are phones.

    >>> spans = [LabelSpan("n", ("n",)), LabelSpan("ow", ("o", "ʊ"))]
    >>> [(i.phoneme, i.start_sample, i.end_sample) for i in phone_intervals(spans, np.array([[0, 80], [80, 241]]), 240)]
    [('n', 0, 80), ('o', 80, 160), ('ʊ', 160, 240)]
    """
    intervals: list[PhoneInterval] = []
    for span, (start, end) in zip(spans, np.rint(edges).astype(int).tolist(), strict=True):
        intervals += divide(PhoneInterval(span.label, start, end), span.phones)
    return within(intervals, num_samples)


def within(intervals: Sequence[PhoneInterval], num_samples: int) -> list[PhoneInterval]:
    """Returns intervals moved as little as it takes to be in order, apart, not empty and inside a recording.

    Raises AlignmentFailedError where the recording has fewer samples than there are phones.
    """
    if len(intervals) > num_samples:
        raise AlignmentFailedError(f"{num_samples} samples are too few for {len(intervals)} phones")
    result: list[PhoneInterval] = []
    free = 0
    for index, interval in enumerate(intervals):
        room = num_samples - (len(intervals) - 1 - index)  # the phones after need a sample each
        start = min(max(interval.start_sample, free), room - 1)
        free = min(max(interval.end_sample, start + 1), room)
        result.append(PhoneInterval(interval.phoneme, start, free))
    return result


def divide(interval: PhoneInterval, phones: Sequence[str]) -> list[PhoneInterval]:
    """Returns an interval cut into equal parts, one for each phone."""
    start, length = interval.start_sample, interval.end_sample - interval.start_sample
    cuts = [start + length * k // len(phones) for k in range(len(phones) + 1)]
    return [PhoneInterval(phone, cuts[k], cuts[k + 1]) for k, phone in enumerate(phones)]


def corrected(
    intervals: Sequence[PhoneInterval], emissions: Sequence[PhoneInterval], num_samples: int
) -> list[PhoneInterval]:
    """Returns the intervals of an acoustic model, but those of a recognizer for phones that it emitted elsewhere.

    `emissions` are the intervals of the same phones by the recognizer's posteriors. Elsewhere is more than `MAX_APART`
    before or after: an acoustic model can put a phone on the wrong side of a pause. Of a neighbour that touched such a
    phone that edge is the recognizer's, too; of any other it is cut where it overlaps one.

    >>> model = [PhoneInterval("n", 0, 800), PhoneInterval("ɑ", 800, 1600), PhoneInterval("t", 8000, 8480)]
    >>> emitted = [PhoneInterval("n", 0, 700), PhoneInterval("ɑ", 700, 1400), PhoneInterval("t", 1400, 2000)]
    >>> [(i.phoneme, i.start_sample, i.end_sample) for i in corrected(model, emitted, 9000)]
    [('n', 0, 800), ('ɑ', 800, 1400), ('t', 1400, 2000)]
    """
    elsewhere = [
        max(interval.start_sample - emission.end_sample, emission.start_sample - interval.end_sample) > MAX_APART
        for interval, emission in zip(intervals, emissions, strict=True)
    ]
    chosen = [e if moved else i for i, e, moved in zip(intervals, emissions, elsewhere, strict=True)]
    starts, ends = [i.start_sample for i in chosen], [i.end_sample for i in chosen]
    for k, (before, after) in enumerate(itertools.pairwise(elsewhere)):
        touched = intervals[k].end_sample == intervals[k + 1].start_sample
        if before and not after and touched:
            starts[k + 1] = emissions[k + 1].start_sample
        if after and not before:
            ends[k] = emissions[k].end_sample if touched else min(ends[k], starts[k + 1])
    phones = [interval.phoneme for interval in intervals]
    return within([PhoneInterval(*edges) for edges in zip(phones, starts, ends, strict=True)], num_samples)
