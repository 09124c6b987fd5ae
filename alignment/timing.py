"""Phones and errors in time: intervals of sample points at 16 kHz."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from alignment.edit_distance import EditOperation
from shared.errors import AlignmentFailedError


@dataclass(frozen=True)
class PhoneInterval:
    """A phone and the samples it fills: from `start_sample` up to, not including, `end_sample`."""

    phoneme: str
    start_sample: int
    end_sample: int


@dataclass(frozen=True)
class Timestamp:
    """A stretch of a recording in samples at 16 kHz; empty where `start == end`."""

    start: int
    end: int


@dataclass(frozen=True)
class Mispronunciation:
    """An edit operation at its place in the recording: the fields of an answer's `errors`."""

    type: Literal["substitute", "insert", "delete"]
    position: int
    expected: str | None
    actual: str | None
    timestamp: Timestamp


def map_errors_to_timestamps(
    operations: Sequence[EditOperation], intervals: Sequence[PhoneInterval], num_samples: int | None = None
) -> list[Mispronunciation]:
    """Returns the operations as errors in time order, given the interval of every phone heard.

    A substitution or an insertion fills the interval of the phone heard. A deletion fills the gap where its phone
    should have been: from the end of the phone before to the start of the phone after, the recording's own start
    and end (`num_samples`; without it, the end of the last phone) standing for a missing neighbour.
    """
    starts = [interval.start_sample for interval in intervals]
    ends = [interval.end_sample for interval in intervals]
    gap_starts = [0, *ends]
    gap_ends = [*starts, num_samples if num_samples is not None else gap_starts[-1]]
    errors = []
    for operation in operations:
        index = operation.actual_index
        if operation.type == "delete":
            timestamp = Timestamp(gap_starts[index], gap_ends[index])
        else:
            timestamp = Timestamp(starts[index], ends[index])
        errors.append(
            Mispronunciation(operation.type, operation.position, operation.expected, operation.actual, timestamp)
        )
    return errors


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
