"""A worker under load for long: good and hostile jobs on a queue like RunPod's. `make soak`."""

import argparse
import sys
import tempfile
import time
from collections import Counter
from itertools import islice
from pathlib import Path

import numpy as np

from tests.support.mixed_jobs import mixed_jobs
from tests.support.runpod_queue import Plane, Worker, working

WAITING = 40  # jobs that wait at any time, at least, so that the worker never does
CHART_WIDTH = 72
BARS = "▁▂▃▄▅▆▇█"


def main() -> None:
    """Runs as many jobs, or as many minutes, as the command line says, and prints how it went."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=sys.maxsize)
    parser.add_argument("--minutes", type=float, default=30.0)
    arguments = parser.parse_args()
    plane = Plane()
    with tempfile.TemporaryDirectory() as folder, working(plane, Path(folder)) as worker:
        worker.wait_for_log("Starting Serverless Worker")
        start = time.monotonic()
        megabytes = load(plane, worker, arguments.jobs, start + 60 * arguments.minutes)
        report(plane, time.monotonic() - start, megabytes)


def load(plane: Plane, worker: Worker, jobs: int, deadline: float) -> list[float]:
    """Keeps the queue full until so many jobs are done or the time has come.

    Returns the worker's memory in megabytes, every half second. Raises TimeoutError where a job stays unanswered.
    """
    mixed = islice((job for job, _ in mixed_jobs()), jobs)
    ids: list[str] = []
    megabytes = []
    while time.monotonic() < deadline:
        new = plane.queue.put(*islice(mixed, WAITING)) if len(plane.queue.waiting) < WAITING else []
        ids += new
        megabytes.append(worker.megabytes)
        if len(plane.queue.answers) == jobs:
            break
        time.sleep(0.5)
    plane.queue.wait_for_answers(ids)
    return megabytes


def report(plane: Plane, seconds: float, megabytes: list[float]) -> None:
    """Prints throughput, latencies from taking a job to its answer, and memory over time."""
    queue = plane.queue
    codes = Counter(answer.get("error", "ok").partition(":")[0] for [answer] in queue.answers.values())
    milliseconds = [1000 * (queue.answered_at[id_] - queue.taken_at[id_]) for id_ in queue.answers]
    median, most, nearly_all = np.percentile(milliseconds, [50, 95, 99])
    print(f"{codes.total()} jobs in {seconds:.0f} s, {codes.total() / seconds:.1f} a second")
    print(", ".join(f"{count} {code}" for code, count in codes.most_common()))
    print(f"latency {median:.0f} ms median, {most:.0f} ms 95th percentile, {nearly_all:.0f} ms 99th")
    print(f"memory {megabytes[0]:.0f} MB at first, {max(megabytes):.0f} MB at most, {megabytes[-1]:.0f} MB at last")
    print(chart(megabytes))


def chart(values: list[float]) -> str:
    """Returns a row of bars from the least of the values, in order, to the greatest."""
    columns = [float(np.mean(part)) for part in np.array_split(values, min(CHART_WIDTH, len(values)))]
    low, high = min(columns), max(columns)
    return "".join(BARS[round((value - low) / ((high - low) or 1) * (len(BARS) - 1))] for value in columns)


if __name__ == "__main__":
    main()
