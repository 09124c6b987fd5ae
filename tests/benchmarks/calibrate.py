"""Fits an engine's constants to experts' scores and writes them: `make calibrate RECOGNIZER=… SCORED=folder`.

The folder has the format of `so762_dev` or speechocean762's own layout. What is printed is cross-validated: of each
speaker, with constants fitted to the others.
"""

import argparse
import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression

from alignment.comparison import Comparison, compare
from assessment.scoring import confidences, others_surprisal
from shared.phonology.dictionary import Dictionary
from shared.recognizers.base import Posteriors
from shared.recognizers.calibration import Calibration, Penalties, read_calibration, write_calibration
from shared.recognizers.loader import load_recognizer
from shared.serving.settings import read_settings
from tests.benchmarks.speech import ScoredUtterance, read_scored

WRONG, ACCENTED = 0.5, 1.5  # below: what experts call wrong or missing, and what they hear an accent in
MIN_PRECISION = 0.45  # of the errors that are named by default, against phones below `ACCENTED`

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Compared:
    """A scored utterance and how it compares with its target."""

    utterance: ScoredUtterance
    comparison: Comparison


@dataclass(frozen=True)
class Deviations:
    """Every deviation of scored utterances: its evidence, that against the rest of its sentence, the experts' mark."""

    evidence: Floats
    others: Floats
    marked: Flags
    speakers: npt.NDArray[np.str_]


def compare_all(
    utterances: Sequence[ScoredUtterance], posteriors: Sequence[Posteriors], penalties: Penalties
) -> list[Compared]:
    """Returns how utterances compare with their targets."""
    return [
        Compared(utterance, compare(said, utterance.words, utterance.pronunciations, penalties))
        for utterance, said in zip(utterances, posteriors, strict=True)
    ]


def deviations_of(compared: Sequence[Compared]) -> Deviations:
    """Returns the deviations of utterances; experts mark an insertion in the phones on either side of it."""
    rows = []
    for item in compared:
        others = others_surprisal(item.comparison)
        for segment, evidence, rest in zip(item.comparison.segments, item.comparison.evidence, others, strict=True):
            if segment.status == "deviation":
                inserted = segment.start == segment.end
                scores = [
                    phone.score
                    for phone in item.utterance.phones
                    if phone.start < segment.end + inserted and phone.end > segment.start - inserted
                ]
                rows.append((evidence, rest, min(scores) < ACCENTED, item.utterance.speaker))
    evidence_column, others_column, marked, speakers = zip(*rows, strict=True)
    return Deviations(np.array(evidence_column), np.array(others_column), np.array(marked), np.array(speakers))


def fit_confidence(deviations: Deviations, calibration: Calibration) -> Calibration:
    """Returns a calibration with the logistic regression fitted."""
    features = np.stack([deviations.evidence, deviations.others], axis=1)
    fit = LogisticRegression(C=np.inf).fit(features, deviations.marked)
    evidence_weight, sentence_weight = fit.coef_[0].round(3).tolist()
    return dataclasses.replace(
        calibration,
        offset=round(float(fit.intercept_[0]), 3),
        evidence_weight=evidence_weight,
        sentence_weight=sentence_weight,
    )


@dataclass(frozen=True)
class Detection:
    """Each phone that experts scored: the score, and the confidence in an error there."""

    scores: Floats
    confidences: Floats

    def precision_recall(self, min_confidence: float, limit: float = ACCENTED) -> tuple[float, float]:
        """Returns precision and recall of the errors named, for phones scored below a limit."""
        found, marked = self.confidences >= min_confidence, self.scores < limit
        both = (found & marked).sum()
        return float(both / max(found.sum(), 1)), float(both / max(marked.sum(), 1))


def f1(precision: float, recall: float) -> float:
    """Returns the harmonic mean."""
    return 2 * precision * recall / max(precision + recall, 1e-9)


def detect(compared: Sequence[Compared], calibrations: dict[str, Calibration]) -> Detection:
    """Returns the phones of utterances, with the confidence by the calibration of their speaker."""
    scores, found = [], []
    for item in compared:
        sure = confidences(item.comparison, calibrations[item.utterance.speaker])
        for phone in item.utterance.phones:
            here = [
                confidence
                for segment, confidence in zip(item.comparison.segments, sure, strict=True)
                if segment.start < phone.end and segment.end > phone.start
            ]
            scores.append(phone.score)
            found.append(max(here, default=0.0))
    return Detection(np.array(scores), np.array(found))


def cross_validate(compared: Sequence[Compared], calibration: Calibration) -> dict[str, Calibration]:
    """Returns, for each speaker, the calibration fitted to all others."""
    speakers = sorted({item.utterance.speaker for item in compared})
    return {
        speaker: fit([item for item in compared if item.utterance.speaker != speaker], calibration)
        for speaker in speakers
    }


def fit(compared: Sequence[Compared], calibration: Calibration) -> Calibration:
    """Returns a calibration fitted to utterances: confidence, threshold and scale of the score."""
    fitted = fit_confidence(deviations_of(compared), calibration)
    everyone = dict.fromkeys((item.utterance.speaker for item in compared), fitted)
    detection = detect(compared, everyone)
    return dataclasses.replace(fitted, min_confidence=best_threshold(detection))


def best_threshold(detection: Detection) -> float:
    """Returns the confidence from which errors are named: the best F1 of those precise enough."""
    candidates = np.round(np.unique(detection.confidences[detection.confidences > 0]), 3)
    rows = [(*detection.precision_recall(threshold), threshold) for threshold in candidates.tolist()]
    precise = [row for row in rows if row[0] >= MIN_PRECISION] or rows
    return float(max(precise, key=lambda row: f1(*row[:2]))[2])
