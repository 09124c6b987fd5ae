"""Whether speech is of another text: by the words that were pronounced, not by what was omitted or inserted."""

import dataclasses
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alignment.comparison import Comparison
from alignment.decoding import Segment
from assessment.verification import MAX_PHONE_EVIDENCE, MIN_RUN, is_off_target, word_evidence
from shared.recognizers.calibration import MaxEvidence

LIMIT = MaxEvidence(word=3.0, sentence=1.0)
PRONOUNCED, OTHER = -5.0, 5.0

words = st.lists(st.lists(st.floats(-30, 30), min_size=1, max_size=6), min_size=1, max_size=12)


def compared(evidence: list[list[float]]) -> Comparison:
    """Returns the comparison of a target whose words have so much evidence against each phone."""
    against = list(itertools.chain.from_iterable(evidence))
    segments = [Segment(k, k + 1, ("t",), ("t",), (1,), "match") for k in range(len(against))]
    return Comparison([["t"] * len(word) for word in evidence], segments, against, 0.0, 0.1)


def with_insertions(comparison: Comparison, position: int, number: int) -> Comparison:
    """Returns a comparison with phones inserted before a target phone, each certainly pronounced."""
    segments, evidence = list(comparison.segments), list(comparison.evidence)
    inserted = Segment(position, position, ("k",), ("k",), (2,), "deviation")
    segments[position:position] = [inserted] * number
    evidence[position:position] = [30.0] * number
    return Comparison(comparison.words, segments, evidence, 0.0, 0.1)


@pytest.mark.parametrize(
    ("said", "is_another"),
    [
        ("x", True),
        ("o", False),
        ("xo", False),
        ("oxxo", False),
        ("oxxxo", True),
        ("xxxxooxx", True),
        ("xxxxoooxx", False),  # three in a row
        ("oooxxxxxxxxx", False),  # a reader who stopped early
        ("xxxxxxxxxxxx", True),
    ],
)
def test_half_of_the_words_or_three_in_a_row_are_the_text(said: str, is_another: bool) -> None:
    comparison = compared([[PRONOUNCED if word == "o" else OTHER] * 3 for word in said])
    assert is_off_target(comparison, LIMIT) == is_another


@pytest.mark.parametrize(
    ("said", "is_another"), [("oxo---", False), ("oxox----", False), ("o-----", True), ("oxx---", True)]
)
def test_words_that_were_omitted_do_not_count(said: str, is_another: bool) -> None:
    comparison = compared([[PRONOUNCED if word == "o" else OTHER] * 3 for word in said])
    segments = [
        Segment(s.start, s.end, (), (), (), "deviation") if said[s.start // 3] == "-" else s
        for s in comparison.segments
    ]
    assert is_off_target(dataclasses.replace(comparison, segments=segments), LIMIT) == is_another


def test_a_word_alone_is_another_one_where_that_is_clear() -> None:
    assert not is_off_target(compared([[2.0, 2.0]]), LIMIT)
    assert is_off_target(compared([[2.0, 2.0]] * 3), LIMIT)


@given(words, st.data())
def test_more_evidence_against_a_phone_makes_no_other_text_the_target(
    evidence: list[list[float]], data: st.DataObject
) -> None:
    before = is_off_target(compared(evidence), LIMIT)
    word = data.draw(st.sampled_from(evidence))
    word[0] += data.draw(st.floats(0, 20))
    assert is_off_target(compared(evidence), LIMIT) >= before


@given(words, st.data(), st.integers(1, 40))
def test_what_is_inserted_between_words_does_not_count(
    evidence: list[list[float]], data: st.DataObject, number: int
) -> None:
    comparison = compared(evidence)
    edges = list(itertools.accumulate(map(len, evidence), initial=0))
    longer = with_insertions(comparison, data.draw(st.sampled_from(edges)), number)
    assert word_evidence(longer) == word_evidence(comparison)


def test_what_is_inserted_inside_a_word_counts_against_it() -> None:
    comparison = compared([[PRONOUNCED] * 3])
    assert word_evidence(with_insertions(comparison, 1, 9)) == [(9 * MAX_PHONE_EVIDENCE - 15) / 12]


def test_one_phone_rejects_no_long_word() -> None:
    assert not is_off_target(compared([[30.0, *[PRONOUNCED] * 4]]), LIMIT)


def test_a_word_that_a_variant_leaves_out_was_not_pronounced() -> None:
    elided = Segment(0, 1, (), (), (), "variant", "contraction")
    assert word_evidence(Comparison([["t"]], [elided], [-30.0], 0.0, 0.1)) == [MAX_PHONE_EVIDENCE]


def test_a_run_is_of_words_in_a_row() -> None:
    assert is_off_target(compared([[PRONOUNCED], [OTHER], [OTHER]] * MIN_RUN), LIMIT)
