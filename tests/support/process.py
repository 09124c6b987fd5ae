"""Programs that tests run to their end."""

import ast
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.support.data import ROOT

TIMEOUT_SECONDS = 300
JOB_RESULT = "Job result: "  # the SDK's log line of a job that was given on the command line

Completed = subprocess.CompletedProcess[str]


def run(*command: str | Path, folder: Path = ROOT, environment: Mapping[str, str] = os.environ) -> Completed:
    """Runs a program in a folder, with no variables but those of `environment`."""
    return subprocess.run(  # noqa: S603 (our own commands)
        command,
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=TIMEOUT_SECONDS,
    )


def run_python(*arguments: str | Path, folder: Path = ROOT, environment: Mapping[str, str] = os.environ) -> Completed:
    """Runs this Python, as `run` does."""
    return run(sys.executable, *arguments, folder=folder, environment=environment)


def output(process: Completed) -> str:
    """Returns what a program wrote to stdout. Raises AssertionError, with all it wrote, where it failed."""
    assert process.returncode == 0, process.stdout + process.stderr
    return process.stdout


def job_output(process: Completed) -> Any:
    """Returns the `output` of the job that a worker was given as `--test_input`."""
    line = next(line for line in output(process).splitlines() if JOB_RESULT in line)
    return ast.literal_eval(line.partition(JOB_RESULT)[2])["output"]
