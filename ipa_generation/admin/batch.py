"""The IPA of many texts from an endpoint, for admins: `python -m ipa_generation.admin texts.csv`.

Results are appended to a file as they come. Started again, only what the file lacks is asked for.
"""

import argparse
import base64
import csv
import json
import logging
import mimetypes
import os
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Any

from pydantic import ConfigDict, ValidationError
from tqdm import tqdm

from ipa_generation.admin.endpoint import Endpoint, EndpointError, JobError, Route, job_body
from ipa_generation.handler import IpaGenerationRequest

RUNPOD_URL = "https://api.runpod.ai/v2"
WORKERS = range(1, 33)

FAILED = 1
UNREADABLE = 2
INTERRUPTED = 130  # as a shell has it


class Item(IpaGenerationRequest):
    """A row of the input: a request, and its own name if it has one."""

    model_config = ConfigDict(frozen=True)

    id: str | int | None = None


PARSERS: dict[str, Callable[[Any], Item]] = {
    "text": lambda line: Item(text=line),
    "csv": lambda row: Item.model_validate({column: cell for column, cell in row.items() if cell}),
    "jsonl": Item.model_validate_json,
}


class InputError(Exception):
    """The input or the file of results can't be read."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line. Returns the exit status: 0 where every item has its answer, or one of those above."""
    parser = _parser()
    options = parser.parse_args(arguments)
    logging.getLogger("urllib3").setLevel(logging.ERROR)  # a line for each retry would break up the progress bar
    route: Route = "runsync" if options.sync else "run"
    try:
        items = read_items(options.input, options.format or options.input.suffix.removeprefix("."))
        done = read_results(options.output)
    except (InputError, OSError, UnicodeDecodeError, csv.Error) as error:
        print(error, file=sys.stderr)
        return UNREADABLE
    missing = [item for item in items if item not in done]
    print(f"{len(missing)} to ask for, {len(items) - len(missing)} answered before", file=sys.stderr)
    if options.dry_run:
        return report(preview(missing, route))

    endpoint_id, key = os.environ.get("RUNPOD_ENDPOINT_ID"), os.environ.get("RUNPOD_API_KEY")
    if options.url:
        endpoint = Endpoint(options.url, None, route, options.workers)
    elif endpoint_id and key:
        endpoint = Endpoint(f"{RUNPOD_URL}/{endpoint_id}", key, route, options.workers)
    else:
        parser.error("set RUNPOD_ENDPOINT_ID and RUNPOD_API_KEY, or give --url")
    try:
        cut_unfinished_line(options.output)
        return report(ask(endpoint, missing, options.output, options.workers))
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
    add("input", type=_path, help="a .csv or .jsonl file, or a text for each line; - is standard input")
    add("-o", "--output", type=Path, default="results.jsonl", help="appended to; results.jsonl without")
    add("--format", choices=PARSERS, help="of the input, where its name does not tell")
    add("--url", help="a local server instead, such as http://localhost:8001")
    add("--sync", action="store_true", help="by /runsync, not by /run and /status")
    add("--workers", type=int, choices=WORKERS, default=4, metavar="N", help="jobs at a time, 1 to 32; 4 without")
    add("--dry-run", action="store_true", help="print what would be sent, and send nothing")
    return parser


def _path(name: str) -> Path:
    return Path("/dev/stdin" if name == "-" else name)


def read_items(path: Path, form: str) -> list[Item]:
    """Returns the items of a CSV or JSONL file, or of any other a text for each line; the same one only once.

    Raises InputError, naming the row, OSError, UnicodeDecodeError or csv.Error.
    """
    parse = PARSERS.get(form, PARSERS["text"])
    items = []
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows: Iterable[Any] = csv.DictReader(file) if form == "csv" else filter(None, map(str.strip, file))
        for number, row in enumerate(rows, start=1):
            try:
                items.append(parse(row))
            except ValidationError as error:
                first = error.errors(include_url=False, include_input=False)[0]
                field = ".".join(map(str, first["loc"])) or "row"
                raise InputError(f"row {number} of {path.name}: {field}: {first['msg']}") from None
    return list(dict.fromkeys(items))


def read_results(path: Path) -> set[Item]:
    """Returns the items that a file of results has answers of. Raises InputError where it is another file, or OSError.

    A last line without its end was being written when the machine stopped, and counts for nothing.
    """
    if not path.exists():
        return set()
    whole, _, unfinished = path.read_bytes().rpartition(b"\n")
    if unfinished and not unfinished.startswith(b"{"):
        raise InputError(f"the last line of {path.name} is no result")
    done = set()
    for number, line in enumerate(whole.splitlines(), start=1):
        try:
            result = json.loads(line)
            del result["output"]
            done.add(Item.model_validate(result))
        except (ValueError, TypeError, KeyError):
            raise InputError(f"line {number} of {path.name} is no result") from None
    return done


def cut_unfinished_line(path: Path) -> None:
    """Cuts off the last line of a file, if there is one, where its end is missing."""
    if path.exists():
        os.truncate(path, path.read_bytes().rfind(b"\n") + 1)


def to_request(item: Item) -> dict[str, Any]:
    """Returns the `input` of an item's job, a recording on this machine as a `data:` URI. Raises JobError."""
    request = item.model_dump(exclude={"id"}, exclude_unset=True)
    if item.audio_uri and not item.audio_uri.lower().startswith(("https:", "http:", "data:")):
        try:
            recording = base64.b64encode(Path(item.audio_uri).read_bytes()).decode()
        except OSError as error:
            raise JobError(f"{item.audio_uri}: {error.strerror}") from error
        media_type = mimetypes.guess_type(item.audio_uri)[0] or "application/octet-stream"
        request["audio_uri"] = f"data:{media_type};base64,{recording}"
    return request


def preview(items: Iterable[Item], route: Route) -> dict[Item, str]:
    """Prints what would be sent, recordings left out. Returns why other items can't be."""
    failures = {}
    for item in items:
        try:
            body = job_body(to_request(item), route).decode()
        except JobError as error:
            failures[item] = str(error)
        else:
            print(re.sub(r'(?<=;base64,)[^"]+', "…", body))
    return failures


def ask(endpoint: Endpoint, items: Sequence[Item], results: Path, workers: int) -> dict[Item, str]:
    """Appends the answers of items to a file of results, a line each as they come. Returns why others have none.

    Raises EndpointError.
    """

    def answer(item: Item) -> dict[str, Any]:
        return endpoint.answer(to_request(item))

    failures: dict[Item, str] = {}
    pool = ThreadPoolExecutor(workers)
    futures = {pool.submit(answer, item): item for item in items}
    try:
        with results.open("a", encoding="utf-8") as file:
            for future in tqdm(as_completed(futures), total=len(futures), unit=" texts", disable=None):
                item = futures[future]
                try:
                    result = item.model_dump(exclude_unset=True) | {"output": future.result()}
                except JobError as error:
                    failures[item] = str(error)
                else:
                    file.write(json.dumps(result, ensure_ascii=False) + "\n")
                    file.flush()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
    return failures


def report(failures: dict[Item, str]) -> int:
    """Prints a table of failures. Returns the exit status."""
    if failures:
        print(f"\n{len(failures)} failed:", file=sys.stderr)
    for item, error in failures.items():
        name = item.text if item.id is None else str(item.id)
        print(f"  {name:40.40}  {' '.join(error.split())}", file=sys.stderr)
    return FAILED if failures else 0
