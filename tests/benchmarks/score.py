"""How well errors and scores agree with experts, and how few errors correct speech has: `make bench-score`.

On the learners whom no head was trained on the figures of a speaker come from a calibration fitted to others of them;
on native speech, which nothing is fitted to, from the engine's calibration. Beside it the baseline: the phones of free
recognition, and the edit operations that turn the target into them. In brackets 95 % intervals of the bootstrap over
utterances.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

import numpy as np
import numpy.typing as npt
from scipy import stats

from alignment.edit_distance import edit_operations
from alignment.phone_pairs import ERRORS
from assessment.assess import Assessor
from assessment.scoring import Judgement, judge
from shared.audio.load import load_audio
from shared.ctc.posteriors import Posteriors
from shared.g2p.dictionary import Dictionary
from shared.phonology.equivalence import normalize
from shared.recognizers.base import Recognizer, Transcription
from shared.recognizers.calibration import Calibration, load_calibration
from shared.recognizers.loader import load_recognizer
from shared.serving.settings import read_settings
from tests.benchmarks.bootstrap import Indices, correlation, interval
from tests.benchmarks.calibrate import Compared, compare_all, cross_validate, detect
from tests.benchmarks.changed_targets import as_pronounced, changed_targets
from tests.benchmarks.detection import ACCENTED, WRONG, Detection, drawn_share
from tests.benchmarks.marks import read_all_marked, trained_speakers
from tests.benchmarks.speech import (
    ScoredUtterance,
    Utterance,
    read_held_out_learners,
    read_native,
    read_words_alone,
)
from tests.benchmarks.verification import compare_with, verification_report, verify
from tests.support.data import LEARNERS, require_shared_data
from tests.support.mixed_jobs import data_uri
from tests.support.notation import match_target_notation
from tests.support.partial_readings import partial_readings
from tests.support.recordings import wav

Floats = npt.NDArray[np.float64]

MIN_SENTENCE = 6  # words of a sentence that is read in part
SAMPLE_STEP = 15  # of the changed targets of other clips than LibriVox's, one in so many is tried


@dataclass(frozen=True)
class Baseline:
    """What free recognition finds in an utterance: the target phones in error, and how many errors in all."""

    positions: frozenset[int]
    errors: int
    score: float


def baseline(utterance: Utterance, transcription: Transcription) -> Baseline:
    """Returns what free recognition finds; its score is 1 less the phone error rate."""
    target = [normalize(phone) for phone in utterance.target]
    free = [normalize(phone) for phone in match_target_notation(transcription.phones, utterance.target)]
    operations = edit_operations(free, target)
    positions = frozenset(operation.position for operation in operations if operation.expected)
    return Baseline(positions, len(operations), max(0.0, 1.0 - len(operations) / len(target)))


def detection_table(
    detection: Detection, free: Sequence[Baseline], compared: Sequence[Compared], min_confidence: float
) -> None:
    """Prints precision, recall, F1 and AUC of errors against what experts marked."""
    flagged = [
        np.array(
            [float(any(p in found.positions for p in range(phone.start, phone.end))) for phone in item.utterance.phones]
        )
        for item, found in zip(compared, free, strict=True)
    ]
    ways = {
        "named errors": (detection, min_confidence),
        "free recognition": (Detection(detection.scores, flagged, flagged, flagged), 0.5),
    }
    print(f"{'':30} {'precision':18} {'recall':18} {'F1':18} AUC")
    for limit in (ACCENTED, WRONG):
        for name, (way, threshold) in ways.items():
            counts = way.counts(threshold, limit)
            cells = [interval(partial(drawn_share, counts, kind), len(compared)) for kind in range(3)]
            cells.append(interval(partial(drawn_auc, way, limit), len(compared)))
            print(f"{name + f', below {limit}':30} " + " ".join(f"{cell:18}" for cell in cells))


def drawn_auc(detection: Detection, limit: float, drawn: Indices) -> float:
    """Returns the AUC over drawn utterances."""
    return detection.of(drawn.tolist()).auc(limit)


def score_table(scores: dict[str, Floats], utterances: Sequence[ScoredUtterance]) -> None:
    """Prints how scores agree with experts."""
    phones = np.array([utterance.mean_phone_score for utterance in utterances])
    accuracy = np.array([utterance.marks.accuracy for utterance in utterances])
    print(f"\n{'':18} {'Pearson, phones':20} {'Spearman, phones':20} Pearson, sentence accuracy")
    for name, values in {**scores, "(experts' phones)": phones}.items():
        cells = [
            interval(partial(correlation, False, values, phones), len(phones)),
            interval(partial(correlation, True, values, phones), len(phones)),
            interval(partial(correlation, False, values, accuracy), len(phones)),
        ]
        print(f"{name:18} " + " ".join(f"{cell:20}" for cell in cells))


def reliability(detection: Detection) -> None:
    """Prints the share of deviations that experts marked, beside the mean confidence, by fifths."""
    sure, scores = np.concatenate(detection.confidences), np.concatenate(detection.scores)
    deviations = np.flatnonzero(sure)
    order = deviations[np.argsort(sure[deviations], kind="stable")]
    fifths = np.array_split(order, 5)
    print("\nconfidence and share marked, fifths of the deviations: ", end="")
    print("   ".join(f"{sure[fifth].mean():.2f} {(scores[fifth] < ACCENTED).mean():.2f}" for fifth in fifths))


def other_texts(speech: Sequence[tuple[Utterance, Transcription]], calibration: Calibration) -> None:
    """Prints how often recordings are taken for another text than their own, and how many other texts are found."""
    verified = verify([(u, t.posteriors) for u, t in speech], calibration.penalties)
    print()
    for words, name in ((True, "words alone"), (False, "sentences")):
        alarms = verified.false_alarms(calibration, words=words)
        found = verified.found(calibration.max_evidence, words=words)
        print(f"{name:12} own text off target {sum(alarms)} of {len(alarms)}; other texts found {found:.1%}")
    print(verification_report(verified, calibration).replace(":", ", by cross-validation:"))


def partial_table(speech: Sequence[Utterance], assessor: Assessor) -> None:
    """Prints what is answered about readings of sentences that are halves, repeated or have more words."""
    sentences = [u for u in speech if len(u.words) >= MIN_SENTENCE]
    rows: defaultdict[str, list[tuple[bool, float, float, float, float]]] = defaultdict(list)
    for index, utterance in enumerate(sentences):
        target = " ".join("".join(word) for word in utterance.words)
        audio, other = load_audio(str(utterance.path)), load_audio(str(sentences[index - 1].path))
        own = assessor.assess(str(utterance.path), target)
        times = [word.timestamp for word in own.words if word.status in ("correct", "mispronounced", "omitted")]
        for name, reading in partial_readings(audio, times, other).items():
            found = assessor.assess(data_uri(wav(reading.audio)), target)
            rows[name].append(
                (
                    found.off_target,
                    found.score,
                    found.aspects.accuracy - own.aspects.accuracy,
                    abs(found.aspects.completeness - reading.words_pronounced),
                    found.measures.repetitions,
                )
            )
    print(f"\n{len(sentences)} sentences: off target, score, accuracy less that of all, completeness off, repetitions")
    for name, values in rows.items():
        off, score, accuracy, completeness, repetitions = np.mean(values, axis=0)
        print(
            f"{name:26} {round(off * len(values)):3} of {len(values)} {score:6.2f} {accuracy:+7.3f} "
            f"{completeness:6.3f} {repetitions:6.2f}"
        )


def native_table(speech: Sequence[tuple[Utterance, Transcription]], calibration: Calibration) -> None:
    """Prints the errors named per 100 target phones of native speech, and the mean score."""
    head = "clips  phones  errors per 100 phones  off target  score  free recognition: errors, score"
    print(f"\n{'native speech':16} {head}")
    groups = [*dict.fromkeys(utterance.group for utterance, _ in speech), "all"]
    for group in groups:
        members = [item for item in speech if group in (item[0].group, "all")]
        judged = [judge_with(u, t.posteriors, calibration) for u, t in members]
        free = [baseline(u, t) for u, t in members]
        phones = sum(len(u.target) for u, _ in members)
        print(
            f"{group:16} {len(members):5} {phones:7} {100 * sum(len(j.errors) for j in judged) / phones:22.1f} "
            f"{sum(j.off_target for j in judged):11} "
            f"{np.mean([j.score for j in judged]):6.3f} {100 * sum(f.errors for f in free) / phones:26.1f} "
            f"{np.mean([f.score for f in free]):6.3f}"
        )


def sensitivity(speech: Sequence[tuple[Utterance, Transcription]], calibration: Calibration) -> None:
    """Prints how many targets with one phone changed have an error named there, and no other one that was not."""
    print("\nevery phone that is no diphthong changed to every other manner, place or vowel (of other clips a sample):")
    clips = [(utterance, transcription.posteriors) for utterance, transcription in speech]
    librivox = [(utterance, posteriors) for utterance, posteriors in clips if utterance.group == "LibriVox"]
    pronounced = [(as_pronounced(u, judge_with(u, p, calibration)), p) for u, p in librivox]
    others = [(utterance, posteriors) for utterance, posteriors in clips if utterance.group != "LibriVox"]
    for name, targets, step in (
        ("LibriVox, the dictionary's targets", librivox, 1),
        ("LibriVox, what was pronounced", pronounced, 1),
        ("other clips, the dictionary's targets", others, SAMPLE_STEP),
    ):
        total, named, alone = np.sum([changes(u, p, calibration, step) for u, p in targets], axis=0).tolist()
        print(f"{name:38} {total:5} named at its place in {named / total:.1%}, alone in {alone / total:.1%}")


def changes(utterance: Utterance, posteriors: Posteriors, calibration: Calibration, step: int) -> tuple[int, int, int]:
    """Returns how many changed targets an utterance has, and of how many the error is named, and with no other more.

    Of the changed targets one in `step` is tried.
    """
    before = errors_at(judge_with(utterance, posteriors, calibration))
    changed = list(changed_targets(utterance, posteriors.labels))[::step]
    found = [(start, errors_at(judge_with(target, posteriors, calibration))) for start, target in changed]
    named = [errors <= before | {start} for start, errors in found if start in errors]
    return len(found), len(named), sum(named)


def judge_with(utterance: Utterance, posteriors: Posteriors, calibration: Calibration) -> Judgement:
    """Returns what is named of a recording with an utterance's target."""
    return judge(compare_with(utterance, posteriors, calibration.penalties), calibration)


def errors_at(judgement: Judgement) -> set[int]:
    """Returns the target positions of errors."""
    return {pair.position for pair in judgement.pairs if pair.status in ERRORS}


@dataclass(frozen=True)
class Learners:
    """Scored utterances as free recognition has them, and as they compare with their targets, cross-validated."""

    transcribed: list[tuple[ScoredUtterance, Transcription]]
    compared: list[Compared]
    calibrations: dict[str, Calibration]

    @property
    def utterances(self) -> list[ScoredUtterance]:
        """The utterances."""
        return [utterance for utterance, _ in self.transcribed]

    @property
    def baselines(self) -> list[Baseline]:
        """What free recognition finds in each utterance."""
        return [baseline(utterance, transcription) for utterance, transcription in self.transcribed]

    @property
    def scores(self) -> dict[str, Floats]:
        """The score of each utterance, and that of free recognition."""
        judged = [judge(item.comparison, self.calibrations[item.utterance.speaker]) for item in self.compared]
        return {
            "score": np.array([judgement.score for judgement in judged]),
            "free recognition": np.array([found.score for found in self.baselines]),
        }


def read_learners(recognizer: Recognizer) -> Learners:
    """Returns the learners' utterances, transcribed and compared."""
    calibration = load_calibration(recognizer.name)
    trained = trained_speakers()
    utterances = [u for u in read_all_marked(LEARNERS, Dictionary()) if u.speaker not in trained]
    transcribed = [(u, recognizer.transcribe(u.read())) for u in utterances]
    compared = compare_all([(utterance, t.posteriors) for utterance, t in transcribed], calibration.penalties)
    return Learners(transcribed, compared, cross_validate(compared, calibration))


def agreement(learners: Learners) -> tuple[float, float]:
    """Returns Pearson's correlation of the score, and of that of free recognition, with experts' mean phone scores."""
    phones = np.array([utterance.mean_phone_score for utterance in learners.utterances])
    ours, free = (float(stats.pearsonr(values, phones)[0]) for values in learners.scores.values())
    return ours, free


def main() -> None:
    """Prints every table."""
    require_shared_data("speech", "native_prompts", "so762_dev", "so762_train")
    recognizer = load_recognizer(read_settings())
    calibration = load_calibration(recognizer.name)
    print(f"{date.today().isoformat()}, {recognizer.name}, calibration {calibration.engine}\n")
    native = [(u, recognizer.transcribe(u.read())) for u in read_native(Dictionary())]
    learners = read_learners(recognizer)
    print_tables(learners, native, calibration)
    words = [(u, recognizer.transcribe(u.read())) for u in read_words_alone(Dictionary())]
    native_table(words, calibration)
    held_out = read_held_out_learners(Dictionary())
    transcribed = [(u, recognizer.transcribe(u.read())) for u in held_out]
    other_texts([*learners.transcribed, *native, *words, *transcribed], calibration)
    for speech in ([u for u, _ in [*native, *learners.transcribed]], held_out):
        partial_table(speech, Assessor(read_settings()))


def print_tables(
    learners: Learners, native: Sequence[tuple[Utterance, Transcription]], calibration: Calibration
) -> None:
    """Prints the tables of transcribed speech."""
    detection = detect(learners.compared, learners.calibrations)
    detection_table(detection, learners.baselines, learners.compared, calibration.min_confidence)
    score_table(learners.scores, learners.utterances)
    reliability(detection)
    native_table(native, calibration)
    sensitivity(native, calibration)


if __name__ == "__main__":
    main()
