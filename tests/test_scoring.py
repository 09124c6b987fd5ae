"""What errors cost, and how sure we are of them."""

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alignment.edit_distance import edit_operations
from alignment.gop import PhoneGop
from alignment.timing import PhoneInterval
from assessment import scoring
from assessment.assess import Assessor
from shared.audio import SAMPLE_RATE
from shared.phonology.ipa import read_phones
from tests.support.data import DATA

phones = st.lists(st.sampled_from("ptksaiu"), max_size=9)
shares = st.floats(0, 1)


def fluent(count: int) -> list[PhoneInterval]:
    """Returns phones of 0.1 s, one after another."""
    tenth = SAMPLE_RATE // 10
    return [PhoneInterval("a", k * tenth, (k + 1) * tenth) for k in range(count)]


def disfluent(count: int) -> list[PhoneInterval]:
    """Returns phones of 0.1 s with 0.3 s between them."""
    tenth = SAMPLE_RATE // 10
    return [PhoneInterval("a", 4 * k * tenth, (4 * k + 1) * tenth) for k in range(count)]


@given(phones.filter(bool), phones.filter(bool), shares)
def test_the_score_is_one_only_where_nothing_differs(actual: list[str], target: list[str], sure: float) -> None:
    operations = edit_operations(actual, target)
    evidence = [max(sure, scoring.MIN_DOUBT)] * len(operations)
    score = scoring.score_of(scoring.costs_of(operations, evidence, disfluent(len(actual))), len(target))
    assert 0 <= score <= 1
    assert (score == 1) == (actual == target)


def test_a_tiny_difference_in_a_long_target_is_still_one() -> None:
    target = ["ɪ"] * 5000
    operations = edit_operations(["i", *target[1:]], target)
    costs = scoring.costs_of(operations, [scoring.MIN_DOUBT], fluent(5000))
    assert scoring.score_of(costs, len(target)) < 1


@given(st.lists(shares, min_size=1, max_size=9), st.integers(1, 20))
def test_more_evidence_is_more_confidence(evidence: list[float], target_length: int) -> None:
    confidences = scoring.error_confidences(sorted(evidence), target_length)
    assert all(0 < low <= high < 1 for low, high in itertools.pairwise([*confidences, confidences[-1]]))


@given(shares, shares)
def test_phones_said_for_sure_are_trusted_more(one: float, other: float) -> None:
    less, more = sorted([one, other])
    assert 0 <= scoring.phone_confidence(less) <= scoring.phone_confidence(more) <= 1


def test_an_error_weighs_more_in_halting_speech() -> None:
    operations = edit_operations(list("kat"), list("pat"))
    [in_fluent], [in_halting] = (scoring.costs_of(operations, [1.0], spoken(3)) for spoken in (fluent, disfluent))
    assert scoring.pause_ratio(fluent(3)) == 0
    assert scoring.pause_ratio(disfluent(3)) == pytest.approx(6 / 9)
    assert in_halting == pytest.approx(in_fluent * (1 + scoring.COST_OF_PAUSES * 6 / 9))


def test_the_closure_of_a_stop_is_no_hesitation() -> None:
    stop = [PhoneInterval("a", 0, 1600), PhoneInterval("t", 1600 + scoring.MIN_PAUSE - 1, 7000)]
    assert scoring.pause_ratio(stop) == 0


def test_evidence_is_what_speaks_against_the_target() -> None:
    [substituted, inserted] = edit_operations(list("katx"), list("pat"))
    target = [PhoneGop(posterior=0.2, deletion=0.1)] * 3
    heard = [PhoneGop(posterior=0.7, deletion=0.4)] * 4
    assert scoring.evidence_of(substituted, target, heard) == pytest.approx(0.8)
    assert scoring.evidence_of(inserted, target, heard) == pytest.approx(0.6)


def test_costs_add_up_to_the_score(assessor: Assessor) -> None:
    target = "hi wɑz nɑt ən ɪl dɪspoʊzd jʌŋ mɛn"
    assessment = assessor.assess(str(DATA / "librivox_0880.wav"), target)
    total = sum(error.cost for error in assessment.errors)
    assert assessment.score == pytest.approx(math.exp(-total / len(read_phones(target))), abs=1e-4)


def test_an_error_beside_all_evidence_is_certain_and_one_that_nobody_made_is_not(assessor: Assessor) -> None:
    wrong = assessor.assess(str(DATA / "librivox_0880.wav"), "hi wɑz nɑt ən ɪl kɪspoʊzd jʌŋ mæn").errors
    k_for_d = next(error for error in wrong if error.expected == "k")
    assert all(error.uncertain == (error.confidence < scoring.UNCERTAIN_BELOW) for error in wrong)
    assert k_for_d.confidence == max(error.confidence for error in wrong)
