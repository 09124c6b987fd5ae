"""What errors cost, and how sure we are of them."""

import itertools
import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alignment.comparison import ERRORS, MIN_EVIDENCE, PhonePair, pair_phones
from alignment.edit_distance import edit_operations
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


def differences(actual: list[str], target: list[str], evidence: float) -> list[PhonePair]:
    """Returns the errors between phones, all with the same evidence."""
    pairs = pair_phones(edit_operations(actual, target), actual, target)
    return [replace(pair, evidence=evidence) for pair in pairs if pair.status in ERRORS]


@given(phones.filter(bool), phones.filter(bool), shares)
def test_the_score_is_one_only_where_nothing_differs(actual: list[str], target: list[str], sure: float) -> None:
    errors = differences(actual, target, evidence=max(sure, MIN_EVIDENCE))
    score = scoring.score_of(scoring.costs_of(errors, disfluent(len(actual))), len(target))
    assert 0 <= score <= 1
    assert (score == 1) == (actual == target)


def test_a_tiny_difference_in_a_long_target_is_still_one() -> None:
    target = ["ɪ"] * 5000
    errors = differences(["i", *target[1:]], target, evidence=MIN_EVIDENCE)
    costs = scoring.costs_of(errors, fluent(5000))
    assert scoring.score_of(costs, len(target)) < 1


@given(st.lists(shares, min_size=1, max_size=9), st.integers(1, 20))
def test_more_evidence_is_more_confidence(evidence: list[float], target_length: int) -> None:
    errors = [PhonePair("a", "i", 0, 0, "substitute", evidence=each) for each in sorted(evidence)]
    confidences = scoring.error_confidences(errors, target_length)
    assert all(0 < low <= high < 1 for low, high in itertools.pairwise([*confidences, confidences[-1]]))


@given(shares, shares)
def test_a_higher_posterior_gives_no_lower_confidence(one: float, other: float) -> None:
    less, more = sorted([one, other])
    assert 0 <= scoring.phone_confidence(less) <= scoring.phone_confidence(more) <= 1


def test_an_error_costs_more_in_disfluent_speech() -> None:
    errors = differences(list("kat"), list("pat"), evidence=1.0)
    [in_fluent], [in_halting] = (scoring.costs_of(errors, spoken(3)) for spoken in (fluent, disfluent))
    assert scoring.pause_ratio(fluent(3)) == 0
    assert scoring.pause_ratio(disfluent(3)) == pytest.approx(6 / 9)
    assert in_halting == pytest.approx(in_fluent * (1 + scoring.COST_OF_PAUSES * 6 / 9))


def test_the_closure_of_a_stop_is_no_pause() -> None:
    stop = [PhoneInterval("a", 0, 1600), PhoneInterval("t", 1600 + scoring.MIN_PAUSE - 1, 7000)]
    assert scoring.pause_ratio(stop) == 0


def test_costs_add_up_to_the_score(assessor: Assessor) -> None:
    target = "hi wɑz nɑt ən ɪl dɪspoʊzd jʌŋ mɛn"
    assessment = assessor.assess(str(DATA / "librivox_0880.wav"), target)
    total = sum(error.cost for error in assessment.errors)
    assert assessment.score == pytest.approx(math.exp(-total / len(read_phones(target))), abs=1e-4)


def test_an_obvious_error_has_the_highest_confidence(assessor: Assessor) -> None:
    wrong = assessor.assess(str(DATA / "librivox_0880.wav"), "hi wɑz nɑt ən ɪl kɪspoʊzd jʌŋ mæn").errors
    k_for_d = next(error for error in wrong if error.expected == "k")
    assert all(error.uncertain == (error.confidence < scoring.UNCERTAIN_BELOW) for error in wrong)
    assert k_for_d.confidence == max(error.confidence for error in wrong)
