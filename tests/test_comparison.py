"""The phones pronounced beside the target's."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alignment.comparison import ERRORS, Comparison, PhonePair, compare, evidence_of, pair_phones
from alignment.edit_distance import edit_operations
from alignment.gop import PhoneGop
from shared.phonology.ipa import read_phones, read_words
from shared.recognizers.base import Posteriors

phones = st.lists(st.sampled_from("ptksaiu"), max_size=8)


@given(phones, phones, st.sets(st.integers(0, 15)))
def test_pairs_lead_from_the_target_to_the_phones_pronounced(
    actual: list[str], target: list[str], explained: set[int]
) -> None:
    operations = edit_operations(actual, target)
    explained_by = {operation: "elision" for k, operation in enumerate(operations) if k in explained}
    pairs = pair_phones(operations, actual, target, explained_by)
    assert [pair.expected for pair in pairs if pair.expected] == target
    comparison = Comparison(pairs, actual)
    assert comparison.actual == actual
    errors = comparison.errors
    assert [pair.status for pair in errors] == [o.type for o in operations if o not in explained_by]
    assert [pair.explained_by for pair in pairs if pair.status == "variant"] == ["elision"] * len(explained_by)
    assert all((pair.expected == pair.actual) == (pair.status == "match") for pair in pairs)
    for index, pair in enumerate(pairs):
        before = pairs[:index]
        assert pair.position == sum(earlier.expected is not None for earlier in before)
        assert pair.actual_index == sum(earlier.actual is not None for earlier in before)


def test_evidence_is_what_speaks_against_the_target() -> None:
    substituted, inserted = (pair for pair in pairs_of("katx", "pat") if pair.status in ERRORS)
    target = [PhoneGop(posterior=0.2, deletion=0.1)] * 3
    actual = [PhoneGop(posterior=0.7, deletion=0.4)] * 4
    assert evidence_of(substituted, target, actual) == pytest.approx(0.8)
    assert evidence_of(inserted, target, actual) == pytest.approx(0.6)


def pairs_of(actual: str, target: str) -> list[PhonePair]:
    return pair_phones(edit_operations(list(actual), list(target)), list(actual), list(target))


LABELS = ("", *"ptkbdɡsznmlɹjwðhiɪɛæəɑu", "ɜ˞", "t͡ʃ")
UNDECIDED = Posteriors(np.full((200, len(LABELS)), -np.log(len(LABELS)), dtype=np.float32), LABELS, frame_stride=320)


def compared(
    actual: str, target: str, pronunciations: list[list[list[str]]] | None = None
) -> list[tuple[str | None, str | None, str | None]]:
    """Returns each pair that is no match, with what explains it."""
    pairs = compare(UNDECIDED, read_phones(actual), read_words(target), pronunciations or ()).pairs
    return [(pair.expected, pair.actual, pair.explained_by) for pair in pairs if pair.status != "match"]


@pytest.mark.parametrize(
    ("actual", "target"), [("ðɜ˞", "ðə˞"), ("ðəɹ", "ðɚ"), ("ɹiːt͡ʃ", "ɹitʃ"), ("tʰæn", "tæ̃n"), ("bʌtɜ˞", "bɐtəɹ")]
)
def test_one_phone_has_one_notation_the_targets(actual: str, target: str) -> None:
    comparison = compare(UNDECIDED, read_phones(actual), read_words(target))
    assert comparison.actual == read_phones(target)
    assert comparison.errors == []


def test_a_variant_is_no_error_and_names_what_explains_it() -> None:
    assert compared("siti", "sidi") == [("d", "t", None)]
    assert compared("nɛksdeɪ", "nɛkst deɪ") == [("t", None, "elision: next day, old man")]
    assert compared("tɛlɪm", "tɛl hɪm") == [("h", None, "weak form")]


def test_a_known_word_may_have_any_pronunciation_of_the_dictionary() -> None:
    either = [read_phones(form) for form in ("iðɜ˞", "aɪðɜ˞")]
    assert compared("aɪðɜ˞", "iðɜ˞") == [(None, "a", None), ("i", "ɪ", None)]
    assert compared("aɪðɜ˞", "iðɜ˞", [either]) == [
        (None, "a", "another pronunciation"),
        ("i", "ɪ", "another pronunciation"),
    ]
    assert compared("uðɜ˞", "iðɜ˞", [either]) == [("i", "u", None)]
