"""The probability of an error by the evidence for it alone: a logistic regression on experts' marks."""

import math

from shared.recognizers.calibration import Calibration


def evidence_confidence(evidence: float, surprisal: float, calibration: Calibration) -> float:
    """Returns the probability that experts would mark a deviation, by its evidence and the recording's surprisal."""
    prior = calibration.offset + calibration.surprisal_weight * surprisal
    return logistic(prior + calibration.evidence_weight * log_scaled(evidence))


def log_scaled(evidence: float) -> float:
    """Returns evidence, in nats, as it counts: much of it makes experts hardly surer than some.

    >>> round(log_scaled(8.0), 2), round(log_scaled(16.0), 2), log_scaled(0.0)
    (2.78, 3.47, 0.0)
    """
    return math.asinh(evidence)


def logistic(log_odds: float) -> float:
    """Returns the probability of log-odds."""
    return 1.0 / (1.0 + math.exp(-log_odds))
