"""Fits an engine's constants to experts' scores and writes them: `make calibrate RECOGNIZER=… SCORED=folder`.

The folder has the format of `so762_dev` or speechocean762's own layout. Which words were pronounced is fitted to native
readers' words and prompts, too, where they are at hand. What is printed is cross-validated: of each speaker, or of each
fifth of the recordings, with constants fitted to the others.
"""

import argparse
import contextlib
import dataclasses
import random
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression

from alignment.comparison import Comparison
from assessment.evidence import log_scaled
from assessment.phone_scorer import features as features_of
from assessment.phone_scorer import score_phones, target_phones
from assessment.scoring import judge
from shared.ctc.posteriors import Posteriors
from shared.errors import AlignmentFailedError, NoSpeechError
from shared.g2p.dictionary import Dictionary
from shared.recognizers.base import Recognizer
from shared.recognizers.calibration import Calibration, Penalties, PhoneScorer, load_calibration
from shared.recognizers.loader import load_recognizer
from shared.serving.settings import read_settings
from tests.benchmarks import aspects
from tests.benchmarks.bootstrap import correlation, interval
from tests.benchmarks.changed_targets import CLEARLY_ANOTHER, phone_changes
from tests.benchmarks.detection import ACCENTED, Detection, drawn_share, precision_recall_f1
from tests.benchmarks.marks import read_all_marked, trained_speakers
from tests.benchmarks.phone_scorers import fit_phone_scorer, scaled
from tests.benchmarks.speech import ScoredUtterance, Utterance, read_native, read_scored, read_unmarked
from tests.benchmarks.verification import (
    compare_with,
    fit_max_evidence,
    verification_report,
    verify,
)
from tests.support.calibration import write_calibration
from tests.support.data import require_shared_data

BEST_SCORE = 2.0
MIN_PRECISION = 0.55  # of the errors named by default
MAX_NATIVE_ERRORS = 1.0  # named per 100 phones of native sentences
# A tenth apart: F1 is known to 0.03, and a twentieth changes it by 0.001 to 0.01.
THRESHOLDS: list[float] = np.arange(0.1, 0.95, 0.1).round(1).tolist()
FOLDS = 8  # of speakers
OTHERS_STEP = 4  # of the utterances of speakers whom the head was trained on, one in so many has its sentence rated
CURVE = (50, 100, 200, 400, 800)  # utterances

# Penalties are low: they bring up what may be an error, and the confidence decides. An insertion is rarer than the
# other two; within a run one more phone is likely.
PENALTIES = Penalties(substitution=1.0, deletion=1.0, insertion=3.0, extension=0.5)

# Experts' marks say how probable an error is, but none of their targets is plainly wrong. So of phones that experts
# found right some are changed in the target: certain errors, all of them with such a share of the deviations' weight.
# With less, fewer changed phones are named; with more, confidences are too high: with 0.5 the highest fifth's by 0.15.
CHANGES = 1  # an utterance
WEIGHT_OF_CHANGES = 0.3

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Read = TypeVar("Read", bound=Utterance)


@dataclass(frozen=True)
class Compared:
    """A scored utterance, and how it and changes of it compare with their targets.

    `changed` are comparisons with certain errors, each with the target phone that is one.
    """

    utterance: ScoredUtterance
    comparison: Comparison
    changed: tuple[tuple[Comparison, int], ...]


def compare_all(
    scored: Iterable[tuple[ScoredUtterance, Posteriors]], penalties: Penalties, seed: int = 0
) -> list[Compared]:
    """Returns how utterances compare with their targets, and with targets changed where experts found nothing wrong."""
    chance = random.Random(seed)  # noqa: S311
    result = []
    for utterance, posteriors in scored:
        right = [phone for phone in utterance.phones if phone.score == 2.0]
        places = chance.sample(right, min(CHANGES, len(right)))
        with contextlib.suppress(AlignmentFailedError):  # of a sentence of which next to nothing was spoken
            comparison = compare_with(utterance, posteriors, penalties)
            changed = tuple(
                (compare_with(chance.choice(others), posteriors, penalties), place.start)
                for place in places
                if (others := phone_changes(utterance, place.start, place.end, CLEARLY_ANOTHER))
            )
            result.append(Compared(utterance, comparison, changed))
    return result


def deviations_of(comparison: Comparison) -> list[tuple[int, int, float, float]]:
    """Returns each deviation: target phones from and to, the scaled evidence for it, the surprisal of the recording."""
    return [
        (segment.start, segment.end, log_scaled(evidence), comparison.surprisal)
        for segment, evidence in zip(comparison.segments, comparison.evidence, strict=True)
        if segment.status == "deviation"
    ]


def fit_evidence(compared: Sequence[Compared], calibration: Calibration) -> Calibration:
    """Returns a calibration with the logistic regression fitted to experts' marks and to certain errors.

    It is of all deviations, because experts gave an insertion no mark of its own.
    """
    marks = [
        (evidence, surprisal, item.utterance.worst_score(start, end) < ACCENTED)
        for item in compared
        for start, end, evidence, surprisal in deviations_of(item.comparison)
    ]
    certain = [
        (evidence, surprisal, True)
        for item in compared
        for comparison, place in item.changed
        for start, end, evidence, surprisal in deviations_of(comparison)
        if start <= place < end
    ]
    rows = np.array([*marks, *certain], dtype=float)
    weights = np.ones(len(rows))
    weights[len(marks) :] = WEIGHT_OF_CHANGES * len(marks) / max(len(certain), 1)
    fit = LogisticRegression(C=np.inf).fit(rows[:, :2], rows[:, 2], weights)
    evidence_weight, surprisal_weight = fit.coef_[0].round(3).tolist()
    return dataclasses.replace(
        calibration,
        offset=round(float(fit.intercept_[0]), 3),
        evidence_weight=evidence_weight,
        surprisal_weight=surprisal_weight,
    )


@dataclass(frozen=True)
class PhoneRows:
    """The features [phones, features] of target phones, with experts' marks as shares of the best; NaN: certain errors.

    `utterances` [phones] are the indices of theirs.
    """

    features: Floats
    marks: Floats
    deviates: Flags
    utterances: npt.NDArray[np.int64]

    def fit(self, of: Flags) -> PhoneScorer:
        """Returns the phone scorer fitted to some of the phones, certain errors with less weight."""
        certain = np.isnan(self.marks)
        used = of & (~certain | self.deviates)  # a certain error that was not decoded is no deviation
        weights = np.ones(len(used))
        share = (used & self.deviates & ~certain).sum() / max((used & certain).sum(), 1)
        weights[certain] = WEIGHT_OF_CHANGES * share
        wrong = certain | (BEST_SCORE * self.marks < ACCENTED)
        return fit_phone_scorer(self.features[used], self.marks[used], wrong[used], weights[used])


def phone_rows(compared: Sequence[Compared]) -> PhoneRows:
    """Returns the target phones of utterances, and the certain errors among those of their changes."""
    features, marks, deviates, utterances = [], [], [], []
    for number, item in enumerate(compared):
        for comparison, place in [(item.comparison, None), *item.changed]:
            phones = target_phones(comparison)
            for phone, row in zip(phones, features_of(comparison, phones), strict=True):
                if place is None or phone.start <= place < phone.end:
                    features.append(row)
                    score = item.utterance.worst_score(phone.start, phone.end) / BEST_SCORE
                    marks.append(score if place is None else np.nan)
                    deviates.append(comparison.segments[phone.segment].status == "deviation")
                    utterances.append(number)
    return PhoneRows(np.array(features), np.array(marks), np.array(deviates), np.array(utterances))


def folds_of(compared: Sequence[Compared]) -> list[set[str]]:
    """Returns the speakers of each fold."""
    speakers = sorted({item.utterance.speaker for item in compared})
    random.Random(0).shuffle(speakers)  # noqa: S311
    return [set(speakers[number::FOLDS]) for number in range(min(FOLDS, len(speakers)))]


def cross_validate(
    compared: Sequence[Compared], calibration: Calibration, max_utterances: int | None = None
) -> dict[str, Calibration]:
    """Returns, for each speaker, the calibration fitted to all speakers of other folds.

    Or its phone scorer to so many of their utterances.
    """
    rows = phone_rows(compared)
    result: dict[str, Calibration] = {}
    for number, fold in enumerate(folds_of(compared)):
        train = [k for k, item in enumerate(compared) if item.utterance.speaker not in fold]
        fitted = fit_evidence([compared[k] for k in train], calibration)
        if max_utterances is not None:
            train = random.Random(number).sample(train, max_utterances)  # noqa: S311
        fitted = dataclasses.replace(fitted, phone_scorer=rows.fit(np.isin(rows.utterances, train)))
        result |= dict.fromkeys(fold, fitted)
    return result


def detect(compared: Sequence[Compared], calibrations: dict[str, Calibration]) -> Detection:
    """Returns the phones of utterances, as the calibration of their speaker judges them."""
    found = Detection([], [], [], [])
    for item in compared:
        judged = score_phones(item.comparison, calibrations[item.utterance.speaker])
        places = [
            [phone for phone in judged if phone.start < scored.end and phone.end > scored.start]
            for scored in item.utterance.phones
        ]
        segments = item.comparison.segments
        found.scores.append(np.array([scored.score for scored in item.utterance.phones]))
        found.marks.append(np.array([min(phone.mark for phone in place) for place in places]))
        found.errors.append(np.array([max(phone.error for phone in place) for place in places]))
        found.confidences.append(
            np.array(
                [
                    max((p.error for p in place if segments[p.segment].status == "deviation"), default=0.0)
                    for place in places
                ]
            )
        )
    return found


def certain_confidences(compared: Sequence[Compared], calibrations: dict[str, Calibration]) -> Floats:
    """Returns the confidence in each certain error, by the calibration of its speaker; 0 where none was decoded."""
    found = []
    for item in compared:
        for comparison, place in item.changed:
            [phone] = [
                phone
                for phone in score_phones(comparison, calibrations[item.utterance.speaker])
                if phone.start <= place < phone.end
            ]
            deviates = comparison.segments[phone.segment].status == "deviation"
            found.append(phone.error if deviates else 0.0)
    return np.array(found)


def native_errors(native: Sequence[Comparison], calibration: Calibration, min_confidence: float) -> float:
    """Returns the errors named per 100 target phones of native speech, a run of insertions as one."""
    judged = [judge(comparison, calibration, min_confidence) for comparison in native]
    errors = sum(cost > 0 for judgement in judged for cost in judgement.costs)
    return 100 * errors / max(sum(len(comparison.target) for comparison in native), 1)


def default_threshold(detection: Detection, lowest: float = 0.0) -> float:
    """Returns the confidence of the best F1 among those that are precise enough and not below the `lowest`.

    Where none is precise enough, the most precise.
    """
    rows = [
        (*precision_recall_f1(detection.counts(threshold)), threshold)
        for threshold in THRESHOLDS
        if threshold >= lowest
    ]
    precise = [row for row in rows if row[0] >= MIN_PRECISION]
    best = max(precise, key=lambda row: row[2]) if precise else max(rows)
    return float(best[-1])


def fit_reliability(detection: Detection) -> tuple[float, float]:
    """Returns the weight and the offset with which the log-odds of deviations are reliable.

    Platt (1999), "Probabilistic outputs for support vector machines". The confidences are cross-validated: on what they
    were fitted to, they would be too sure.
    """
    confidences = np.concatenate(detection.confidences)
    named = confidences > 0
    log_odds = np.log(confidences[named] / (1 - confidences[named]))
    fitted = LogisticRegression(C=np.inf).fit(log_odds[:, None], np.concatenate(detection.scores)[named] < ACCENTED)
    return float(fitted.coef_[0, 0]), float(fitted.intercept_[0])


def with_reliability(calibration: Calibration, weight: float, offset: float) -> Calibration:
    """Returns a calibration with all log-odds of errors times a weight, and an offset more."""
    scorer = calibration.phone_scorer
    return dataclasses.replace(
        calibration,
        offset=round(weight * calibration.offset + offset, 3),
        evidence_weight=round(weight * calibration.evidence_weight, 3),
        surprisal_weight=round(weight * calibration.surprisal_weight, 3),
        phone_scorer=scorer and dataclasses.replace(scorer, error=scaled(scorer.error, weight, offset)),
    )


def reliable(compared: Sequence[Compared], calibrations: dict[str, Calibration]) -> dict[str, Calibration]:
    """Returns cross-validated calibrations with what makes those of other folds' speakers reliable."""
    detection = detect(compared, calibrations)
    result: dict[str, Calibration] = {}
    for fold in folds_of(compared):
        others = [k for k, item in enumerate(compared) if item.utterance.speaker not in fold]
        line = fit_reliability(detection.of(others))
        result |= {speaker: with_reliability(calibrations[speaker], *line) for speaker in fold}
    return result


def fit(
    compared: Sequence[Compared], calibrations: dict[str, Calibration], native: Sequence[Comparison], engine: str
) -> Calibration:
    """Returns an engine's calibration, fitted to all utterances; its threshold by cross-validated confidences.

    These and `calibrations` are not reliable yet.
    """
    rows = phone_rows(compared)
    calibration = dataclasses.replace(
        fit_evidence(compared, Calibration(engine, PENALTIES, 0.0, 0.0, 0.0, 0.0, 0.0)),
        phone_scorer=rows.fit(np.ones(len(rows.marks), dtype=bool)),
        max_evidence=np.inf,
    )
    calibration = with_reliability(calibration, *fit_reliability(detect(compared, calibrations)))
    few = bisect_left(THRESHOLDS, True, key=lambda t: native_errors(native, calibration, t) <= MAX_NATIVE_ERRORS)
    lowest = THRESHOLDS[min(few, len(THRESHOLDS) - 1)]
    threshold = default_threshold(detect(evaluated(compared), reliable(compared, calibrations)), lowest)
    return dataclasses.replace(calibration, min_confidence=threshold)


def evaluated(compared: Sequence[Compared]) -> list[Compared]:
    """Returns the utterances of the speakers whom no head was trained on."""
    trained = trained_speakers()
    return [item for item in compared if item.utterance.speaker not in trained]


def nested(detection: Detection, speakers: Sequence[str], folds: dict[str, int]) -> npt.NDArray[np.int64]:
    """Returns the counts of each utterance, with the threshold chosen on the speakers of the other folds."""
    counts = np.zeros((len(speakers), 3), dtype=np.int64)
    for fold in set(folds.values()):
        own = [k for k, speaker in enumerate(speakers) if folds[speaker] == fold]
        others = [k for k, speaker in enumerate(speakers) if folds[speaker] != fold]
        if own and others:
            counts[own] = detection.of(own).counts(default_threshold(detection.of(others)))
    return counts


def report(compared: Sequence[Compared], calibrations: dict[str, Calibration], calibration: Calibration) -> str:
    """Returns the cross-validated table of the speakers whom no head was trained on."""
    items = evaluated(compared)
    detection = detect(items, calibrations)
    speakers = [item.utterance.speaker for item in items]
    folds = {speaker: number for number, fold in enumerate(folds_of(compared)) for speaker in fold}
    counts = nested(detection, speakers, folds)
    lines = [
        f"{len(items)} utterances of {len(set(speakers))} speakers whom no head was trained on, by cross-validation "
        f"over speakers; {len(compared) - len(items)} of other speakers for training",
        f"Pearson of phones' marks {interval(lambda k: detection.of(k.tolist()).pearson(), len(items))}",
        f"AUC, below {ACCENTED} {interval(lambda k: detection.of(k.tolist()).auc(), len(items))}",
        "nested threshold: "
        + ", ".join(
            f"{name} {interval(partial(drawn_share, counts, kind), len(items))}"
            for kind, name in enumerate(("precision", "recall", "F1"))
        ),
    ]
    certain = certain_confidences(items, calibrations)
    best = max(THRESHOLDS, key=lambda threshold: precision_recall_f1(detection.counts(threshold))[2])
    for threshold in sorted({0.2, 0.3, 0.4, 0.5, best, calibration.min_confidence}):
        precision, recall, harmonic = precision_recall_f1(detection.counts(threshold))
        lines.append(
            f"confidence >= {threshold:.2f}: precision {precision:.2f}, recall {recall:.2f}, F1 {harmonic:.3f}, "
            f"changed phones named {(certain >= threshold).mean():.1%}"
        )
    sure, marked = np.concatenate(detection.confidences), np.concatenate(detection.scores) < ACCENTED
    order = np.flatnonzero(sure)[np.argsort(sure[np.flatnonzero(sure)], kind="stable")]
    fifths = [f"{sure[fifth].mean():.2f} {marked[fifth].mean():.2f}" for fifth in np.array_split(order, 5)]
    lines.append("mean confidence and share marked, by fifths: " + "   ".join(fifths))
    scores = np.array([judge(item.comparison, calibrations[item.utterance.speaker]).score for item in items])
    experts = np.array([item.utterance.mean_phone_score for item in items])
    lines.append(
        f"score with the mean phone score {interval(partial(correlation, False, scores, experts), len(items))}"
    )
    return "\n".join(lines)


def learning_curve(compared: Sequence[Compared], calibration: Calibration) -> str:
    """Returns how well marks of so many utterances, of any speakers, predict those of other speakers."""
    items = evaluated(compared)
    lines = []
    for number in (n for n in CURVE if n < len(compared) // 2):
        found = detect(items, cross_validate(compared, calibration, number))
        best = max(precision_recall_f1(found.counts(threshold))[2] for threshold in THRESHOLDS)
        lines.append(f"{number:5} utterances: Pearson {found.pearson():.3f}, AUC {found.auc():.3f}, best F1 {best:.3f}")
    return "\n".join(lines)


def transcribe_all(utterances: Iterable[Read], recognizer: Recognizer) -> Iterator[tuple[Read, Posteriors]]:
    """Yields utterances with their posteriors, without those that an assessment refuses, as nobody speaks in them."""
    for utterance in utterances:
        with contextlib.suppress(NoSpeechError):
            transcription = recognizer.transcribe(utterance.read())
            if transcription.phones:
                yield utterance, transcription.posteriors


def main() -> None:
    """Fits and writes the calibration of the engine that the settings name."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scored", type=Path, help="the folder with scored utterances")
    folder = parser.parse_args().scored
    if not folder.is_dir():
        parser.error(f"there is no folder {folder}")
    require_shared_data("speech", "native_prompts")
    settings = read_settings()
    recognizer = load_recognizer(settings)
    dictionary = Dictionary()
    compared = compare_all(transcribe_all(read_all_marked(folder, dictionary), recognizer), PENALTIES)
    start = Calibration(recognizer.name, PENALTIES, 0.0, 0.0, 0.0, 0.0, np.inf)
    readers = list(transcribe_all(read_native(dictionary), recognizer))
    native = [compare_with(*reader, PENALTIES) for reader in readers]
    calibrations = cross_validate(compared, start)
    calibration = fit(compared, calibrations, native, recognizer.name)
    calibrations = reliable(compared, calibrations)
    print(report(compared, calibrations, calibration))
    print(f"native speech: {native_errors(native, calibration, calibration.min_confidence):.2f} errors per 100 phones")
    spoken = transcribe_all([*read_scored(folder, dictionary), *read_unmarked(dictionary)], recognizer)
    verified = verify(list(spoken), PENALTIES)
    calibration = dataclasses.replace(calibration, max_evidence=fit_max_evidence(verified))
    print(verification_report(verified, calibration))
    write_calibration(calibration)  # which an assessment reads
    load_calibration.cache_clear()
    trained = trained_speakers()
    of_others = [item for item in compared if item.utterance.speaker in trained][::OTHERS_STEP]
    rated_items = [item for item in (*evaluated(compared), *of_others) if aspects.is_sentence(item.utterance)]
    utterances = [item.utterance for item in rated_items]
    marks = [judge(item.comparison, calibrations[item.utterance.speaker]).marks for item in rated_items]
    rated = aspects.Rated.of(utterances, marks, settings)
    rated_readers = aspects.Rated.of([u for u, _ in readers if aspects.is_sentence(u)], [], settings)
    print(aspects.report(utterances, rated, rated_readers, trained))
    models = aspects.fit_marks(utterances, rated, rated_readers)
    print(f"written: {write_calibration(dataclasses.replace(calibration, marks=models))}")
    print(learning_curve(compared, start))


if __name__ == "__main__":
    main()
