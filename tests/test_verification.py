"""How much evidence there is that the speech is of another text: of what was omitted, inserted, and pronounced."""

import dataclasses
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alignment.comparison import Comparison
from alignment.segments import Segment
from assessment.verification import MAX_PHONE_EVIDENCE, text_evidence, word_evidence

LIMIT = 3.0
PRONOUNCED, OTHER = -5.0, 5.0

words = st.lists(st.lists(st.floats(-30, 30), min_size=1, max_size=6), min_size=1, max_size=12)


def compared(evidence: list[list[float]], omitted: frozenset[int] = frozenset()) -> Comparison:
    """Returns the comparison of a target whose words have so much evidence against each phone; some were omitted."""
    against = list(itertools.chain.from_iterable(evidence))
    word_of = [k for k, word in enumerate(evidence) for _ in word]
    segments = [
        Segment(k, k + 1, (), (), (), "deviation")
        if word in omitted
        else Segment(k, k + 1, ("t",), ("t",), (1,), "match")
        for k, word in enumerate(word_of)
    ]
    return Comparison([["t"] * len(word) for word in evidence], segments, against, 0.1)


def with_insertions(comparison: Comparison, position: int, number: int) -> Comparison:
    """Returns a comparison with phones inserted before a target phone, each certainly pronounced."""
    segments, evidence = list(comparison.segments), list(comparison.evidence)
    inserted = Segment(position, position, ("k",), ("k",), (2,), "deviation")
    segments[position:position] = [inserted] * number
    evidence[position:position] = [30.0] * number
    return dataclasses.replace(comparison, segments=segments, evidence=evidence)


@pytest.mark.parametrize(
    ("said", "inserted", "is_another"),
    [
        ("o", 0, False),
        ("x", 0, True),
        ("xo", 0, False),
        ("oxxo", 0, False),
        ("oxxxx", 0, False),
        ("xxxxxxxxxxxx", 0, True),
        ("ooo---", 0, False),  # a reader who stopped
        ("--oo", 0, False),  # or began late
        ("o-----", 0, False),
        ("xx----", 0, True),
        ("oo----", 12, True),  # two words of another sentence
        ("oooo", 24, False),  # after another sentence, or twice
        ("------", 18, True),
    ],
)
def test_a_text_was_read_where_its_words_or_what_was_said_agree(said: str, inserted: int, is_another: bool) -> None:
    evidence = [[{"o": PRONOUNCED, "x": OTHER, "-": 30.0}[word]] * 3 for word in said]
    omitted = frozenset(k for k, word in enumerate(said) if word == "-")
    assert (text_evidence(with_insertions(compared(evidence, omitted), 0, inserted)) > LIMIT) == is_another


@given(words, st.data())
def test_more_evidence_against_a_phone_is_more_against_the_text(
    evidence: list[list[float]], data: st.DataObject
) -> None:
    before = text_evidence(compared(evidence))
    word = data.draw(st.sampled_from(evidence))
    word[0] += data.draw(st.floats(0, 20))
    assert text_evidence(compared(evidence)) >= before


@given(words, st.data(), st.integers(1, 40))
def test_what_is_inserted_between_words_is_against_the_speech_and_no_word(
    evidence: list[list[float]], data: st.DataObject, number: int
) -> None:
    comparison = compared(evidence)
    edges = list(itertools.accumulate(map(len, evidence), initial=0))
    longer = with_insertions(comparison, data.draw(st.sampled_from(edges)), number)
    assert word_evidence(longer) == word_evidence(comparison)
    assert text_evidence(comparison) <= text_evidence(longer) <= text_evidence(comparison) + MAX_PHONE_EVIDENCE


def test_what_is_inserted_inside_a_word_counts_against_it() -> None:
    comparison = compared([[PRONOUNCED] * 3])
    assert word_evidence(with_insertions(comparison, 1, 2)) == [
        [PRONOUNCED, *[MAX_PHONE_EVIDENCE] * 2, *[PRONOUNCED] * 2]
    ]


def test_one_phone_rejects_no_long_word() -> None:
    assert text_evidence(compared([[30.0, *[PRONOUNCED] * 4]])) < LIMIT


def test_of_two_words_an_elided_one_was_not_pronounced() -> None:
    elided = Segment(0, 1, (), (), (), "variant", "contraction")
    comparison = Comparison([["t"]], [elided], [-30.0], 0.1)
    assert word_evidence(comparison) == [[]]
    assert text_evidence(comparison) == MAX_PHONE_EVIDENCE
