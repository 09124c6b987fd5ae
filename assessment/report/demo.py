"""Both workers on a recording of this repository, with answers for people: `make demo`."""

import json
import os
import sys
from pathlib import Path
from typing import Any

from assessment import handler as assessment
from assessment.report.answer import assessed
from assessment.report.page import html
from assessment.report.text import plain_text
from ipa_generation import handler as ipa_generation

ROOT = Path(__file__).parents[2]
REPORT = Path("build/report.html")
BRIEF = ("actual_ipa", "target_ipa", "score", "errors")  # the report shows the rest


def main() -> None:
    """Runs each worker's `test_input.json`, prints the answers, and writes the report of the assessment."""
    request = read_request(ROOT / "assessment")
    answer = output(assessment.handler({"id": "demo", "input": request | {"detail": True}}))
    show("assessment", {field: answer[field] for field in BRIEF})
    show(
        "ipa_generation", output(ipa_generation.handler({"id": "demo", "input": read_request(ROOT / "ipa_generation")}))
    )
    report = assessed(answer, request["audio_uri"])
    (ROOT / REPORT).parent.mkdir(exist_ok=True)
    (ROOT / REPORT).write_text(html([report]), encoding="utf-8")
    print(f"{plain_text(report.answer)}\n\nreport with audio: {REPORT}")


def read_request(worker: Path) -> dict[str, Any]:
    """Returns the `input` that the SDK finds in a worker's folder, with the recording's path from anywhere."""
    request: dict[str, Any] = json.loads((worker / "test_input.json").read_text(encoding="utf-8"))["input"]
    return request | {"audio_uri": os.path.normpath(worker / request["audio_uri"])}


def output(result: dict[str, Any]) -> dict[str, Any]:
    """Returns what a handler returned. Exits with its error where it failed."""
    if "error" in result:
        sys.exit(result["error"])
    return result


def show(worker: str, answer: dict[str, Any]) -> None:
    """Prints the answer of a worker."""
    print(f"{worker}\n{json.dumps(answer, ensure_ascii=False, indent=2)}\n")


if __name__ == "__main__":
    main()
