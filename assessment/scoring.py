"""Which deviations from the target are named as errors, how sure we are of them, and the score."""

import math
from dataclasses import dataclass

from alignment.comparison import Comparison, PhonePair, pair_phones
from alignment.decoding import Segment
from shared.recognizers.calibration import Calibration

OFF_TARGET_SCORE = 0.3  # what a recording with the calibration's `off_target_evidence` scores
SCORE_STEPS = 10_000
MAX_SURPRISAL = 6.0  # nats: what a single phone can say of the sentence that it is in


@dataclass(frozen=True)
class Judgement:
    """What is named: every pair of the target and the phones pronounced, the confidence in each error, the score.

    `confidences` [segments] are probabilities, 0 where a segment is no deviation.
    """

    segments: list[Segment]
    confidences: list[float]
    pairs: list[PhonePair]
    score: float
    off_target: bool


def judge(comparison: Comparison, calibration: Calibration, min_confidence: float | None = None) -> Judgement:
    """Returns what of a comparison is named: deviations with a confidence of at least `min_confidence`.

    Without it, of at least the calibration's. Any other deviation counts as the target, in the phones pronounced, too.
    """
    threshold = calibration.min_confidence if min_confidence is None else min_confidence
    named = [
        (segment, confidence)
        for segment, confidence in zip(comparison.segments, confidences(comparison, calibration), strict=True)
        if segment.status != "deviation" or confidence >= threshold or segment.end > segment.start
    ]
    segments = [
        segment if segment.status != "deviation" or confidence >= threshold else _as_target(segment, comparison.target)
        for segment, confidence in named
    ]
    deviates = any(segment.status == "deviation" for segment in segments)
    evidence = comparison.log_likelihood_ratio
    return Judgement(
        segments,
        [confidence for _, confidence in named],
        pair_phones(segments, comparison.target),
        score_of(evidence, calibration.off_target_evidence) if deviates else 1.0,
        deviates and evidence > calibration.off_target_evidence,
    )


def _as_target(segment: Segment, target: list[str]) -> Segment:
    return Segment(segment.start, segment.end, tuple(target[segment.start : segment.end]), segment.labels, "match")


def confidences(comparison: Comparison, calibration: Calibration) -> list[float]:
    """Returns the probability, for each segment that is a deviation, that experts would mark it; 0 for others."""
    surprisals = [min(surprisal(evidence), MAX_SURPRISAL) for evidence in comparison.evidence]
    phones = [segment.end > segment.start for segment in comparison.segments]
    total = sum(s for s, is_phone in zip(surprisals, phones, strict=True) if is_phone)
    result = []
    for segment, evidence, own, is_phone in zip(
        comparison.segments, comparison.evidence, surprisals, phones, strict=True
    ):
        others = (total - own * is_phone) / max(sum(phones) - is_phone, 1)
        result.append(calibration.confidence(evidence, others) if segment.status == "deviation" else 0.0)
    return result


def surprisal(evidence: float) -> float:
    """Returns minus the logarithm of the probability that what the target has was pronounced, in nats."""
    return math.log1p(math.exp(evidence))


def score_of(evidence: float, off_target_evidence: float) -> float:
    """Returns the score in [0, 1) of a recording with so many nats a phone against its target.

    It falls exponentially, from 1 where there are none to `OFF_TARGET_SCORE` where another text was said.
    """
    score = OFF_TARGET_SCORE ** (evidence / off_target_evidence)
    return min(math.floor(score * SCORE_STEPS), SCORE_STEPS - 1) / SCORE_STEPS
