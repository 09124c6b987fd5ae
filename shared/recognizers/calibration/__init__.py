"""What was fitted to experts' scores for an engine: `make calibrate` writes it, one JSON file an engine."""

import functools
import json
import math
from dataclasses import asdict, dataclass
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
class Calibration:
    """The constants of one engine.

    `offset`, `evidence_weight` and `sentence_weight` are a logistic regression: of errors with a confidence p, experts
    marked a share of p. Errors of less than `min_confidence` are not named. A recording with `off_target_evidence` nats
    a phone against its target is of another text. `fitted_on` tells the data; of the default, nothing.
    """

    penalties: Penalties
    offset: float
    evidence_weight: float
    sentence_weight: float
    min_confidence: float
    off_target_evidence: float
    fitted_on: str = ""

    def confidence(self, evidence: float, sentence_evidence: float) -> float:
        """Returns the probability that experts would mark an error, given the evidence for it and for all others."""
        log_odds = self.offset + self.evidence_weight * evidence + self.sentence_weight * sentence_evidence
        return 1.0 / (1.0 + math.exp(-log_odds))


@functools.cache
def read_calibration(engine: str) -> Calibration:
    """Returns the calibration of an engine; of one that has none of its own, the default, `fitted_on` nothing."""
    path = FOLDER / f"{engine}.json"
    fields = json.loads((path if path.is_file() else FOLDER / f"{DEFAULT}.json").read_text(encoding="utf-8"))
    return Calibration(**fields | {"penalties": Penalties(**fields["penalties"])})


def write_calibration(engine: str, calibration: Calibration) -> Path:
    """Writes the calibration of an engine and returns its file."""
    path = FOLDER / f"{engine}.json"
    path.write_text(json.dumps(asdict(calibration), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return path
