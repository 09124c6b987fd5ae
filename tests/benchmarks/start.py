"""Seconds from a worker's start to its first answer with the embedded engine: `make bench-start`."""

import itertools
import json
import os
import statistics
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.support.data import ROOT
from tests.support.process import job_output, output, run_python

RUNS = 5
WORKERS = {"assessment": "assessor", "ipa_generation": "generator"}
TEXT_ALONE = {"input": {"text": "He was not an ill-disposed young man."}}
STEPS = ("interpreter", "imports", "models", "first answer")


def seconds_to_first_answer(worker: str) -> float:
    """Returns the median seconds from the start of a worker's process to its end, after one job."""
    return median_seconds(ROOT / worker / "handler.py", "--test_input", json.dumps(job_of(worker)))


def job_of(worker: str) -> Mapping[str, object]:
    """Returns a worker's `test_input.json`; of `ipa_generation` the text alone."""
    if worker == "ipa_generation":
        return TEXT_ALONE
    job: dict[str, dict[str, str]] = json.loads((ROOT / worker / "test_input.json").read_text(encoding="utf-8"))
    job["input"]["audio_uri"] = str((ROOT / worker / job["input"]["audio_uri"]).resolve())
    return job


def parts(worker: str) -> Iterator[float]:
    """Yields the seconds of each of `STEPS`, each the rest of what the steps before it took."""
    load = f"from {worker}.handler import {WORKERS[worker]} as load"
    totals = [median_seconds("-c", code) for code in ("pass", load, f"{load}; load()")]
    totals.append(seconds_to_first_answer(worker))
    yield totals[0]
    yield from (after - before for before, after in itertools.pairwise(totals))


def median_seconds(*arguments: str | Path) -> float:
    """Returns the median of `RUNS` runs of this Python after a warm-up."""
    environment = {**os.environ, "RECOGNIZER": "moonshine"}
    seconds = []
    for _ in range(RUNS + 1):
        start = time.perf_counter()
        process = run_python(*arguments, environment=environment)
        seconds.append(time.perf_counter() - start)
        _ = job_output(process) if "--test_input" in arguments else output(process)
    return statistics.median(seconds[1:])


def main() -> None:
    """Prints the table."""
    print(f"{'':16}" + "".join(f"{step:>14}" for step in (*STEPS, "together")))
    for worker in WORKERS:
        seconds = list(parts(worker))
        print(f"{worker:16}" + "".join(f"{value:14.2f}" for value in (*seconds, sum(seconds))))


if __name__ == "__main__":
    main()
