"""Errors in time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alignment.edit_distance import edit_operations
from alignment.timing import PhoneInterval, Timestamp, divide, map_errors_to_timestamps, within
from shared.errors import AlignmentFailedError

HEARD = [PhoneInterval("k", 100, 200), PhoneInterval("æ", 200, 350), PhoneInterval("t", 400, 500)]


def timestamps(target: str) -> list[tuple[str, int, int]]:
    operations = edit_operations([interval.phoneme for interval in HEARD], list(target))
    errors = map_errors_to_timestamps(operations, HEARD, 1000)
    return [(error.type, error.timestamp.start, error.timestamp.end) for error in errors]


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("kæt", []),
        ("kɛt", [("substitute", 200, 350)]),
        ("æt", [("insert", 100, 200)]),
        ("kæst", [("delete", 350, 400)]),
        ("ksæt", [("delete", 200, 200)]),
        ("skæt", [("delete", 0, 100)]),
        ("kæts", [("delete", 500, 1000)]),
        ("skɛts", [("delete", 0, 100), ("substitute", 200, 350), ("delete", 500, 1000)]),
    ],
)
def test_each_kind_of_error_has_its_place(target: str, expected: list[tuple[str, int, int]]) -> None:
    assert timestamps(target) == expected


def test_nothing_heard_leaves_the_whole_recording() -> None:
    errors = map_errors_to_timestamps(edit_operations([], ["a", "b"]), [], 1000)
    assert [error.timestamp for error in errors] == [Timestamp(0, 1000)] * 2


def test_without_the_length_a_deletion_at_the_end_is_empty() -> None:
    errors = map_errors_to_timestamps(edit_operations(list("kæt"), list("kæts")), HEARD)
    assert errors[0].timestamp == Timestamp(500, 500)


phones = st.lists(st.sampled_from("ptksaiu"), max_size=8)


@given(phones, phones, st.integers(0, 400))
def test_errors_are_inside_and_in_order(actual: list[str], target: list[str], end: int) -> None:
    cuts = [30 * k for k in range(len(actual) + 1)]
    intervals = [PhoneInterval(p, a, b) for p, a, b in zip(actual, cuts, cuts[1:], strict=False)]
    num_samples = cuts[-1] + end
    errors = map_errors_to_timestamps(edit_operations(actual, target), intervals, num_samples)
    places = [error.timestamp for error in errors]
    assert all(0 <= place.start <= place.end <= num_samples for place in places)
    assert [place.start for place in places] == sorted(place.start for place in places)


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
