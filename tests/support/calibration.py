"""The calibration of an engine, written where an assessment reads it."""

import dataclasses
import json
from pathlib import Path

from shared.recognizers.calibration import FOLDER, PHONE_SCORER_VERSION, Calibration, phone_scorer_file


def write_calibration(calibration: Calibration) -> Path:
    """Writes the calibration of an engine, its phone scorer beside it, and returns its file."""
    fields = dataclasses.asdict(calibration)
    if scorer := fields.pop("phone_scorer"):
        text = json.dumps({"version": PHONE_SCORER_VERSION, **scorer}, separators=(",", ":"))
        # A line for each of the trees' numbers, so that a difference can be read.
        phone_scorer_file(calibration.engine).write_text(text.replace("],[", "],\n["), encoding="utf-8")
    path = FOLDER / f"{calibration.engine}.json"
    path.write_text(json.dumps(fields, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return path
