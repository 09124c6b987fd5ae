"""Costs and confidences of errors, and the score: fitted to experts' marks by `make bench-score`."""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal, cast

from pydantic import Field

from alignment.comparison import PhonePair
from alignment.edit_distance import UNIT, substitution_costs
from alignment.timing import PhoneInterval, Timestamp
from shared.audio import SAMPLE_RATE
from shared.phonology.equivalence import normalize

ErrorType = Literal["substitute", "insert", "delete"]

SCORE_STEPS = 10_000

# A silence this long is a pause_ratio, a shorter one may belong to a stop (de Jong & Bosker, Choosing a threshold for
# silent pauses to measure second language fluency, 2013).
MIN_PAUSE = SAMPLE_RATE // 4
# How much more an error costs for each part of the sentence that is pauses: experts forgive in fluent speech what
# they do not in disfluent speech, where also more of what the recognizer finds is real. From 4 to 8 all agree with the
# experts as well; this is the mildest.
COST_OF_PAUSES = 4.0

# Of errors with a confidence p, experts marked a share of p below 1.5 of 2: a logistic regression on the logit of the
# evidence and the errors per target phone.
WEIGHT_OF_EVIDENCE, WEIGHT_OF_ERROR_RATE, ERROR_OFFSET = 0.27, 3.2, -4.91
# Of phones transcribed with a confidence p, a share of p are those of the target where experts mark no error.
WEIGHT_OF_POSTERIOR, PHONE_OFFSET = 0.46, -0.45
UNCERTAIN_BELOW = 0.2
MIN_DOUBT = 1e-6


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
    """A mispronunciation with its cost, in target phones; uncertain where experts would mark less than one in five."""

    uncertain: bool
    cost: float

    @classmethod
    def of(cls, error: PhonePair, timestamp: Timestamp, confidence: float, cost: float) -> "ScoredMispronunciation":
        """Returns an error of a comparison, scored."""
        kind = cast(ErrorType, error.status)  # an error is one of three statuses, which a type checker cannot see
        fields = (kind, error.position, error.expected, error.actual, timestamp)
        return cls(*fields, round(confidence, 4), confidence < UNCERTAIN_BELOW, round(cost, 4))


def pause_ratio(intervals: Sequence[PhoneInterval]) -> float:
    """Returns the share, in [0, 1), of the time from the first phone to the last that is in pauses."""
    silences = [after.start_sample - before.end_sample for before, after in itertools.pairwise(intervals)]
    return sum(s for s in silences if s >= MIN_PAUSE) / (intervals[-1].end_sample - intervals[0].start_sample)


def edit_cost(error: PhonePair) -> float:
    """Returns the cost of an error in phones, its evidence apart: a substitution's articulatory distance, else 1."""
    if error.expected is None or error.actual is None:
        return 1.0
    return float(substitution_costs([normalize(error.actual)], [normalize(error.expected)])[0, 0]) / UNIT


def costs_of(errors: Sequence[PhonePair], intervals: Sequence[PhoneInterval]) -> list[float]:
    """Returns what each error takes off, in target phones: its edit cost as far as the recognizer is sure of it.

    So an accent costs less than a wrong word; in disfluent speech an error costs up to five times that.
    """
    disfluent = 1.0 + COST_OF_PAUSES * pause_ratio(intervals)
    return [edit_cost(error) * error.evidence * disfluent for error in errors]


def score_of(costs: Sequence[float], target_length: int) -> float:
    """Returns e to the minus costs per target phone, rounded down: 1 exactly when nothing differs, and never negative.

    As long as costs are small that is 1 less the costs per phone. However much is wrong, more still counts.
    """
    return math.floor(math.exp(-sum(costs) / target_length) * SCORE_STEPS) / SCORE_STEPS


def error_confidences(errors: Sequence[PhonePair], target_length: int) -> list[float]:
    """Returns, for each error of a sentence, the probability in [0, 1] that experts would mark it too."""
    sentence = WEIGHT_OF_ERROR_RATE * len(errors) / target_length + ERROR_OFFSET
    return [logistic(WEIGHT_OF_EVIDENCE * logit(error.evidence) + sentence) for error in errors]


def phone_confidence(posterior: float) -> float:
    """Returns the probability that a phone transcribed was pronounced."""
    return round(logistic(WEIGHT_OF_POSTERIOR * logit(posterior) + PHONE_OFFSET), 4)


def logit(probability: float) -> float:
    """Returns the log-odds of a probability, kept finite."""
    within = min(max(probability, MIN_DOUBT), 1.0 - MIN_DOUBT)
    return math.log(within / (1.0 - within))


def logistic(log_odds: float) -> float:
    """Returns the probability of log-odds."""
    return 1.0 / (1.0 + math.exp(-log_odds))
