"""Assesses many recordings, here or at an endpoint: `python -m assessment.batch folder -o results.csv`.

A line is written for each recording as its answer comes. Started again, only what the file lacks is assessed.
"""

import argparse
import csv
import os
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from statistics import mean
from typing import Any

from pydantic import TypeAdapter, ValidationError
from tqdm import tqdm

from assessment.client import assess
from assessment.handler import DetailedAssessmentAnswer
from assessment.scoring import ScoredMispronunciation
from shared.audio.samples import SAMPLE_RATE
from shared.errors import ServiceError
from shared.serving.endpoint import EndpointError, JobError, Route, WorkerKind, data_uri, find_endpoint
from shared.serving.request import first_problem

AUDIO_SUFFIXES = frozenset(".wav .flac .mp3 .m4a .mp4 .aac .ogg .opus .webm .amr .3gp .caf".split())
SENTENCE_SUFFIXES = {"target_text": ".txt", "target_ipa": ".ipa"}
REMOTE = ("https:", "http:", "data:")
OPTIONAL = ("fluency", "completeness", "overall")  # of a result: an older worker's answer has none
NOTHING = "∅"
SHOWN = 10  # of the commonest errors
ROUTE: Route = "run"

ANSWER = TypeAdapter(DetailedAssessmentAnswer)
# What the `ipa_generation` worker misses in a request for an assessment.
ASSESSMENT = WorkerKind("assessment", ANSWER, "ipa_generation", ("invalid_input: text: Field required",))


class InputError(Exception):
    """There is nothing to assess in what the command line names."""


@dataclass(frozen=True)
class Recording:
    """A recording and its sentence, by its text, its IPA or both; a path or a URL."""

    audio_uri: str
    target_text: str
    target_ipa: str


@dataclass(frozen=True)
class Result(Recording):
    """A line of the file of results. `errors` are apart by `; `: `expected→actual@seconds`."""

    actual_ipa: str
    score: float
    fluency: float | None
    completeness: float | None
    overall: float | None
    errors: str


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line. Returns the exit status: 0 where every recording has its line, else 1."""
    parser = argparse.ArgumentParser(prog="python -m assessment.batch", description=__doc__)
    parser.add_argument("input", type=Path, help="a folder of recordings, each beside its .txt or .ipa; or a .csv file")
    parser.add_argument("-o", "--output", type=Path, default=Path("results.csv"), help="default: %(default)s")
    parser.add_argument("--textgrids", type=Path, help="a folder for a TextGrid of each recording")
    parser.add_argument(
        "--url",
        help="a local server, such as http://localhost:8000; without it and RunPod's variables,"
        " recordings are assessed in this process",
    )
    parser.add_argument("--workers", type=int, default=4, metavar="N", help="jobs at a time at an endpoint; 4 without")
    options = parser.parse_args(arguments)
    try:
        recordings = list(dict.fromkeys(read_recordings(options.input)))
        _cut_unfinished_line(options.output)
        done = read_results(options.output)
        missing = [recording for recording in recordings if recording not in done]
        print(f"{len(missing)} to assess, {len(recordings) - len(missing)} assessed before", file=sys.stderr)
        failures = assess_all(missing, options.output, options.textgrids, options.url, options.workers)
    except (InputError, EndpointError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted; start again for the rest", file=sys.stderr)
        return 1
    for line in summary(list(read_results(options.output).values())):
        print(line)
    for uri, reason in failures.items():
        print(f"failed: {uri}: {reason}", file=sys.stderr)
    return 1 if failures else 0


def read_recordings(source: Path) -> Iterator[Recording]:
    """Yields the recordings of a folder, each with the sentence beside it, or of the rows of a CSV file.

    The file has the columns `audio_uri` and `target_text` or `target_ipa`; paths are relative to it. Raises InputError.
    """
    if source.is_dir():
        for path in sorted(path for path in source.rglob("*") if path.suffix.lower() in AUDIO_SUFFIXES):
            beside = {name: path.with_suffix(suffix) for name, suffix in SENTENCE_SUFFIXES.items()}
            sentences = {
                name: " ".join(file.read_text("utf-8").split()) if file.exists() else ""
                for name, file in beside.items()
            }
            yield Recording(str(path), **sentences)
        return
    with source.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        if "audio_uri" not in (reader.fieldnames or []):
            raise InputError(f"{source.name} has no column `audio_uri`")
        for row in reader:
            uri = row["audio_uri"]
            local = not uri.lower().startswith(REMOTE)
            yield Recording(
                str(source.parent / uri) if local else uri, row.get("target_text") or "", row.get("target_ipa") or ""
            )


def read_results(path: Path) -> dict[Recording, Result]:
    """Returns the results in a file by their recordings; none where there is no file. Raises InputError."""
    if not path.exists():
        return {}
    adapter = TypeAdapter(Result)
    results = {}
    with path.open(encoding="utf-8", newline="") as file:
        for number, row in enumerate(csv.DictReader(file), start=1):
            try:
                result = adapter.validate_python(
                    {name: value or (None if name in OPTIONAL else value) for name, value in row.items()}
                )
            except ValidationError as error:
                raise InputError(f"row {number} of {path.name} is no result: {first_problem(error)}") from None
            results[Recording(result.audio_uri, result.target_text, result.target_ipa)] = result
    return results


def _cut_unfinished_line(path: Path) -> None:
    """Cuts off a last line without its end: it was being written when the machine stopped."""
    if path.exists():
        os.truncate(path, path.read_bytes().rfind(b"\n") + 1)


def assess_all(
    recordings: Sequence[Recording], output: Path, textgrids: Path | None, url: str | None, workers: int
) -> dict[str, str]:
    """Appends the results of recordings to a file as they come. Returns why others have none, by their URI.

    Raises EndpointError, OSError.
    """
    endpoint = find_endpoint(ASSESSMENT, url, ROUTE, workers)

    def fetch(recording: Recording) -> DetailedAssessmentAnswer:
        if endpoint:
            return ANSWER.validate_python(endpoint.answer(remote_request(recording)))
        return assess(recording.audio_uri, recording.target_text or None, recording.target_ipa or None)

    failures: dict[str, str] = {}
    is_new = not output.exists() or not output.stat().st_size
    output.parent.mkdir(parents=True, exist_ok=True)
    if textgrids:
        textgrids.mkdir(parents=True, exist_ok=True)
    # The pipeline of this process takes all cores for one recording.
    pool = ThreadPoolExecutor(workers if endpoint else 1)
    try:
        with output.open("a", encoding="utf-8", newline="") as file, tqdm(total=len(recordings), disable=None) as bar:
            writer = csv.DictWriter(file, [field.name for field in fields(Result)])
            if is_new:
                writer.writeheader()
            futures = {pool.submit(fetch, recording): recording for recording in recordings}
            for future in as_completed(futures):
                recording = futures[future]
                try:
                    found = future.result()
                    writer.writerow(asdict(result_of(recording, found)))
                    file.flush()
                    if textgrids:
                        _write_textgrid(found, recording, textgrids)
                except (JobError, ServiceError) as error:
                    failures[recording.audio_uri] = str(error)
                except ValidationError as error:
                    failures[recording.audio_uri] = first_problem(error)
                bar.update()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
    return failures


def remote_request(recording: Recording) -> dict[str, Any]:
    """Returns the `input` of a recording's job, a file on this machine as a `data:` URI. Raises JobError."""
    sentence = {name: value for name, value in asdict(recording).items() if name != "audio_uri" and value}
    is_remote = recording.audio_uri.lower().startswith(REMOTE)
    return {
        "audio_uri": recording.audio_uri if is_remote else data_uri(recording.audio_uri),
        "detail": True,
        **sentence,
    }


def result_of(recording: Recording, found: DetailedAssessmentAnswer) -> Result:
    """Returns the line of an answer."""
    shares: dict[str, Any] = asdict(found.aspects) if found.aspects else {}
    return Result(
        **asdict(recording),
        actual_ipa=found.actual_ipa,
        score=found.score,
        fluency=shares.get("fluency"),
        completeness=shares.get("completeness"),
        overall=shares.get("overall"),
        errors="; ".join(map(_written, found.errors)),
    )


def _written(error: ScoredMispronunciation) -> str:
    seconds = error.timestamp.start / SAMPLE_RATE
    return f"{error.expected or NOTHING}→{error.actual or NOTHING}@{seconds:.2f}"


def _write_textgrid(found: DetailedAssessmentAnswer, recording: Recording, folder: Path) -> None:
    from assessment.report.answer import with_recording
    from assessment.report.textgrid import write_textgrid  # of the extra `report`, and for this alone

    stem = "recording" if recording.audio_uri.startswith("data:") else Path(recording.audio_uri).stem
    path, number = folder / f"{stem}.TextGrid", 1
    while path.exists():
        number += 1
        path = folder / f"{stem}-{number}.TextGrid"
    write_textgrid(with_recording(found, recording.audio_uri), path)


def summary(results: Sequence[Result]) -> Iterator[str]:
    """Yields the lines of a summary: the mean score, and the commonest errors with a recording of each.

    >>> result = Result("a.wav", "he", "", "hɪ", 0.6, None, None, None, "i→ɪ@0.31")
    >>> list(summary([result, result]))
    ['2 recordings, mean score 0.600', '   2  i→ɪ    a.wav, 0.31 s']
    """
    if not results:
        return
    yield f"{len(results)} recordings, mean score {mean(result.score for result in results):.3f}"
    errors = [
        (*error.split("@"), result.audio_uri) for result in results for error in result.errors.split("; ") if error
    ]
    examples = {kind: f"{uri}, {seconds} s" for kind, seconds, uri in reversed(errors)}
    for kind, number in Counter(kind for kind, *_ in errors).most_common(SHOWN):
        yield f"{number:4}  {kind:5}  {examples[kind]}"


if __name__ == "__main__":
    sys.exit(main())
