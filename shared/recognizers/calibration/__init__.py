"""What was fitted to experts' scores for an engine: `make calibrate` writes it, one JSON file an engine."""

import functools
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from shared.recognizers.calibration.trees import Trees

FOLDER = Path(__file__).parent
DEFAULT = "default"
PHONE_SCORER_VERSION = 2  # of the features that a phone scorer reads


@dataclass(frozen=True)
class Penalties:
    """What a deviation from the target costs, in nats: minus the logarithm of its prior probability.

    A run of inserted phones costs `insertion` once and `extension` for each phone after the first, so a restart is
    one run.
    """

    substitution: float
    deletion: float
    insertion: float
    extension: float


@dataclass(frozen=True)
class MarkModel:
    """A linear regression of a mark, as a share of what native readers have: 1 is the best."""

    offset: float
    weights: tuple[float, ...]

    def __call__(self, predictors: Sequence[float]) -> float:
        """Returns the mark in [0, 1]."""
        terms = zip(self.weights, predictors, strict=True)
        return min(max(self.offset + sum(weight * value for weight, value in terms), 0.0), 1.0)


@dataclass(frozen=True)
class MarkModels:
    """Models of experts' marks of a word, and of a sentence: its fluency, its prosody, and all of it.

    `assessment.words` and `assessment.aspects` define their predictors.
    """

    word: MarkModel
    fluency: MarkModel
    prosody: MarkModel
    overall: MarkModel


@dataclass(frozen=True)
class PhoneScorer:
    """What experts give a phone: trees of the features that `assessment.phone_scorer` has of it.

    `mark` is the mean mark as a share of the best, `error` the log-odds that it is less than 1.5 of 2.
    """

    mark: Trees
    error: Trees


@dataclass(frozen=True)
class Calibration:
    """The constants of one engine.

    `offset`, `evidence_weight` and `surprisal_weight` are a logistic regression: of errors with a confidence p, experts
    marked a share of p. With a `phone_scorer` it is of insertions alone, without one of all errors. Errors of less than
    `min_confidence` are not named. With more than `max_evidence`, in nats a phone, speech is of another text.
    `marks` predict those of words and sentences. `engine` is the one that all were fitted to.
    """

    engine: str
    penalties: Penalties
    offset: float
    evidence_weight: float
    surprisal_weight: float
    min_confidence: float
    max_evidence: float
    marks: MarkModels | None = None
    phone_scorer: PhoneScorer | None = None


@functools.cache
def load_calibration(engine: str) -> Calibration:
    """Returns the calibration of an engine, or the default one where it has none of its own."""
    path = FOLDER / f"{engine}.json"
    fields = json.loads((path if path.is_file() else FOLDER / f"{DEFAULT}.json").read_text(encoding="utf-8"))
    scorer, marks = _load_phone_scorer(engine), fields.pop("marks", None)
    models = {name: MarkModel(m["offset"], tuple(m["weights"])) for name, m in (marks or {}).items()}
    fields["penalties"] = Penalties(**fields["penalties"])
    return Calibration(**fields, marks=MarkModels(**models) if scorer and models else None, phone_scorer=scorer)


def phone_scorer_file(engine: str) -> Path:
    """Returns the file of an engine's phone scorer."""
    return FOLDER / f"{engine}_phones.json"


def _load_phone_scorer(engine: str) -> PhoneScorer | None:
    """Returns the phone scorer of an engine; None where it has none, or one of another version's features."""
    path = phone_scorer_file(engine)
    if not path.is_file():
        return None
    fields = json.loads(path.read_text(encoding="utf-8"))
    current = fields["version"] == PHONE_SCORER_VERSION
    return PhoneScorer(Trees(**fields["mark"]), Trees(**fields["error"])) if current else None
