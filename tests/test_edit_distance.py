"""Edit operations."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alignment.edit_distance import GAP_COST, EditOperation, edit_operations
from tests.support.costs import edit_cost

phone_lists = st.lists(st.sampled_from("ptkbdɡszʃθðmnŋlɹwjhiɪɛæɑɔʊuə"), max_size=12)


def summary(operations: list[EditOperation]) -> list[str]:
    return [f"{operation.expected or ''}→{operation.actual or ''}@{operation.position}" for operation in operations]


def applied(operations: list[EditOperation], target: list[str]) -> list[str]:
    """Returns the actual phones, made from the target and what differs."""
    actual = list(target)
    for operation in reversed(operations):
        end = operation.position + (operation.type != "insert")
        actual[operation.position : end] = [operation.actual] if operation.actual else []
    return actual


@pytest.mark.parametrize(
    ("actual", "target", "expected"),
    [
        ("sɪnk", "θɪŋk", ["θ→s@0", "ŋ→n@2"]),
        ("dɪs", "ðɪs", ["ð→d@0"]),
        ("kæt", "kæts", ["s→@3"]),
        ("əskul", "skul", ["→ə@0"]),
        ("lɹaɪt", "ɹaɪt", ["→l@0"]),
        ("wɛl", "vɛɹi", ["v→w@0", "ɹ→l@2", "i→@3"]),
        ("d", "hɪ", ["h→d@0", "ɪ→@1"]),
        ("ɪ", "hɛ", ["h→@0", "ɛ→ɪ@1"]),
        ("ɹ", "bɪ", ["b→ɹ@0", "ɪ→@1"]),  # by panphon's features ɹ is nearer to ɪ
        ("ɹ", "pi", ["p→ɹ@0", "i→@1"]),
        ("", "æt", ["æ→@0", "t→@1"]),
        ("æt", "", ["→æ@0", "→t@0"]),
    ],
)
def test_similar_phones_are_paired(actual: str, target: str, expected: list[str]) -> None:
    assert summary(edit_operations(list(actual), list(target))) == expected


def test_indexes_count_the_phones_of_the_recording() -> None:
    operations = edit_operations(list("tɛstsz"), list("tɛtz"))
    assert [operation.actual_index for operation in operations] == [2, 4]
    deletion = edit_operations(list("tɛt"), list("tɛst"))[0]
    assert (deletion.type, deletion.position, deletion.actual_index) == ("delete", 2, 2)


@given(phone_lists, phone_lists)
def test_operations_turn_the_target_into_the_actual_phones(actual: list[str], target: list[str]) -> None:
    assert applied(edit_operations(actual, target), target) == actual


@given(phone_lists, phone_lists)
def test_only_equal_lists_have_no_cost(actual: list[str], target: list[str]) -> None:
    assert (edit_cost(actual, target) == 0) == (actual == target)
    assert edit_operations(target, target) == []


@settings(max_examples=1000)
@given(*[st.lists(st.sampled_from("ika"), max_size=6)] * 2)
def test_swapped_arguments_mirror_the_choice_among_equally_cheap(actual: list[str], target: list[str]) -> None:
    forth, back = edit_operations(actual, target), edit_operations(target, actual)
    assert [(o.expected, o.actual) for o in forth] == [(o.actual, o.expected) for o in back]


@given(phone_lists, phone_lists)
def test_swapping_the_arguments_swaps_insertions_and_deletions(actual: list[str], target: list[str]) -> None:
    forth, back = edit_operations(actual, target), edit_operations(target, actual)
    assert [(o.expected, o.actual) for o in forth] == [(o.actual, o.expected) for o in back]
    assert [(o.position, o.actual_index) for o in forth] == [(o.actual_index, o.position) for o in back]


@given(phone_lists, phone_lists)
def test_deleting_and_inserting_everything_costs_no_less(actual: list[str], target: list[str]) -> None:
    assert edit_cost(actual, target) <= GAP_COST * (len(actual) + len(target))


@given(phone_lists, phone_lists, phone_lists)
def test_the_cost_is_a_metric(a: list[str], b: list[str], c: list[str]) -> None:
    assert edit_cost(a, c) <= edit_cost(a, b) + edit_cost(b, c)
