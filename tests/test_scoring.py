"""Which errors are named, how sure we are of them, and the score."""

import dataclasses
import itertools

from hypothesis import given
from hypothesis import strategies as st

from alignment.comparison import Comparison
from alignment.segments import Segment
from assessment.assess import Assessor
from assessment.scoring import MAX_OFF_TARGET_SCORE, confidences, judge
from shared.recognizers.calibration import load_calibration
from tests.support.data import DATA

SAID = "hi wɑz nɑt ən ɪl dɪspoʊzd jʌŋ mæn"
CALIBRATION = dataclasses.replace(load_calibration("default"), max_evidence=2.0)

nats = st.floats(-20, 20)


Places = list[tuple[float, bool]]
"""The evidence against each phone of a target, and whether another was decoded."""


def compared(places: Places) -> Comparison:
    """Returns a comparison in which words `t` of the target are pronounced as `k` where they deviate."""
    segments = [
        Segment(k, k + 1, *((("k",), ("k",), (1,), "deviation") if deviates else (("t",), ("t",), (1,), "match")))
        for k, (_, deviates) in enumerate(places)
    ]
    return Comparison([["t"]] * len(places), segments, [evidence for evidence, _ in places], 0.1)


places = st.lists(st.tuples(nats, st.booleans()), min_size=1, max_size=12)


@given(places, st.floats(0, 1))
def test_the_score_is_one_exactly_where_nothing_is_named(rows: Places, min_confidence: float) -> None:
    judgement = judge(compared(rows), CALIBRATION, min_confidence)
    assert 0 <= judgement.score <= 1
    assert (judgement.score == 1) == (not judgement.errors)
    assert not (judgement.off_target and judgement.score == 1)
    assert (judgement.actual == ["t"] * len(rows)) == (not judgement.errors)


@given(places)
def test_a_lower_min_confidence_names_no_error_less_and_scores_no_higher(rows: Places) -> None:
    judgements = [judge(compared(rows), CALIBRATION, level / 10) for level in range(10, -1, -1)]
    for stricter, milder in itertools.pairwise(judgements):
        assert {error.position for error in stricter.errors} <= {error.position for error in milder.errors}
        assert milder.score <= stricter.score


@given(places, st.data(), st.floats(0, 5))
def test_more_evidence_is_more_confidence_and_no_higher_score(rows: Places, data: st.DataObject, more: float) -> None:
    place = data.draw(st.integers(0, len(rows) - 1))
    stronger = [(evidence + more * (k == place), deviates) for k, (evidence, deviates) in enumerate(rows)]
    before, after = compared(rows), compared(stronger)
    assert all(
        low <= high + 1e-12
        for low, high in zip(confidences(before, CALIBRATION), confidences(after, CALIBRATION), strict=True)
    )
    assert judge(after, CALIBRATION).score <= judge(before, CALIBRATION).score


@given(places, st.data(), nats)
def test_a_phone_has_the_same_confidence_whatever_the_others_are(
    rows: Places, data: st.DataObject, evidence: float
) -> None:
    """Or an error in one word would make another word's doubtful phone an error too."""
    changed = data.draw(st.integers(0, len(rows) - 1))
    others = [(evidence, True) if k == changed else row for k, row in enumerate(rows)]
    before, after = (confidences(compared(each), CALIBRATION) for each in (rows, others))
    assert before[:changed] + before[changed + 1 :] == after[:changed] + after[changed + 1 :]


def test_a_run_of_insertions_costs_as_one() -> None:
    insertions = [Segment(0, 0, ("k",), ("k",), (1,), "deviation")] * 3
    phone = Segment(0, 1, ("t",), ("t",), (1,), "match")
    judgement = judge(Comparison([["t"]], [*insertions, phone], [9.0] * 3 + [-9.0], 0.1), CALIBRATION)
    assert [error.status for error in judgement.errors] == ["insert"] * 3
    assert judgement.costs[0] > 0
    assert judgement.costs[1:] == [0, 0]


def test_another_text_scores_below_any_right_one() -> None:
    wrong = judge(compared([(9.0, True)] * 4), CALIBRATION)
    assert wrong.off_target
    assert wrong.score < MAX_OFF_TARGET_SCORE
    right = judge(compared([(9.0, True), (2 * CALIBRATION.max_evidence - 9.0, False)] * 2), CALIBRATION)
    assert not right.off_target
    assert right.score > MAX_OFF_TARGET_SCORE


def test_another_text_of_which_no_error_is_named_is_not_called_another(assessor: Assessor) -> None:
    target = "ðə kwɪk bɹaʊn fɑks dʒʌmps oʊvɚ ðə leɪzi dɔɡ"
    assert assessor.assess(str(DATA / "librivox_0880.wav"), target).off_target
    found = assessor.assess(str(DATA / "librivox_0880.wav"), target, min_confidence=1)
    assert (found.errors, found.score, found.off_target) == ([], 1.0, False)


def test_an_obvious_error_has_the_highest_confidence(assessor: Assessor) -> None:
    clip, target = str(DATA / "librivox_0880.wav"), SAID.replace("d", "k", 1)
    all_errors = assessor.assess(clip, target, min_confidence=0).errors
    k_for_d = next(error for error in all_errors if error.expected == "k")
    assert k_for_d.confidence == max(error.confidence for error in all_errors)
    certain = [(error.position, error.confidence) for error in all_errors if not error.uncertain]
    assert certain == [(error.position, error.confidence) for error in assessor.assess(clip, target).errors]


def test_phones_errors_and_score_agree(assessor: Assessor) -> None:
    found = assessor.assess(str(DATA / "librivox_0880.wav"), SAID.replace("d", "k", 1))
    assert found.actual_ipa == "".join(pair.actual for pair in found.alignment if pair.actual)
    assert [e.position for e in found.errors] == [
        pair.position for pair in found.alignment if pair.status not in ("match", "variant")
    ]
    assert found.score < 1


def test_a_restart_is_one_run_of_insertions_and_little_else(assessor: Assessor) -> None:
    once = assessor.assess(str(DATA / "librivox_0880.wav"), SAID)
    found = assessor.assess(str(DATA / "cases" / "repeat_start.flac"), SAID)
    inserted = [error.position for error in found.errors if error.type == "insert"]
    assert len(set(inserted)) == 1
    assert len(inserted) in range(6, 11)  # he was not
    assert len(found.errors) - len(inserted) <= len(once.errors)
    assert found.score > 0.9
