"""How well scores, errors and confidences agree with experts: `make bench-score`.

On the 46 utterances of speechocean762 that the repository does not hold, the target being the phones that experts
scored. Constants of `assessment/scoring.py` are fitted here, and tested over speakers: what is said of a speaker comes
from constants fitted to the others.
"""

import csv
import itertools
import math
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import numpy.typing as npt
from scipy import stats
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from alignment.comparison import ERRORS, Comparison, PhonePair, compare
from alignment.gop import gop
from alignment.mfa import MfaAligner
from alignment.phone_set import read_label
from assessment import scoring
from shared.audio import decode_audio
from shared.phonology.equivalence import normalize
from shared.phonology.ipa import is_vowel
from shared.recognizers.embedded.recognizer import EmbeddedRecognizer
from tests.support.data import LEARNERS

PICTURES = Path("build")
SPEAKER = 5  # an utterance's name begins with so many letters of its speaker
RESAMPLES = 2000
WRONG, ACCENTED = 0.5, 1.5  # below: what experts call wrong or missing, and what they hear an accent in
COSTS_OF_HESITATING = np.arange(0.0, 8.1, 0.5)
CLASSES = {
    "stops": "p b t d k ɡ", "affricates": "t͡ʃ d͡ʒ", "fricatives": "f v θ ð s z ʃ ʒ h", "nasals": "m n ŋ",
    "approximants": "l ɹ w j",
}  # fmt: skip

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Utterance:
    """A learner's sentence: the experts' accuracy, 0 to 10, and score of each target phone, 0 to 2."""

    name: str
    accuracy: float
    words: list[list[str]]
    phone_scores: list[float]

    @property
    def speaker(self) -> str:
        return self.name[:SPEAKER]

    @property
    def target(self) -> list[str]:
        return list(itertools.chain.from_iterable(self.words))


@dataclass(frozen=True)
class Judgement:
    """What the pipeline found in an utterance."""

    utterance: Utterance
    found: Comparison
    pause_ratio: float
    posteriors: list[float]  # of each target phone

    @property
    def cost(self) -> float:
        """The cost per target phone, hesitation left out."""
        costs = (scoring.edit_cost(error) * error.evidence for error in self.found.errors)
        return sum(costs) / len(self.utterance.target)


def read_utterances() -> list[Utterance]:
    """Returns the utterances with the phones that experts scored, diphthongs as two of them."""
    with (LEARNERS / "labels.tsv").open(encoding="utf-8", newline="") as labels:
        rows = list(csv.DictReader(labels, delimiter="\t", quoting=csv.QUOTE_NONE))
    return [read_utterance(row) for row in rows]


def read_utterance(row: dict[str, str]) -> Utterance:
    words, scores = [], []
    for word in row["words"].split("|"):
        scored = [pair.split("=") for pair in word.rpartition(":")[2].split(",")]
        spelled = [read_label(label) for label, _ in scored]
        words.append(list(itertools.chain.from_iterable(spelled)))
        scores += [float(score) for (_, score), phones in zip(scored, spelled, strict=True) for _ in phones]
    return Utterance(row["utterance"], float(row["accuracy"]), words, scores)


def judge(utterance: Utterance, recognizer: EmbeddedRecognizer, aligner: MfaAligner) -> Judgement:
    """Returns what the pipeline finds, before anything fitted comes in."""
    audio = decode_audio((LEARNERS / f"{utterance.name}.flac").read_bytes())
    heard = recognizer.transcribe(audio)
    found = compare(heard.posteriors, heard.phones, utterance.words)
    said = [phone.posterior for phone in gop(heard.posteriors, utterance.target)]
    return Judgement(utterance, found, scoring.pause_ratio(aligner.align_phonemes(audio, found.transcribed)), said)


def score(judgement: Judgement, cost_of_hesitating: float = scoring.COST_OF_PAUSES) -> float:
    return math.exp(-judgement.cost * (1.0 + cost_of_hesitating * judgement.pause_ratio))


def plain_score(judgement: Judgement) -> float:
    """Returns 1 less the phone error rate: what one would otherwise use."""
    return 1.0 - levenshtein(judgement.found.actual, judgement.utterance.target) / len(judgement.utterance.target)


def levenshtein(heard: Sequence[str], target: Sequence[str]) -> int:
    row = list(range(len(heard) + 1))
    for phone in target:
        diagonal, row[0] = row[0], row[0] + 1
        for index, other in enumerate(heard):
            diagonal, row[index + 1] = (
                row[index + 1],
                min(diagonal + (phone != other), row[index] + 1, row[index + 1] + 1),
            )
    return row[-1]


def other_speakers(judgements: Sequence[Judgement], speaker: str) -> list[Judgement]:
    return [judgement for judgement in judgements if judgement.utterance.speaker != speaker]


def accuracies(judgements: Sequence[Judgement]) -> Floats:
    return np.array([judgement.utterance.accuracy for judgement in judgements])


def best_cost_of_hesitating(judgements: Sequence[Judgement]) -> float:
    """Returns the constant with which the scores agree best with the experts."""

    def agreement_with(cost: float) -> float:
        return pearson(np.array([score(judgement, cost) for judgement in judgements]), accuracies(judgements))

    return float(max(COSTS_OF_HESITATING, key=agreement_with))


def score_table(judgements: Sequence[Judgement]) -> None:
    """Prints how each way to score agrees with the experts' accuracy of sentences."""
    accuracy = accuracies(judgements)
    fitted_to_others = {
        speaker: best_cost_of_hesitating(other_speakers(judgements, speaker))
        for speaker in sorted({judgement.utterance.speaker for judgement in judgements})
    }
    ways = {
        "1 - phone error rate": [plain_score(j) for j in judgements],
        "sounds alone": [score(j, 0.0) for j in judgements],
        "score, over speakers": [score(j, fitted_to_others[j.utterance.speaker]) for j in judgements],
        "score": [score(j) for j in judgements],
    }
    baseline = np.array(ways["1 - phone error rate"])
    print(f"{'':24} Pearson              Spearman             Pearson above the first")
    for name, values in ways.items():
        row = agreement(np.array(values), baseline, accuracy)
        print(f"{name:24} " + "   ".join(f"{value:5.2f} [{low:5.2f}, {high:5.2f}]" for value, low, high in row))
    print(f"COST_OF_PAUSES: {best_cost_of_hesitating(judgements)}; without each speaker {fitted_to_others}\n")


def agreement(scores: Floats, baseline: Floats, accuracy: Floats) -> list[tuple[float, float, float]]:
    """Returns Pearson, Spearman, and Pearson above the baseline's, each with the bootstrap's 95 % interval."""

    def statistics(drawn: npt.NDArray[np.int64]) -> Floats:
        truth, ours, others = accuracy[drawn], scores[drawn], baseline[drawn]
        ranks = pearson(stats.rankdata(ours), stats.rankdata(truth))
        return np.array([pearson(ours, truth), ranks, pearson(ours, truth) - pearson(others, truth)])

    draws = np.random.default_rng(0).integers(0, len(scores), (RESAMPLES, len(scores)))
    low, high = np.percentile([statistics(draw) for draw in draws], [2.5, 97.5], axis=0)
    return list(zip(statistics(np.arange(len(scores))).tolist(), low.tolist(), high.tolist(), strict=True))


def pearson(left: Floats, right: Floats) -> float:
    return float(np.corrcoef(left, right)[0, 1])


@dataclass(frozen=True)
class JudgedPhone:
    """A target phone: the experts' score, our error there if any, with what a fit needs, and its goodness."""

    phone: str
    expert_score: float
    speaker: str
    error: PhonePair | None
    evidence: float
    errors_per_phone: float
    posterior: float


def judged_phones(judgement: Judgement) -> list[JudgedPhone]:
    utterance, found = judgement.utterance, judgement.found
    errors = {error.position: error for error in found.errors if error.expected is not None}
    rate = len(found.errors) / len(utterance.target)
    judged = []
    for position, phone in enumerate(utterance.target):
        error = errors.get(position)
        evidence = error.evidence if error else 0.0
        expert_score, said = utterance.phone_scores[position], judgement.posteriors[position]
        judged.append(JudgedPhone(phone, expert_score, utterance.speaker, error, evidence, rate, said))
    return judged


@dataclass(frozen=True)
class Fit:
    """A logistic regression, and what it says of each speaker when fitted to the others."""

    weights: list[float]
    offset: float
    over_speakers: Floats


def fit(features: Floats, came_true: npt.NDArray[np.bool_], speakers: Sequence[str]) -> Fit:
    """Returns the fit of an event's probability to features [cases, features]."""

    def regression(chosen: npt.NDArray[np.bool_]) -> LogisticRegression:
        return LogisticRegression(C=np.inf).fit(features[chosen], came_true[chosen])

    predicted = np.empty(len(came_true))
    for speaker in set(speakers):
        left_out = np.array(speakers) == speaker
        predicted[left_out] = regression(~left_out).predict_proba(features[left_out])[:, 1]
    whole = regression(np.ones(len(came_true), dtype=bool))
    return Fit(whole.coef_[0].round(2).tolist(), round(float(whole.intercept_[0]), 2), predicted)


def fit_errors(phones: Sequence[JudgedPhone]) -> Fit:
    """Returns the fit of the probability that an error is one to the experts."""
    features = np.array([(scoring.logit(phone.evidence), phone.errors_per_phone) for phone in phones])
    marked = np.array([phone.expert_score < ACCENTED for phone in phones])
    return fit(features, marked, [phone.speaker for phone in phones])


def fit_heard(judgements: Sequence[Judgement]) -> tuple[Fit, npt.NDArray[np.bool_]]:
    """Returns the fit of the probability that a phone heard was said, and whether it was.

    It was where it is the target's, and was not where it is another and the experts heard nothing wrong.
    """
    cases = []
    for judgement in judgements:
        scores = [*judgement.utterance.phone_scores, 2.0]  # after the last phone only something put in can stand
        cases += [
            (scoring.logit(pair.posterior), pair.status not in ERRORS, judgement.utterance.speaker)
            for pair in judgement.found.pairs
            if pair.actual is not None and (pair.status not in ERRORS or scores[pair.position] >= ACCENTED)
        ]
    logits, right, speakers = zip(*cases, strict=True)
    return fit(np.array(logits)[:, None], np.array(right), speakers), np.array(right)


def reliability(name: str, probabilities: Floats, came_true: npt.NDArray[np.bool_]) -> list[tuple[float, float]]:
    """Prints and returns, for fifths of the cases, the mean probability and the share that came true."""
    fifths = np.array_split(np.argsort(probabilities, kind="stable"), 5)
    points = [(float(probabilities[fifth].mean()), float(came_true[fifth].mean())) for fifth in fifths]
    print(f"{name:24} " + "   ".join(f"{said:.2f} {true:.2f}" for said, true in points))
    return points


def detection_table(phones: Sequence[JudgedPhone], confidence: dict[int, float]) -> None:
    """Prints how well errors, and their confidence over speakers, find the phones that experts marked."""
    print(f"{'':30} phones marked  found  precision  AUC of confidence  AUC of goodness")
    for limit in (WRONG, ACCENTED):
        detection_row(f"below {limit}", range(len(phones)), phones, confidence, limit)
    for name in (*CLASSES, "vowels"):
        members = [k for k, phone in enumerate(phones) if phone_class(phone.phone) == name]
        detection_row(f"below {ACCENTED}, {name}", members, phones, confidence, ACCENTED)


def detection_row(
    name: str, members: Sequence[int], phones: Sequence[JudgedPhone], confidence: dict[int, float], limit: float
) -> None:
    marked = np.array([phones[k].expert_score < limit for k in members])
    found = np.array([phones[k].error is not None for k in members])
    doubts = [1.0 - phones[k].posterior for k in members]
    both = (marked & found).sum()
    areas = [roc_auc_score(marked, [confidence.get(k, 0.0) for k in members]), roc_auc_score(marked, doubts)]
    print(
        f"{name:30} {len(members):6} {marked.sum():6} {both / marked.sum():6.0%} {both / found.sum():10.0%} "
        f"{areas[0]:18.2f} {areas[1]:16.2f}"
    )


def phone_class(phone: str) -> str:
    if is_vowel(phone):
        return "vowels"
    return next(name for name, members in CLASSES.items() if normalize(phone) in members.split())


def draw_scores(judgements: Sequence[Judgement]) -> None:
    figure, axes = plt.subplots(figsize=(5, 5), layout="constrained")
    jitter = np.random.default_rng(0).uniform(-0.15, 0.15, len(judgements))
    for speaker in sorted({judgement.utterance.speaker for judgement in judgements}):
        mine = [k for k, judgement in enumerate(judgements) if judgement.utterance.speaker == speaker]
        axes.scatter(accuracies(judgements)[mine] + jitter[mine], [score(judgements[k]) for k in mine], label=speaker)
    axes.set(xlabel="experts' accuracy of the sentence", ylabel="score", ylim=(-0.02, 1.02))
    axes.legend(title="speaker")
    figure.savefig(PICTURES / "score.png", dpi=150)


def draw_reliability(curves: dict[str, list[tuple[float, float]]]) -> None:
    figure, axes = plt.subplots(figsize=(5, 5), layout="constrained")
    axes.plot([0, 1], [0, 1], color="grey", linewidth=1)
    for name, points in curves.items():
        axes.plot(*zip(*points, strict=True), marker="o", label=name)
    axes.set(xlabel="confidence", ylabel="share that came true", xlim=(0, 1), ylim=(0, 1))
    axes.legend()
    figure.savefig(PICTURES / "reliability.png", dpi=150)


def draw_confusions(phones: Sequence[JudgedPhone]) -> None:
    """Draws what was heard for each target phone, as shares of it; the last column is nothing."""
    meant = sorted({normalize(phone.phone) for phone in phones}, key=lambda phone: (phone_class(phone), phone))
    heard = [normalize((phone.error.actual or "∅") if phone.error else phone.phone) for phone in phones]
    columns = [*meant, *sorted(set(heard) - set(meant))]
    counts = np.zeros((len(meant), len(columns)))
    for phone, actual in zip(phones, heard, strict=True):
        counts[meant.index(normalize(phone.phone)), columns.index(actual)] += 1
    figure, axes = plt.subplots(figsize=(10, 8), layout="constrained")
    picture = axes.imshow(counts / counts.sum(axis=1, keepdims=True), cmap="Greys", vmin=0, vmax=1)
    axes.set_xticks(range(len(columns)), columns)
    axes.set_yticks(range(len(meant)), meant)
    axes.set(xlabel="heard", ylabel="target")
    figure.colorbar(picture, label="share of the target phone")
    figure.savefig(PICTURES / "confusions.png", dpi=150)


def judge_all() -> list[Judgement]:
    """Returns what the pipeline finds in all utterances. Exits where they are not there."""
    if not LEARNERS.is_dir():
        raise SystemExit("the benchmark of the score needs the scored utterances, which are not in the repository")
    recognizer, aligner = EmbeddedRecognizer(), MfaAligner(runtime="viter")
    return [judge(utterance, recognizer, aligner) for utterance in read_utterances()]


def main() -> None:
    """Prints the tables and draws the pictures."""
    judgements = judge_all()
    print(f"{date.today()}, {platform.machine()}, {len(judgements)} utterances, 95 % intervals by bootstrap\n")
    score_table(judgements)

    phones = list(itertools.chain.from_iterable(map(judged_phones, judgements)))
    errors = [k for k, phone in enumerate(phones) if phone.error]
    error_fit = fit_errors([phones[k] for k in errors])
    heard_fit, right = fit_heard(judgements)
    detection_table(phones, dict(zip(errors, error_fit.over_speakers.tolist(), strict=True)))
    marked = np.array([phones[k].expert_score < ACCENTED for k in errors])
    certain = error_fit.over_speakers >= scoring.UNCERTAIN_BELOW
    print(
        f"errors that are not uncertain: {certain.sum()} of {len(errors)}, {marked[certain].mean():.0%} marked; "
        f"of the uncertain {marked[~certain].mean():.0%}\n"
    )
    print("confidence over speakers, and the share that came true, by fifths")
    curves = {
        "errors": reliability("errors", error_fit.over_speakers, marked),
        "phones heard": reliability("phones heard", heard_fit.over_speakers, right),
    }
    print(f"WEIGHT_OF_EVIDENCE, WEIGHT_OF_ERROR_RATE, ERROR_OFFSET = {error_fit.weights} {error_fit.offset}")
    print(f"WEIGHT_OF_POSTERIOR, PHONE_OFFSET = {heard_fit.weights} {heard_fit.offset}")

    PICTURES.mkdir(exist_ok=True)
    draw_scores(judgements)
    draw_reliability(curves)
    draw_confusions(phones)
    print(f"pictures are in {PICTURES}/: score.png, reliability.png, confusions.png")


if __name__ == "__main__":
    main()
