"""Workers over HTTP on this machine, each in a process of its own: `make serve`.

python -m shared.serving.local assessment=8000 ipa_generation=8001
"""

import argparse
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence

POLL_SECONDS = 0.1
GRACE_SECONDS = 5.0  # uvicorn waits for the jobs that it has; then a worker is killed


def serve(workers: Sequence[str], host: str) -> int:
    """Serves each `WORKER=PORT` until SIGINT, SIGTERM or SIGHUP comes or one of them ends, then stops the others.

    Returns the exit status: 0 where a signal came.
    """
    signals: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda received, _: signals.append(received))
    processes = [_start(worker, host, workers) for worker in workers]
    while not signals and all(process.poll() is None for process in processes):
        time.sleep(POLL_SECONDS)
    for worker, process in zip(workers, processes, strict=True):
        if process.poll() is not None:
            print(f"{worker} has ended, so the others are stopped", file=sys.stderr)
    _stop(processes)
    return 0 if signals else 1


def _start(worker: str, host: str, workers: Sequence[str]) -> "subprocess.Popen[bytes]":
    name, _, port = worker.partition("=")
    command = [sys.executable, f"{name}/handler.py", "--rp_serve_api", "--rp_api_host", host, "--rp_api_port", port]
    command += ["--beside", *workers]
    # A session of its own: Ctrl-C reaches this process alone, which then stops the worker whatever it is doing.
    return subprocess.Popen(command, start_new_session=True)  # noqa: S603 (our own)


def _stop(processes: Sequence["subprocess.Popen[bytes]"]) -> None:
    """Ends processes in time or by force."""
    deadline = time.monotonic() + GRACE_SECONDS
    for process in processes:
        process.terminate()
    for process in processes:
        try:
            process.wait(max(0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def main() -> None:
    """Runs the command line."""
    parser = argparse.ArgumentParser(prog="python -m shared.serving.local", description="Workers over HTTP.")
    parser.add_argument("workers", nargs="+", metavar="WORKER=PORT")
    parser.add_argument("--host", default="localhost", help="default: %(default)s")
    arguments = parser.parse_args()
    sys.exit(serve(arguments.workers, arguments.host))


if __name__ == "__main__":
    main()
