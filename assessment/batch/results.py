"""The files of results: a table for people, and beside it the detailed answers, both appended to as they come."""

import csv
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import mean
from typing import IO

from pydantic import ValidationError

from assessment.answer import DetailedAssessmentAnswer
from assessment.batch.jobs import ANSWER, Outcome
from assessment.batch.recordings import Recording
from shared.audio.samples import SAMPLE_RATE
from shared.serving.rows import InputError

COLUMNS = (
    *("audio_uri", "target_text", "target_ipa", "actual_ipa"),
    *("score", "fluency", "completeness", "overall", "errors", "error", "speaker", "accent"),
)
ANSWERS_SUFFIX = ".jsonl"
NOTHING = "∅"
SHOWN = 10  # of the commonest errors


@dataclass(frozen=True)
class Result:
    """What a summary has of a recording: `errors` as `expected→actual` and seconds, the words' scores, or an error."""

    recording: Recording
    actual_ipa: str = ""
    score: float | None = None
    fluency: float | None = None
    completeness: float | None = None
    overall: float | None = None
    errors: tuple[tuple[str, str], ...] = ()
    words: tuple[tuple[str, float], ...] = ()
    error: str = ""


def result_of(recording: Recording, outcome: Outcome) -> Result:
    """Returns the result of an outcome."""
    if isinstance(outcome, str):
        return Result(recording, error=outcome)
    aspects = outcome.aspects  # an older worker's answer has none
    return Result(
        recording,
        outcome.actual_ipa,
        outcome.score,
        aspects.fluency if aspects else None,
        aspects.completeness if aspects else None,
        aspects.overall if aspects else None,
        tuple(
            (f"{error.expected or NOTHING}→{error.actual or NOTHING}", f"{error.timestamp.start / SAMPLE_RATE:.2f}")
            for error in outcome.errors
        ),
        tuple((word.text.lower(), word.score) for word in outcome.words if word.text and word.score is not None),
    )


class ResultFiles:
    """The table, and the answers beside it, which a later run goes on from."""

    def __init__(self, table: Path) -> None:
        """Raises InputError where the table is no table of results, or its folder cannot be made."""
        self._table, self._answers = table, table.with_suffix(ANSWERS_SUFFIX)
        if self._table == self._answers:
            raise InputError(f"the answers are written to {table.name}; name a .csv file for the table")
        if table.exists() and not self._answers.exists():
            raise InputError(f"{table} is there, without {self._answers.name} beside it; name another file")
        try:
            table.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InputError(f"{table.parent}: {error.strerror}") from None

    def read(self) -> Iterator[tuple[Recording, DetailedAssessmentAnswer]]:
        """Yields what is answered already, and keeps that alone in both files: what failed is to be done again.

        A last line without its end was being written when the machine stopped. Raises InputError, OSError.
        """
        new_table, new_answers = self._table.with_suffix(".csv.new"), self._answers.with_suffix(".jsonl.new")
        try:
            with new_table.open("w", encoding="utf-8", newline="") as table, new_answers.open("wb") as answers:
                csv.DictWriter(table, COLUMNS).writeheader()
                for line, recording, answer in self._answered():
                    answers.write(line)
                    _write_row(table, result_of(recording, answer))
                    yield recording, answer
            new_answers.replace(self._answers)
            new_table.replace(self._table)
        finally:
            new_table.unlink(missing_ok=True)
            new_answers.unlink(missing_ok=True)

    def _answered(self) -> Iterator[tuple[bytes, Recording, DetailedAssessmentAnswer]]:
        if not self._answers.exists():
            return
        with self._answers.open("rb") as file:
            for number, line in enumerate(file, start=1):
                if not line.endswith(b"\n"):
                    return
                try:
                    fields = json.loads(line)
                    output, error = fields.pop("output", None), fields.pop("error", None)
                    recording = Recording(**fields)
                    answer = ANSWER.validate_python(output) if error is None else None
                except (ValueError, TypeError, AttributeError, ValidationError):
                    raise InputError(f"line {number} of {self._answers.name} is no result") from None
                if answer:
                    yield line, recording, answer

    def add(self, recording: Recording, outcome: Outcome) -> None:
        """Appends an outcome to both files. Raises OSError."""
        found = {"error": outcome} if isinstance(outcome, str) else {"output": asdict(outcome)}
        with self._answers.open("a", encoding="utf-8") as answers:
            answers.write(json.dumps(asdict(recording) | found, ensure_ascii=False) + "\n")
        with self._table.open("a", encoding="utf-8", newline="") as table:
            _write_row(table, result_of(recording, outcome))


def _write_row(table: IO[str], result: Result) -> None:
    fields = vars(result.recording) | vars(result) | {"errors": "; ".join(map("@".join, result.errors))}
    csv.DictWriter(table, COLUMNS, extrasaction="ignore").writerow(fields)


def commonest_errors(results: Sequence[Result]) -> list[tuple[str, int, Recording, str]]:
    """Returns the commonest kinds of error: `expected→actual`, how often, and an example's recording and seconds."""
    errors = [(*error, result.recording) for result in results for error in result.errors]
    examples = {kind: (recording, seconds) for kind, seconds, recording in reversed(errors)}
    counts = Counter(kind for kind, _, _ in errors)
    return [(kind, number, *examples[kind]) for kind, number in counts.most_common(SHOWN)]


def summary(results: Sequence[Result]) -> Iterator[str]:
    """Yields the lines of a summary: the mean score, and the commonest errors with a recording of each.

    >>> result = Result(Recording("a.wav", "he"), "hɪ", 0.6, errors=(("i→ɪ", "0.31"),))
    >>> list(summary([result, result]))
    ['2 recordings, mean score 60', '   2  i→ɪ    a.wav, 0.31 s']
    """
    scores = [result.score for result in results if result.score is not None]
    if scores:
        yield f"{len(scores)} recordings, mean score {100 * mean(scores):.0f}"
    for kind, number, recording, seconds in commonest_errors(results):
        yield f"{number:4}  {kind:5}  {recording.audio_uri}, {seconds} s"
