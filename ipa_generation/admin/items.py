"""The rows of a file as requests, and what is wrong with the others."""

import codecs
import csv
import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ConfigDict, ValidationError

from ipa_generation.handler import IpaGenerationRequest
from shared.serving.endpoint import data_uri
from shared.serving.request import first_problem

DELIMITERS = ",;\t|"
UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)  # how Excel's "Unicode text" begins


class InputError(Exception):
    """A file cannot be read as what it should be."""


class Item(IpaGenerationRequest):
    """A row of the input: a request, and its own name if it has one."""

    model_config = ConfigDict(frozen=True)

    id: str | int | None = None

    @property
    def name(self) -> str:
        """What a table of failures calls the item."""
        return self.text if self.id is None else str(self.id)


@dataclass(frozen=True)
class BadRow:
    """A row that cannot be read, and why."""

    reason: str


@dataclass
class Rows:
    """The items of a file, each once; what is wrong with other rows, by their place; the names that no item has."""

    items: list[Item] = field(default_factory=list)
    problems: dict[str, str] = field(default_factory=dict)
    ignored: set[str] = field(default_factory=set)

    def add(self, place: str, row: object) -> None:
        """Adds a row of a file: its fields by name, a text alone, or a bad row."""
        if isinstance(row, BadRow):
            self.problems[place] = row.reason
            return
        if isinstance(row, str):
            row = {"text": row}
        if isinstance(row, dict):
            row = {str(name).strip().lower(): value for name, value in row.items()}
            self.ignored |= row.keys() - Item.model_fields
        try:
            self.items.append(Item.model_validate(row))
        except ValidationError as error:
            self.problems[place] = first_problem(error)


def read_items(path: Path, form: str) -> Rows:
    """Returns the rows of a CSV, JSON or JSONL file, or of any other a text for each line. Raises InputError."""
    try:
        text = _decode(path.read_bytes())
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from None
    except InputError as error:
        raise InputError(f"{path.name}: {error}") from None
    rows = Rows()
    try:
        for place, row in PARSERS.get(form, _lines)(text):
            rows.add(place, row)
    except InputError as error:
        raise InputError(f"{path.name}: {error}") from None
    rows.items = list(dict.fromkeys(rows.items))
    return rows


def _decode(content: bytes) -> str:
    try:
        return content.decode("utf-16" if content.startswith(UTF_16) else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InputError(f"line {line} is not UTF-8; save the file as UTF-8") from None


def _lines(text: str) -> Iterator[tuple[str, str]]:
    """Yields the lines of a text that are not blank, each with its place."""
    for number, line in enumerate(io.StringIO(text, newline=None), start=1):
        if line.strip():
            yield f"line {number}", line.strip()


def _json_lines(text: str) -> Iterator[tuple[str, object]]:
    for place, line in _lines(text):
        try:
            yield place, json.loads(line)
        except ValueError as error:
            yield place, BadRow(f"no JSON: {error}")


def _json_array(text: str) -> Iterator[tuple[str, object]]:
    try:
        rows = json.loads(text)
    except ValueError as error:
        raise InputError(f"no JSON: {error}") from None
    if not isinstance(rows, list):
        raise InputError("no array; a file with an object on each line is .jsonl")
    for number, row in enumerate(rows, start=1):
        yield f"row {number}", row


def _csv_rows(text: str) -> Iterator[tuple[str, object]]:
    header = text.partition("\n")[0]
    delimiter = max(DELIMITERS, key=header.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    columns = next(reader, [])
    if "text" not in (column.strip().lower() for column in columns):
        raise InputError(f"no column `text`; the first line has {', '.join(columns) or 'nothing'}")
    while True:
        place = f"line {reader.line_num + 1}"
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield place, BadRow(f"{error}; check its quotes")
            continue
        if len(cells) > len(columns):
            yield place, BadRow("more cells than columns; a text with the delimiter needs quotes")
        elif any(cells):
            yield place, {column: cell for column, cell in zip(columns, cells, strict=False) if cell}


PARSERS: dict[str, Callable[[str], Iterator[tuple[str, object]]]] = {
    "text": _lines,
    "csv": _csv_rows,
    "json": _json_array,
    "jsonl": _json_lines,
}


def to_request(item: Item) -> dict[str, Any]:
    """Returns the `input` of an item's job, a recording on this machine as a `data:` URI. Raises JobError.

    Asks for the words that are guessed, too, unless the item says otherwise.
    """
    request = item.model_dump(exclude={"id"}, exclude_unset=True)
    request.setdefault("detail", True)
    if item.audio_uri and not item.audio_uri.lower().startswith(("https:", "http:", "data:")):
        request["audio_uri"] = data_uri(item.audio_uri)
    return request
