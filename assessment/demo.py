"""Both workers on a recording of this repository, through the SDK, with answers for people: `make demo`."""

import ast
import json
import subprocess
import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from shared.phones import read_phones
from shared.recognizer import SAMPLE_RATE

ROOT = Path(__file__).parent.parent
RESULT = "Job result: "  # how the SDK's log line of an answer begins
MARKS = {"substitute": "^", "insert": "+", "delete": "-"}


def main() -> None:
    """Runs each worker's `test_input.json` and prints the answers, the assessment as an alignment too."""
    jobs = {name: start(ROOT / name) for name in ("assessment", "ipa_generation")}
    for name, job in jobs.items():
        answer = finish(job)
        print(f"{name}\n{json.dumps(answer, ensure_ascii=False, indent=2)}\n")
        if name == "assessment":
            print(f"{alignment(answer)}\n")


def start(worker: Path) -> "subprocess.Popen[str]":
    """Starts `python handler.py` in a worker's folder, where the SDK picks up `test_input.json`."""
    command = [sys.executable, "handler.py"]
    return subprocess.Popen(command, cwd=worker, stdout=subprocess.PIPE, text=True, encoding="utf-8")  # noqa: S603


def finish(job: "subprocess.Popen[str]") -> dict[str, Any]:
    """Returns the answer that a worker logged. Exits with its log where it failed."""
    output, _ = job.communicate()
    results = [line.partition(RESULT)[2] for line in output.splitlines() if RESULT in line]
    if job.returncode or not results:
        sys.exit(output)
    answer: dict[str, Any] = ast.literal_eval(results[0])["output"]
    return answer


def alignment(answer: dict[str, Any]) -> str:
    """Returns an answer as the target over the phones heard, differences marked, and a line for each of them."""
    rows = zip(*columns(answer), strict=True)
    names = ("target", "heard", "")
    lines = [f"{name:8}" + " ".join(row) for name, row in zip(names, rows, strict=True)]
    lines += [
        f"{error['timestamp']['start'] / SAMPLE_RATE:7.2f} to {error['timestamp']['end'] / SAMPLE_RATE:.2f} s   "
        f"{error['type']}: expected {error['expected'] or 'nothing'}, heard {error['actual'] or 'nothing'}"
        for error in answer["errors"]
    ]
    return "\n".join([*lines, f"score   {answer['score']}"])


def columns(answer: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yields each place of an alignment: the phone expected, the phone heard, and the mark of a difference."""
    target = read_phones(answer["target_ipa"])
    errors = list(answer["errors"])
    for position in range(len(target) + 1):
        while errors and errors[0]["position"] == position and errors[0]["type"] == "insert":
            yield column("", errors.pop(0)["actual"], MARKS["insert"])
        if position == len(target):
            return
        differs = bool(errors) and errors[0]["position"] == position
        error = errors.pop(0) if differs else {"actual": target[position], "type": ""}
        yield column(target[position], error["actual"] or "", MARKS.get(error["type"], ""))


def column(*cells: str) -> tuple[str, str, str]:
    """Returns three cells padded to the widest, in characters that take up room."""
    widths = [sum(not unicodedata.combining(letter) for letter in cell) for cell in cells]
    target, heard, mark = (cell + " " * (max(widths) - width) for cell, width in zip(cells, widths, strict=True))
    return target, heard, mark


if __name__ == "__main__":
    main()
