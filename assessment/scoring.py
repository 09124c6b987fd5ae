"""Which deviations from a target are named as errors, how sure we are of them, and the score."""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated, Literal, cast

from pydantic import Field

from alignment.comparison import Comparison
from alignment.phone_pairs import ERRORS, PhonePair, Status, pair_phones
from alignment.runs import runs
from alignment.segments import Segment
from alignment.timing import Timestamp
from assessment.advice import Advice
from assessment.evidence import evidence_confidence, logistic
from assessment.phone_scorer import PhoneScore, score_phones
from assessment.verification import text_evidence
from shared.recognizers.calibration import Calibration

ErrorType = Literal["substitute", "insert", "delete"]

MAX_OFF_TARGET_SCORE = 0.3
SCORE_STEPS = 10_000


@dataclass(frozen=True)
class AlignedPair:
    """A target phone and the phone pronounced in its place; null where there is none.

    `position` is as in an error. A `variant` differs and is no error: `explained_by` names why. `score` is the mark
    that experts would give the target phone, in [0, 1]; null for an insertion, for another language than English, and
    for an engine without phone scorer.
    """

    expected: str | None
    actual: str | None
    position: int
    timestamp: Timestamp
    status: Status
    explained_by: str | None
    # An answer that an older worker gave has none.
    score: Annotated[float | None, Field(ge=0, le=1)] = None


@dataclass(frozen=True)
class Mispronunciation:
    """A phone substituted, inserted or deleted, and the probability that experts would mark it too."""

    type: ErrorType
    position: int
    expected: str | None
    actual: str | None
    timestamp: Timestamp
    confidence: Annotated[float, Field(ge=0, le=1)]


@dataclass(frozen=True)
class ScoredMispronunciation(Mispronunciation):
    """A mispronunciation with its cost, in target phones; uncertain where it is named on demand alone.

    `advice` is null where a phone is none that panphon knows.
    """

    uncertain: bool
    cost: float
    # An answer that an older worker gave has none.
    advice: Advice | None = None


@dataclass(frozen=True)
class Judgement:
    """What is named of a comparison: every pair of the target and the phones pronounced, and the score.

    `pairs` come from `segments`; `evidence` and `confidences` are by segment, and a match has a confidence of 0.
    `is_of_another_text` is whether the evidence against the whole text is too high. `marks` [target phones] are those
    that experts would give, as shares of the best; none where the engine has no phone scorer for the language.
    """

    segments: list[Segment]
    evidence: list[float]
    confidences: list[float]
    pairs: list[PhonePair]
    is_of_another_text: bool
    marks: list[float] = field(default_factory=list)

    @property
    def off_target(self) -> bool:
        """Whether the speech is of another text: never where no error is named."""
        return self.is_of_another_text and bool(self.errors)

    @property
    def max_score(self) -> float:
        """The best score that there can be: less where the speech is of another text."""
        return MAX_OFF_TARGET_SCORE if self.off_target else 1.0

    @property
    def errors(self) -> list[PhonePair]:
        """The pairs that differ with no explanation."""
        return [pair for pair in self.pairs if pair.status in ERRORS]

    @property
    def costs(self) -> list[float]:
        """What each error takes off, in target phones: its confidence; of a run of insertions the first one alone."""
        costs = []
        previous: PhonePair | None = None
        for pair in self.pairs:
            in_run = previous is not None and previous.status == pair.status == "insert"
            if pair.status in ERRORS:
                costs.append(0.0 if in_run else self.confidences[pair.segment])
            previous = pair
        return costs

    @property
    def score(self) -> float:
        """The score in [0, 1], 1 exactly where no error is named."""
        return score(self.costs, self.segments[-1].end, self.max_score)

    @property
    def actual(self) -> list[str]:
        """The phones pronounced, those that count as the target's as the target writes them."""
        return [phone for segment in self.segments for phone in segment.phones]

    def posterior(self, pair: PhonePair) -> float:
        """Returns the probability, in [0, 1], that the phone of a pair was pronounced, by the recognizer."""
        against = self.evidence[pair.segment]
        return round(logistic(against if self.segments[pair.segment].status == "deviation" else -against), 4)


def score(costs: Sequence[float], phones: int, max_score: float = 1.0) -> float:
    """Returns e to the minus costs of the errors per target phone, times `max_score`; 1 exactly where there is none.

    While little is wrong, that is 1 less the share of phones that experts would mark.

    >>> score([], 5), score([0.5, 0.5], 5)
    (1.0, 0.8187)
    """
    if not costs:
        return 1.0
    return min(math.floor(math.exp(-sum(costs) / phones) * max_score * SCORE_STEPS), SCORE_STEPS - 1) / SCORE_STEPS


def judge(comparison: Comparison, calibration: Calibration, min_confidence: float | None = None) -> Judgement:
    """Returns what of a comparison is named: deviations with a confidence of at least `min_confidence`.

    Without it, of at least the calibration's. Any other deviation counts as the target, in the phones pronounced, too.
    """
    threshold = calibration.min_confidence if min_confidence is None else min_confidence
    phones = score_phones(comparison, calibration)
    segments, evidence, sure = [], [], []
    for segment, against, confidence in zip(
        comparison.segments, comparison.evidence, confidences(comparison, calibration, phones), strict=True
    ):
        named = segment.status != "deviation" or confidence >= threshold
        if named or segment.end > segment.start:
            segments.append(segment if named else _as_target(segment, comparison.target))
            evidence.append(against)
            sure.append(confidence if named else 0.0)
    pairs = pair_phones(segments, comparison.target, comparison.phonology.normal_forms)
    marks = [round(phone.mark, 4) for phone in phones for _ in range(phone.start, phone.end)]
    return Judgement(segments, evidence, sure, pairs, text_evidence(comparison) > calibration.max_evidence, marks)


def _as_target(segment: Segment, target: Sequence[str]) -> Segment:
    phones = tuple(target[segment.start : segment.end])
    return replace(segment, phones=phones, transcribed=phones, status="match")


def confidences(comparison: Comparison, calibration: Calibration, phones: Sequence[PhoneScore] = ()) -> list[float]:
    """Returns the probability, for each segment that is a deviation, that experts would mark it; 0 for others.

    Of target phones, it is that of their scores, where these are known. A run of insertions is one: each has the
    highest of theirs.
    """
    sure = [evidence_confidence(evidence, comparison.surprisal, calibration) for evidence in comparison.evidence]
    for index, scored in itertools.groupby(phones, key=lambda phone: phone.segment):
        sure[index] = max(phone.error for phone in scored)
    for index, segment in enumerate(comparison.segments):
        if segment.status != "deviation":
            sure[index] = 0.0
    for start, end in runs(comparison.segments, lambda segment: segment.start == segment.end):
        sure[start:end] = [max(sure[start:end])] * (end - start)
    return sure


def aligned_pairs(judgement: Judgement, timestamps: Sequence[Timestamp]) -> list[AlignedPair]:
    """Returns the pairs of a judgement, given their timestamps."""
    return [
        AlignedPair(
            pair.expected,
            pair.actual,
            pair.position,
            timestamp,
            pair.status,
            pair.explained_by,
            judgement.marks[pair.position] if pair.expected is not None and judgement.marks else None,
        )
        for pair, timestamp in zip(judgement.pairs, timestamps, strict=True)
    ]


def mispronunciations(
    judgement: Judgement, timestamps: Sequence[Timestamp], advice: Sequence[Advice | None], certain: float
) -> list[ScoredMispronunciation]:
    """Returns the errors of a judgement, given the timestamps of its pairs and the advice on each error.

    Uncertain ones are below `certain`.
    """
    places = [(pair, time) for pair, time in zip(judgement.pairs, timestamps, strict=True) if pair.status in ERRORS]
    return [
        ScoredMispronunciation(
            cast(ErrorType, error.status),  # an error is one of three statuses, which a type checker cannot see
            error.position,
            error.expected,
            error.actual,
            timestamp,
            round(judgement.confidences[error.segment], 4),
            judgement.confidences[error.segment] < certain,
            round(cost, 4),
            advised,
        )
        for (error, timestamp), cost, advised in zip(places, judgement.costs, advice, strict=True)
    ]
