"""Errors in time."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alignment.edit_distance import edit_operations
from alignment.timing import (
    MAX_APART,
    MAX_REACH,
    PhoneInterval,
    Timestamp,
    corrected,
    divide,
    map_errors_to_timestamps,
    within,
)
from shared.errors import AlignmentFailedError

INTERVALS = [PhoneInterval("k", 100, 200), PhoneInterval("æ", 200, 350), PhoneInterval("t", 400, 500)]


def timestamps(target: str) -> list[tuple[str, int, int]]:
    operations = edit_operations([interval.phoneme for interval in INTERVALS], list(target))
    timestamps = map_errors_to_timestamps(operations, INTERVALS, 1000)
    return [(o.type, timestamp.start, timestamp.end) for o, timestamp in zip(operations, timestamps, strict=True)]


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("kæt", []),
        ("kɛt", [("substitute", 200, 350)]),
        ("æt", [("insert", 100, 200)]),
        ("kæst", [("delete", 350, 400)]),
        ("ksæt", [("delete", 150, 275)]),
        ("skæt", [("delete", 0, 100)]),
        ("kæts", [("delete", 500, 1000)]),
        ("skɛts", [("delete", 0, 100), ("substitute", 200, 350), ("delete", 500, 1000)]),
    ],
)
def test_each_kind_of_error_has_its_place(target: str, expected: list[tuple[str, int, int]]) -> None:
    assert timestamps(target) == expected


def test_without_phones_a_deletion_has_the_whole_recording() -> None:
    assert map_errors_to_timestamps(edit_operations([], ["a", "b"]), [], 1000) == [Timestamp(0, 1000)] * 2


def test_without_the_length_the_recording_ends_with_its_last_phone() -> None:
    assert map_errors_to_timestamps(edit_operations(list("kæt"), list("kæts")), INTERVALS) == [Timestamp(450, 500)]


def test_a_deletion_between_phones_that_touch_spans_60_ms_of_each_at_most() -> None:
    long_phones = [PhoneInterval("a", 0, 16_000), PhoneInterval("i", 16_000, 32_000)]
    [timestamp] = map_errors_to_timestamps(edit_operations(["a", "i"], ["a", "t", "i"]), long_phones, 32_000)
    assert timestamp == Timestamp(16_000 - 960, 16_000 + 960)


phones = st.lists(st.sampled_from("ptksaiu"), max_size=8)


# Lengths of pauses and phones, in turn; phones are not empty.
lengths = st.lists(st.tuples(st.just(0) | st.integers(0, 3000), st.integers(1, 3000)), min_size=8, max_size=8)


@given(phones, phones, lengths, st.integers(0, 400))
def test_errors_are_in_order_inside_the_recording_and_not_empty(
    actual: list[str], target: list[str], lengths: list[tuple[int, int]], after: int
) -> None:
    intervals, end = [], 0
    for phone, (pause, length) in zip(actual, lengths, strict=False):
        intervals.append(PhoneInterval(phone, end + pause, end + pause + length))
        end += pause + length
    operations = edit_operations(actual, target)
    timestamps = map_errors_to_timestamps(operations, intervals, end + after)
    assert all(0 <= timestamp.start <= timestamp.end <= end + after for timestamp in timestamps)
    assert all(timestamp.start < timestamp.end for timestamp in timestamps) or end + after == 0
    assert [timestamp.start for timestamp in timestamps] == sorted(timestamp.start for timestamp in timestamps)
    assert [timestamp.end for timestamp in timestamps] == sorted(timestamp.end for timestamp in timestamps)
    edges = [0, *(edge for i in intervals for edge in (i.start_sample, i.end_sample)), end + after]
    for operation, timestamp in zip(operations, timestamps, strict=True):
        gap_start, gap_end = edges[2 * operation.actual_index], edges[2 * operation.actual_index + 1]
        if operation.type != "delete":
            assert timestamp == intervals[operation.actual_index].timestamp
        elif gap_start < gap_end:
            assert timestamp == Timestamp(gap_start, gap_end)
        else:
            assert gap_start - MAX_REACH <= timestamp.start <= gap_start <= timestamp.end <= gap_end + MAX_REACH


raw = st.lists(st.tuples(st.integers(-50, 300), st.integers(-50, 300)), max_size=10)


@given(raw, st.integers(0, 250))
def test_intervals_are_put_within_a_recording(places: list[tuple[int, int]], num_samples: int) -> None:
    intervals = [PhoneInterval("a", start, end) for start, end in places]
    if len(intervals) > num_samples:
        with pytest.raises(AlignmentFailedError):
            within(intervals, num_samples)
        return
    result = within(intervals, num_samples)
    edges = [edge for interval in result for edge in (interval.start_sample, interval.end_sample)]
    assert len(result) == len(intervals)
    assert edges == sorted(edges)
    assert all(interval.start_sample < interval.end_sample for interval in result)
    assert not edges or (edges[0] >= 0 and edges[-1] <= num_samples)


def test_a_diphthong_is_divided_in_the_middle() -> None:
    assert divide(PhoneInterval("ow", 100, 201), ["o", "ʊ"]) == [
        PhoneInterval("o", 100, 150),
        PhoneInterval("ʊ", 150, 201),
    ]


DURATION = 10 * MAX_APART
edges = st.lists(st.integers(0, DURATION), min_size=12, max_size=12, unique=True).map(sorted)


def apart(edges: list[int]) -> list[PhoneInterval]:
    return [PhoneInterval("a", start, end) for start, end in zip(edges[::2], edges[1::2], strict=True)]


@given(edges, edges)
def test_corrected_intervals_are_in_order_and_near_where_each_phone_was_emitted(
    model: list[int], emitted: list[int]
) -> None:
    emissions = apart(emitted)
    intervals = corrected(apart(model), emissions, DURATION)
    assert all(interval.start_sample < interval.end_sample for interval in intervals)
    assert all(one.end_sample <= other.start_sample for one, other in itertools.pairwise(intervals))
    gaps = [
        max(i.start_sample - e.end_sample, e.start_sample - i.end_sample)
        for i, e in zip(intervals, emissions, strict=True)
    ]
    assert max(gaps) <= MAX_APART + len(intervals)


@pytest.mark.parametrize(
    ("model", "emitted", "expected"),
    [
        ([5000, 5200, 5200, 5700], [0, 2000, 2000, 5500], [0, 2000, 2000, 5700]),  # a neighbour after it, touching
        ([5000, 5200, 6000, 6500], [0, 2000, 2000, 6400], [0, 2000, 6000, 6500]),  # apart
        ([0, 200, 1000, 4000], [2000, 3000, 3000, 3900], [2000, 3000, 3000, 4000]),  # overlapped
        ([800, 1600, 1600, 1700], [800, 3000, 5000, 5500], [800, 3000, 5000, 5500]),  # before it, touching
        ([800, 1600, 1700, 1800], [800, 3000, 5000, 5500], [800, 1600, 5000, 5500]),
        ([800, 1600, 8000, 8100], [800, 1300, 1400, 2000], [800, 1400, 1400, 2000]),
    ],
)
def test_a_neighbour_of_a_moved_phone_keeps_its_pause(
    model: list[int], emitted: list[int], expected: list[int]
) -> None:
    assert corrected(apart(model), apart(emitted), DURATION) == apart(expected)


@given(edges)
def test_where_both_agree_nothing_is_corrected(model: list[int]) -> None:
    assert corrected(apart(model), apart(model), DURATION) == apart(model)
