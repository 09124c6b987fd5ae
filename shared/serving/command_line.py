"""A worker's command line, checked before its models load."""

import json
import os
import sys
from pathlib import Path

from shared.serving.runpod_sdk import command_line, runs_on_runpod

WRAPPER = '{"input": {…}}'
TEST_INPUT = Path("test_input.json")  # where the SDK looks for a job without --test_input


def check_command_line() -> None:
    """Exits with one line where the command line, or the job that it names, is wrong."""
    arguments = command_line()
    if arguments.unknown:
        sys.exit(f"{arguments.unknown[0]}: no such argument; --help lists them")
    if arguments.rp_serve_api:
        return
    if arguments.test_input is not None:
        if os.path.isfile(arguments.test_input):  # noqa: PTH113 (a job with its recording is too long for Path.is_file)
            sys.exit(f'--test_input takes JSON, not a file; write --test_input "$(cat {arguments.test_input})"')
        _check_job("--test_input", arguments.test_input)
    elif not runs_on_runpod():
        if not TEST_INPUT.exists():
            sys.exit(
                "no job: this is not RunPod, and there is no test_input.json here; "
                f"give --test_input '{WRAPPER}', or --rp_serve_api to serve HTTP"
            )
        _check_job(str(TEST_INPUT), TEST_INPUT.read_bytes())


def _check_job(name: str, text: str | bytes) -> None:
    try:
        job = json.loads(text)
    except ValueError as error:
        sys.exit(f"{name} is no JSON ({error}); give {WRAPPER}")
    if not isinstance(job, dict) or job.get("input") is None:
        sys.exit(f"{name} has no `input`; wrap the request: {WRAPPER}")
