"""What was fitted to experts' scores for an engine: `make calibrate` writes it, one JSON file an engine."""

import functools
import json
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent
DEFAULT = "default"


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
class OverallModel:
    """A linear regression of experts' total mark, as a share of the best, on evidence, fluency and pauses."""

    offset: float
    evidence: float
    fluency: float
    pauses: float


@dataclass(frozen=True)
class Calibration:
    """The constants of one engine.

    `offset`, `evidence_weight` and `surprisal_weight` are a logistic regression: of errors with a confidence p, experts
    marked a share of p. Errors of less than `min_confidence` are not named. With more than `max_evidence`,
    in nats a phone, speech is of another text. `overall` predicts experts' total mark, where they gave one. `engine` is
    the one that all were fitted to.
    """

    engine: str
    penalties: Penalties
    offset: float
    evidence_weight: float
    surprisal_weight: float
    min_confidence: float
    max_evidence: float
    overall: OverallModel | None = None


@functools.cache
def load_calibration(engine: str) -> Calibration:
    """Returns the calibration of an engine, or the default one where it has none of its own."""
    path = FOLDER / f"{engine}.json"
    fields = json.loads((path if path.is_file() else FOLDER / f"{DEFAULT}.json").read_text(encoding="utf-8"))
    overall = fields.get("overall")
    fields |= {
        "penalties": Penalties(**fields["penalties"]),
        "overall": overall and OverallModel(**overall),
    }
    return Calibration(**fields)
