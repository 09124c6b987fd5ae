"""Fits an engine's constants to experts' scores and writes them: `make calibrate RECOGNIZER=… SCORED=folder`.

The folder has the format of `so762_dev` or speechocean762's own layout. Which words were pronounced is fitted to native
readers' words and prompts, too, where they are at hand. What is printed is cross-validated: of each speaker, or of each
fifth of the recordings, with constants fitted to the others.
"""

import argparse
import dataclasses
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from alignment.comparison import Comparison
from assessment.scoring import confidences, judge, log_scaled
from shared.ctc.posteriors import Posteriors
from shared.g2p.dictionary import Dictionary
from shared.recognizers.calibration import Calibration, Penalties, load_calibration
from shared.recognizers.loader import load_recognizer
from shared.serving.settings import read_settings
from tests.benchmarks import aspects
from tests.benchmarks.changed_targets import CLEARLY_ANOTHER, phone_changes
from tests.benchmarks.speech import ScoredUtterance, read_scored, read_unmarked
from tests.benchmarks.verification import (
    Spoken,
    Verified,
    compare_with,
    fit_max_evidence,
    verification_report,
    verify,
)
from tests.support.calibration import write_calibration

WRONG, ACCENTED = 0.5, 1.5  # scores below: what experts call wrong or missing, and what they mark as accented
MIN_PRECISION = 0.45  # of the errors named by default
MAX_LOSS = 0.03  # of F1, which one utterance less of 46 changes by up to 0.034, and of certain errors

# Penalties are low: they bring up what may be an error, and the confidence decides. An insertion is rarer than the
# other two; within a run one more phone is likely.
SUBSTITUTIONS = (1.0, 2.0, 3.0)
INSERTION, EXTENSION = 2.0, 0.5  # above a substitution's, and for each phone more

# Experts' marks say how probable an error is, but none of their targets is plainly wrong. So of phones that experts
# found right some are changed in the target: certain errors, with a weight of so many for each deviation.
CHANGES = 3  # an utterance
WEIGHT_OF_CHANGES = 0.5

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Compared:
    """A scored utterance, its posteriors, and how it and changes of it compare with their targets.

    `changed` are comparisons with certain errors, each with the target phone that is one.
    """

    utterance: ScoredUtterance
    posteriors: Posteriors
    comparison: Comparison
    changed: tuple[tuple[Comparison, int], ...]


def compare_all(
    scored: Sequence[tuple[ScoredUtterance, Posteriors]], penalties: Penalties, seed: int = 0
) -> list[Compared]:
    """Returns how utterances compare with their targets, and with targets changed where experts found nothing wrong."""
    chance = random.Random(seed)  # noqa: S311
    result = []
    for utterance, posteriors in scored:
        right = [phone for phone in utterance.phones if phone.score == 2.0]
        places = chance.sample(right, min(CHANGES, len(right)))
        changed = tuple(
            (compare_with(chance.choice(others), posteriors, penalties), place.start)
            for place in places
            if (others := phone_changes(utterance, place.start, place.end, CLEARLY_ANOTHER))
        )
        result.append(Compared(utterance, posteriors, compare_with(utterance, posteriors, penalties), changed))
    return result


def features_of(comparison: Comparison) -> list[tuple[int, int, float, float]]:
    """Returns each deviation: target phones from and to, the scaled evidence for it, the surprisal of the recording."""
    return [
        (segment.start, segment.end, log_scaled(evidence), comparison.surprisal)
        for segment, evidence in zip(comparison.segments, comparison.evidence, strict=True)
        if segment.status == "deviation"
    ]


def fit_confidence(compared: Sequence[Compared], calibration: Calibration) -> Calibration:
    """Returns a calibration with the logistic regression fitted to experts' marks and to certain errors."""
    marks = [
        (evidence, surprisal, item.utterance.worst_score(start, end) < ACCENTED)
        for item in compared
        for start, end, evidence, surprisal in features_of(item.comparison)
    ]
    certain = [
        (evidence, surprisal, True)
        for item in compared
        for comparison, place in item.changed
        for start, end, evidence, surprisal in features_of(comparison)
        if start <= place < end
    ]
    rows = np.array([*marks, *certain], dtype=float)
    weights = np.ones(len(rows))
    weights[len(marks) :] = WEIGHT_OF_CHANGES * len(marks) / max(len(certain), 1)
    fit = LogisticRegression(C=np.inf).fit(rows[:, :2], rows[:, 2], weights)
    evidence_weight, surprisal_weight = fit.coef_[0].round(3).tolist()
    offset = round(float(fit.intercept_[0]), 3)
    return dataclasses.replace(
        calibration, offset=offset, evidence_weight=evidence_weight, surprisal_weight=surprisal_weight
    )


def cross_validate(compared: Sequence[Compared], calibration: Calibration) -> dict[str, Calibration]:
    """Returns, for each speaker, the calibration with the confidence fitted to all others."""
    speakers = sorted({item.utterance.speaker for item in compared})
    return {
        speaker: fit_confidence([item for item in compared if item.utterance.speaker != speaker], calibration)
        for speaker in speakers
    }


@dataclass(frozen=True)
class Detection:
    """Each phone that experts scored, by utterance: the score, and the confidence in an error there."""

    scores: list[Floats]
    confidences: list[Floats]

    def counts(self, min_confidence: float, limit: float = ACCENTED) -> npt.NDArray[np.int64]:
        """Returns [utterances, 3] counts of phones: named and marked below a limit, named, marked."""
        rows = []
        for scores, confidence in zip(self.scores, self.confidences, strict=True):
            named, marked = confidence >= min_confidence, scores < limit
            rows.append(((named & marked).sum(), named.sum(), marked.sum()))
        return np.array(rows)

    def auc(self, limit: float = ACCENTED) -> float:
        """Returns the area under the receiver operating characteristic of the confidence."""
        return float(roc_auc_score(np.concatenate(self.scores) < limit, np.concatenate(self.confidences)))


def precision_recall_f1(counts: npt.NDArray[np.int64]) -> tuple[float, float, float]:
    """Returns precision, recall and their harmonic mean of `Detection.counts`."""
    both, named, marked = counts.sum(axis=0)
    return both / max(named, 1), both / max(marked, 1), 2 * both / max(named + marked, 1)


def detect(compared: Sequence[Compared], calibrations: dict[str, Calibration]) -> Detection:
    """Returns the phones of utterances, with the confidence by the calibration of their speaker."""
    scores, found = [], []
    for item in compared:
        sure = confidences(item.comparison, calibrations[item.utterance.speaker])
        by_phone = np.zeros(len(item.utterance.phones))
        for segment, confidence in zip(item.comparison.segments, sure, strict=True):
            for index, phone in enumerate(item.utterance.phones):
                if segment.start < phone.end and segment.end > phone.start:
                    by_phone[index] = max(by_phone[index], confidence)
        scores.append(np.array([phone.score for phone in item.utterance.phones]))
        found.append(by_phone)
    return Detection(scores, found)


def certain_confidences(compared: Sequence[Compared], calibrations: dict[str, Calibration]) -> Floats:
    """Returns the confidence in each certain error, by the calibration of its speaker; 0 where none was decoded."""
    found = []
    for item in compared:
        for comparison, place in item.changed:
            sure = confidences(comparison, calibrations[item.utterance.speaker])
            at_place = [c for c, s in zip(sure, comparison.segments, strict=True) if s.start <= place < s.end]
            found.append(max(at_place))
    return np.array(found)


def default_threshold(detection: Detection, certain: Floats) -> float:
    """Returns the highest confidence that is about as good as the best one, among those with precise enough errors.

    The best has the best F1. About as good is one with which neither F1 nor the share of the certain errors that are
    named is lower by more than `MAX_LOSS`. Where no confidence is precise enough, among all. The higher it is, the
    fewer errors correct speech has.
    """
    thresholds = np.arange(0.1, 0.9, 0.01).round(2).tolist()
    rows = [
        (*precision_recall_f1(detection.counts(threshold)), float((certain >= threshold).mean()), threshold)
        for threshold in thresholds
    ]
    choice = [row for row in rows if row[0] >= MIN_PRECISION] or rows
    _, _, best, named, _ = max(choice, key=lambda row: row[2])
    return float(max(row[-1] for row in choice if row[2] >= best - MAX_LOSS and row[3] >= named - MAX_LOSS))


def fit(
    scored: Sequence[tuple[ScoredUtterance, Posteriors]], native: Sequence[Spoken], engine: str
) -> tuple[Calibration, list[Compared], Verified]:
    """Returns an engine's calibration, and the comparisons that it was fitted to.

    Of the penalties those with which the cross-validated confidences tell best what experts marked; the threshold by
    cross-validated confidences, too. Of all recordings, own texts and others tell which words were pronounced.
    """
    best: tuple[float, Calibration, list[Compared]] | None = None
    for substitution in SUBSTITUTIONS:
        penalties = Penalties(substitution, substitution, substitution + INSERTION, EXTENSION)
        compared = compare_all(scored, penalties)
        calibration = Calibration(engine, penalties, 0.0, 0.0, 0.0, 0.0, 0.0)
        calibrations = cross_validate(compared, calibration)
        detection = detect(compared, calibrations)
        if best is None or detection.auc() > best[0]:
            threshold = default_threshold(detection, certain_confidences(compared, calibrations))
            best = detection.auc(), dataclasses.replace(calibration, min_confidence=threshold), compared
    assert best
    _, calibration, compared = best
    verified = verify([*scored, *native], calibration.penalties)
    calibration = dataclasses.replace(calibration, max_evidence=fit_max_evidence(verified))
    return fit_confidence(compared, calibration), compared, verified


def report(compared: Sequence[Compared], calibration: Calibration) -> str:
    """Returns the cross-validated table: detection, reliability by fifths of the deviations, and the score."""
    calibrations = cross_validate(compared, calibration)
    detection = detect(compared, calibrations)
    lines = [f"{len(compared)} utterances of {len(calibrations)} speakers, cross-validated over speakers"]
    for threshold in sorted({0.2, 0.3, 0.4, 0.5, calibration.min_confidence}):
        precision, recall, harmonic = precision_recall_f1(detection.counts(threshold))
        lines.append(
            f"confidence >= {threshold:.2f}: precision {precision:.2f}, recall {recall:.2f}, F1 {harmonic:.2f}"
        )
    sure, marked = np.concatenate(detection.confidences), np.concatenate(detection.scores) < ACCENTED
    order = np.flatnonzero(sure)[np.argsort(sure[np.flatnonzero(sure)], kind="stable")]
    fifths = [f"{sure[fifth].mean():.2f} {marked[fifth].mean():.2f}" for fifth in np.array_split(order, 5)]
    lines.append(f"AUC {detection.auc():.3f}; mean confidence and share marked, by fifths: " + "   ".join(fifths))
    scores = [judge(item.comparison, calibrations[item.utterance.speaker]).score for item in compared]
    experts = [item.utterance.mean_phone_score for item in compared]
    lines.append(f"Pearson of the score with the experts' mean phone score: {np.corrcoef(scores, experts)[0, 1]:.2f}")
    return "\n".join(lines)


def main() -> None:
    """Fits and writes the calibration of the engine that the settings name."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scored", type=Path, help="the folder with scored utterances")
    folder = parser.parse_args().scored
    settings = read_settings()
    recognizer = load_recognizer(settings)
    dictionary = Dictionary()
    utterances, native = read_scored(folder, dictionary), read_unmarked(dictionary)
    scored = [(utterance, recognizer.transcribe(utterance.read()).posteriors) for utterance in utterances]
    unmarked = [(utterance, recognizer.transcribe(utterance.read()).posteriors) for utterance in native]
    calibration, compared, verified = fit(scored, unmarked, recognizer.name)
    print(report(compared, calibration))
    print(verification_report(verified, calibration))
    write_calibration(calibration)  # whose penalties an assessment reads
    load_calibration.cache_clear()
    rated = aspects.rate(utterances, settings)
    print(aspects.report(rated))
    print(f"written: {write_calibration(dataclasses.replace(calibration, overall=rated.model))}")


if __name__ == "__main__":
    main()
