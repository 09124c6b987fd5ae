"""Assesses many recordings, here or at an endpoint: `python -m assessment.batch folder -o results.csv`.

A line is written for each recording as its answer comes. Started again, only what has no answer is assessed.
"""

import argparse
import sys
from collections.abc import Sequence
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import get_args

from assessment.batch.files import RecordingFiles
from assessment.batch.jobs import ASSESSMENT, JOBS_AT_ENDPOINT, ROUTE, assess_each
from assessment.batch.recordings import Recording, file_names, read_input
from assessment.batch.results import Result, ResultFiles, result_of, summary
from shared.cores import count_cores
from shared.errors import ModelUnavailableError
from shared.phonology.languages import Accent
from shared.serving.endpoint import Endpoint, EndpointError, find_endpoint
from shared.serving.progress import progress
from shared.serving.rows import InputError
from shared.serving.settings import read_settings

FAILED = 1
INTERRUPTED = 130  # as a shell has it


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line. Returns the exit status: 0 where every recording has its answer, or one of those above."""
    options = _parser().parse_args(arguments)
    read_settings()
    results: list[Result] = []
    failures: dict[str, str] = {}
    try:
        endpoint = find_endpoint(ASSESSMENT, options.url, ROUTE, options.jobs or JOBS_AT_ENDPOINT)
        jobs = options.jobs or (JOBS_AT_ENDPOINT if endpoint else count_cores())
        failures = assess(options, endpoint, jobs, results)
    except (InputError, EndpointError, ModelUnavailableError, OSError) as error:
        print(error, file=sys.stderr)
        return FAILED
    except BrokenProcessPool:
        print(f"a process has ended, perhaps for lack of memory; try --jobs {max(1, jobs // 2)}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        answered = sum(not result.error for result in results)
        print(f"{answered} done; run the same command to go on", file=sys.stderr)
        return INTERRUPTED
    for line in summary(results):
        print(line)
    for uri, reason in failures.items():
        print(f"failed: {uri}: {reason}", file=sys.stderr)
    return FAILED if failures else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m assessment.batch", description=__doc__)
    add = parser.add_argument
    add(
        "input", type=Path, help="a folder of recordings, each beside its .txt or .ipa; or a table, such as a .csv file"
    )
    add("-o", "--output", type=Path, default=Path("results.csv"), help="default: %(default)s")
    add("--textgrids", type=Path, metavar="FOLDER", help="also a TextGrid of each recording")
    add("--html", type=Path, metavar="FOLDER", help="also a report of each recording, and an overview, index.html")
    add(
        "--url",
        help="a local server, such as http://localhost:8000; without it and RunPod's variables,"
        " recordings are assessed on this machine",
    )
    add("--accent", choices=get_args(Accent), default="", help="of recordings that a table gives none; default: us")
    add(
        "--jobs",
        type=_positive,
        metavar="N",
        help=f"recordings at a time; as many as there are cores without, or {JOBS_AT_ENDPOINT} at an endpoint",
    )
    return parser


def _positive(text: str) -> int:
    if (number := int(text)) < 1:
        raise ValueError
    return number


def assess(options: argparse.Namespace, endpoint: Endpoint | None, jobs: int, results: list[Result]) -> dict[str, str]:
    """Assesses what has no answer yet, and adds the result of each recording to `results`, old and new.

    Returns why others have no answer or no files, by their URI or their place in the table.
    Raises InputError, EndpointError, ModelUnavailableError, BrokenProcessPool, OSError.
    """
    recordings, problems = read_input(options.input, options.accent)
    result_files = ResultFiles(options.output)
    files = RecordingFiles(file_names(recordings), options.textgrids, options.html)
    for recording, answer in result_files.read():
        files.write(recording, answer)
        results.append(result_of(recording, answer))
    done = {result.recording for result in results}
    missing = [recording for recording in recordings if recording not in done]
    print(f"{len(missing)} to assess, {len(recordings) - len(missing)} assessed before", file=sys.stderr)
    for place, reason in problems.items():
        result_files.add(Recording(place), reason)
        results.append(Result(Recording(place), error=reason))
    with progress(len(missing), "recordings") as bar:
        for recording, outcome in assess_each(missing, endpoint, jobs):
            result_files.add(recording, outcome)
            results.append(result_of(recording, outcome))
            if not isinstance(outcome, str):
                files.write(recording, outcome)
            bar.update()
    files.write_overview(results)
    return {result.recording.audio_uri: result.error for result in results if result.error} | files.failures
