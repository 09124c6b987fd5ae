"""How well errors that are found agree with those that experts marked."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.metrics import roc_auc_score

from tests.benchmarks.bootstrap import Indices

WRONG, ACCENTED = 0.5, 1.5  # scores below: what experts call wrong or missing, and what they mark as accented

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Detection:
    """Each phone that experts scored, by utterance.

    `scores` are theirs; `marks` those predicted, as shares of the best; `errors` the probabilities that it has less
    than `ACCENTED`; `confidences` these where the phone deviates, else 0.
    """

    scores: list[Floats]
    marks: list[Floats]
    errors: list[Floats]
    confidences: list[Floats]

    def counts(self, min_confidence: float, limit: float = ACCENTED) -> npt.NDArray[np.int64]:
        """Returns [utterances, 3] counts of phones: named and marked below a limit, named, marked."""
        rows = []
        for scores, confidence in zip(self.scores, self.confidences, strict=True):
            named, marked = confidence >= min_confidence, scores < limit
            rows.append(((named & marked).sum(), named.sum(), marked.sum()))
        return np.array(rows)

    def of(self, chosen: Sequence[int]) -> "Detection":
        """Returns that of some of the utterances, which may be drawn several times."""
        parts = (self.scores, self.marks, self.errors, self.confidences)
        return Detection(*([part[k] for k in chosen] for part in parts))

    def auc(self, limit: float = ACCENTED) -> float:
        """Returns the area under the receiver operating characteristic of the probability of an error."""
        return float(roc_auc_score(np.concatenate(self.scores) < limit, np.concatenate(self.errors)))

    def pearson(self) -> float:
        """Returns the correlation of the marks predicted with the experts'."""
        return float(np.corrcoef(np.concatenate(self.scores), np.concatenate(self.marks))[0, 1])


def precision_recall_f1(counts: npt.NDArray[np.int64]) -> tuple[float, float, float]:
    """Returns precision, recall and their harmonic mean of `Detection.counts`."""
    both, named, marked = counts.sum(axis=0)
    return both / max(named, 1), both / max(marked, 1), 2 * both / max(named + marked, 1)


def drawn_share(counts: Indices, kind: int, drawn: Indices) -> float:
    """Returns precision, recall or F1 over drawn utterances."""
    return precision_recall_f1(counts[drawn])[kind]
