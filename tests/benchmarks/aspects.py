"""How well fluency and the overall aspect agree with experts' marks, and the fit of the latter's model."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt

from assessment.aspects import predictors
from assessment.assess import Assessor
from shared.recognizers.calibration import OverallModel
from shared.serving.settings import Settings
from tests.benchmarks.bootstrap import correlation, interval
from tests.benchmarks.speech import ScoredUtterance

BEST_MARK = 10.0

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Rated:
    """Utterances as a worker assesses them: fluency, and what the overall aspect is predicted from."""

    utterances: list[ScoredUtterance]
    fluency: Floats
    predictors: Floats

    @property
    def total(self) -> Floats:
        """Experts' total marks as shares of the best."""
        return np.array([utterance.marks.total for utterance in self.utterances]) / BEST_MARK

    @property
    def model(self) -> OverallModel:
        """The model of the overall aspect, fitted to all utterances."""
        return fit_overall(self.predictors, self.total)

    @property
    def overall(self) -> Floats:
        """The overall aspect of each utterance, by a model fitted to all other speakers."""
        speakers = np.array([utterance.speaker for utterance in self.utterances])
        result = np.zeros(len(speakers))
        for speaker in set(speakers.tolist()):
            of = speakers == speaker
            model = fit_overall(self.predictors[~of], self.total[~of])
            result[of] = self.predictors[of] @ (model.evidence, model.fluency, model.pauses) + model.offset
        return result


def rate(utterances: Sequence[ScoredUtterance], settings: Settings) -> Rated:
    """Returns utterances as a worker with these settings assesses them."""
    assessor = Assessor(settings)
    fluency, rows = [], []
    for utterance in utterances:
        found = assessor.assess(str(utterance.path), " ".join("".join(word) for word in utterance.words))
        fluency.append(found.aspects.fluency)
        rows.append(predictors(found.measures, found.log_likelihood_ratio, len(utterance.target)))
    return Rated(list(utterances), np.array(fluency), np.array(rows))


def fit_overall(rows: Floats, total: Floats) -> OverallModel:
    """Returns the linear regression of total marks, as shares of the best, on predictors [utterances, 3]."""
    weights, *_ = np.linalg.lstsq(np.column_stack([np.ones(len(rows)), rows]), total)
    return OverallModel(*weights.round(4).tolist())


def report(rated: Rated) -> str:
    """Returns the agreement with experts' marks, cross-validated over speakers, with intervals of the bootstrap."""
    marks = np.array([utterance.marks.fluency for utterance in rated.utterances])
    pairs = {"fluency": (rated.fluency, marks), "overall, cross-validated": (rated.overall, rated.total)}
    return "\n".join(
        f"{name:26} Pearson {interval(partial(correlation, False, ours, experts), len(experts))}"
        for name, (ours, experts) in pairs.items()
    )
