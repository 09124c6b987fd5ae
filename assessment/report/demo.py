"""Both workers on a recording of this repository, through the SDK, with answers for people: `make demo`."""

import ast
import json
import subprocess
import sys
import unicodedata
from pathlib import Path
from typing import Any

from assessment.handler import DetailedAssessmentAnswer
from assessment.report.answer import Place, assessed, places
from assessment.report.page import html
from shared.audio import SAMPLE_RATE

ROOT = Path(__file__).parents[2]
REPORT = Path("build/report.html")
DETAIL = ("phones", "engine", "timings")  # much to read; the report shows it
RESULT = "Job result: "  # how the SDK's log line of an answer begins
MARKS = {"substitute": "^", "insert": "+", "delete": "-"}


def main() -> None:
    """Runs each worker's `test_input.json`, prints the answers, and writes the report of the assessment."""
    requests = {name: read_request(ROOT / name) for name in ("assessment", "ipa_generation")}
    requests["assessment"]["detail"] = True  # the report needs it
    jobs = {name: start(ROOT / name, request) for name, request in requests.items()}
    answers = {name: finish(job) for name, job in jobs.items()}
    for name, answer in answers.items():
        brief = {field: value for field, value in answer.items() if field not in DETAIL}
        print(f"{name}\n{json.dumps(brief, ensure_ascii=False, indent=2)}\n")
    recording = ROOT / "assessment" / requests["assessment"]["audio"]
    report = assessed(answers["assessment"], str(recording))
    (ROOT / REPORT).parent.mkdir(exist_ok=True)
    (ROOT / REPORT).write_text(html([report]), encoding="utf-8")
    print(f"{alignment(report.answer)}\n\nto see and to hear: {REPORT}")


def read_request(worker: Path) -> dict[str, Any]:
    """Returns the `input` that the SDK finds in a worker's folder."""
    request: dict[str, Any] = json.loads((worker / "test_input.json").read_text(encoding="utf-8"))["input"]
    return request


def start(worker: Path, request: dict[str, Any]) -> "subprocess.Popen[str]":
    """Starts `python handler.py` in a worker's folder with one job."""
    command = [sys.executable, "handler.py", "--test_input", json.dumps({"input": request})]
    return subprocess.Popen(command, cwd=worker, stdout=subprocess.PIPE, text=True, encoding="utf-8")  # noqa: S603


def finish(job: "subprocess.Popen[str]") -> dict[str, Any]:
    """Returns the answer that a worker logged. Exits with its log where it failed."""
    output, _ = job.communicate()
    results = [line.partition(RESULT)[2] for line in output.splitlines() if RESULT in line]
    if job.returncode or not results:
        sys.exit(output)
    answer: dict[str, Any] = ast.literal_eval(results[0])["output"]
    return answer


def alignment(answer: DetailedAssessmentAnswer) -> str:
    """Returns an answer as the target over the phones heard, differences marked, and a line for each of them."""
    rows = zip(*map(column, places(answer)), strict=True)
    names = ("target", "heard", "")
    lines = [f"{name:8}" + " ".join(row) for name, row in zip(names, rows, strict=True)]
    lines += [
        f"{error.timestamp.start / SAMPLE_RATE:7.2f} to {error.timestamp.end / SAMPLE_RATE:.2f} s   "
        f"{error.type}: expected {error.expected or 'nothing'}, heard {error.actual or 'nothing'}"
        for error in answer.errors
    ]
    return "\n".join([*lines, f"score   {answer.score}"])


def column(place: Place) -> tuple[str, str, str]:
    """Returns the phone expected, the phone heard and the mark of a difference, padded to the widest of them."""
    cells = (place.expected or "", place.heard or "", MARKS[place.error.type] if place.error else "")
    widths = [sum(not unicodedata.combining(letter) for letter in cell) for cell in cells]
    target, heard, mark = (cell + " " * (max(widths) - width) for cell, width in zip(cells, widths, strict=True))
    return target, heard, mark


if __name__ == "__main__":
    main()
