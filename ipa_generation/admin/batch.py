"""The IPA of many texts from an endpoint, for admins: `python -m ipa_generation.admin texts.csv`.

Results are appended to a file as they come. Started again, only what the file lacks is asked for.
"""

import argparse
import json
import logging
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import get_args

from pydantic import TypeAdapter

from ipa_generation.admin.items import Item, read_items, to_request
from ipa_generation.admin.results import prepare_results, read_results
from ipa_generation.handler import IpaGenerationAnswer
from shared.phonology.languages import TextAccent
from shared.serving.endpoint import (
    ID_VARIABLE,
    KEY_VARIABLE,
    Endpoint,
    EndpointError,
    JobError,
    Route,
    WorkerKind,
    find_endpoint,
    job_body,
)
from shared.serving.progress import progress
from shared.serving.rows import PARSERS, InputError

# What the `assessment` worker misses in a request for IPA: its recording, or its sentence.
ASSESSMENT_COMPLAINTS = ("invalid_input: audio_uri: Field required", "invalid_input: the sentence is missing")
IPA_GENERATION = WorkerKind("ipa_generation", TypeAdapter(IpaGenerationAnswer), "assessment", ASSESSMENT_COMPLAINTS)
WORKERS = range(1, 33)

FAILED = 1
UNREADABLE = 2
INTERRUPTED = 130  # as a shell has it


Failures = list[tuple[str, str]]
"""Rows that have no answer, each by its place or its name, and why."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line. Returns the exit status: 0 where every row has its answer, or one of those above."""
    parser = _parser()
    options = parser.parse_args(arguments)
    logging.getLogger("urllib3").setLevel(logging.ERROR)  # a line for each retry would break up the progress bar
    route: Route = "runsync" if options.sync else "run"
    try:
        rows = read_items(
            options.input, options.format or options.input.suffix.removeprefix(".").lower(), options.accent
        )
        done = read_results(options.output)
        missing = [item for item in rows.items if item not in done]
        bad_rows = list(rows.problems.items())
        counts = f"{len(missing)} to ask for, {len(rows.items) - len(missing)} answered before"
        print(f"{counts}, {len(bad_rows)} bad rows left out" if bad_rows else counts, file=sys.stderr)
        if rows.ignored:
            print(f"ignored: {', '.join(sorted(rows.ignored))}", file=sys.stderr)
        if options.dry_run:
            return report(bad_rows + preview(missing, route))
        endpoint = find_endpoint(IPA_GENERATION, options.url, route, options.workers)
        if not endpoint:
            parser.error(f"set {ID_VARIABLE} and {KEY_VARIABLE}, or give --url")
        prepare_results(options.output)
        failures, guessed = ask(endpoint, missing, options.output, options.workers)
        show_guessed(guessed)
        return report(bad_rows + failures)
    except InputError as error:
        print(error, file=sys.stderr)
        return UNREADABLE
    except EndpointError as error:
        print(error, file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        print("interrupted; start again for the rest", file=sys.stderr)
        return INTERRUPTED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m ipa_generation.admin",
        description="The IPA of many texts, from the endpoint that RUNPOD_ENDPOINT_ID and RUNPOD_API_KEY name.",
    )
    add = parser.add_argument
    add(
        "input",
        type=lambda name: Path("/dev/stdin" if name == "-" else name),
        help="a .csv, .tsv, .json or .jsonl file, or a text for each line; - is standard input",
    )
    add("-o", "--output", type=Path, default="results.jsonl", help="appended to; default: %(default)s")
    add("--format", choices=PARSERS, help="of the input, where its name has another ending")
    add("--accent", choices=get_args(TextAccent), help="of rows that have none; default: us")
    add("--url", help="a local server instead, such as http://localhost:8001")
    add("--sync", action="store_true", help="by /runsync, not by /run and /status")
    add("--workers", type=int, choices=WORKERS, default=4, metavar="N", help="jobs at a time, 1 to 32; 4 without")
    add("--dry-run", action="store_true", help="print what would be sent and every bad row, and send nothing")
    return parser


def preview(items: Iterable[Item], route: Route) -> Failures:
    """Prints what would be sent, recordings left out. Returns why other items can't be."""
    failures = []
    for item in items:
        try:
            body = job_body(to_request(item), route).decode()
        except JobError as error:
            failures.append((item.name, str(error)))
        else:
            print(re.sub(r'(?<=;base64,)[^"]+', "…", body))
    return failures


def ask(
    endpoint: Endpoint, items: Sequence[Item], results: Path, workers: int
) -> tuple[Failures, dict[str, list[str]]]:
    """Appends the answers of items to a file of results, a line each as they come.

    Returns why items have no answer, and of the others the words that no dictionary has, by item. Raises EndpointError.
    """
    failures: Failures = []
    guessed: dict[str, list[str]] = {}
    pool = ThreadPoolExecutor(workers)
    try:
        with results.open("a", encoding="utf-8") as file, progress(len(items), "texts") as bar:
            # The first alone: its answer shows whether the worker is the right one.
            for batch in (items[:1], items[1:]):
                futures = {pool.submit(lambda item: endpoint.answer(to_request(item)), item): item for item in batch}
                for future in as_completed(futures):
                    item = futures[future]
                    try:
                        output = future.result()
                    except JobError as error:
                        failures.append((item.name, str(error)))
                    else:
                        result = item.model_dump(exclude_unset=True) | {"output": output}
                        file.write(json.dumps(result, ensure_ascii=False) + "\n")
                        file.flush()
                        if output.get("guessed"):
                            guessed[item.name] = output["guessed"]
                    bar.update()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
    return failures, guessed


def show_guessed(guessed: Mapping[str, Sequence[str]]) -> None:
    """Prints a table of the words whose pronunciation an admin should check."""
    if guessed:
        print("\nnot in the dictionary, check their pronunciation:", file=sys.stderr)
    for name, words in guessed.items():
        print(f"  {name:40.40}  {', '.join(words)}", file=sys.stderr)


def report(failures: Failures) -> int:
    """Prints a table of failures. Returns the exit status."""
    if failures:
        print(f"\n{len(failures)} failed:", file=sys.stderr)
    for row, reason in failures:
        print(f"  {row:40.40}  {' '.join(reason.split())}", file=sys.stderr)
    return FAILED if failures else 0
