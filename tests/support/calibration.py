"""The calibration of an engine, written where an assessment reads it."""

import json
from dataclasses import asdict
from pathlib import Path

from shared.recognizers.calibration import FOLDER, Calibration


def write_calibration(calibration: Calibration) -> Path:
    """Writes the calibration of an engine and returns its file."""
    path = FOLDER / f"{calibration.engine}.json"
    path.write_text(json.dumps(asdict(calibration), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return path
