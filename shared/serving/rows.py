"""Rows and texts of files as people keep them, for the command lines that do many jobs."""

import codecs
import csv
import io
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

DELIMITERS = ",;\t|"
BYTE_ORDER_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)  # how Excel's "Unicode text" begins
LAST_RESORT = "windows-1252"  # of old spreadsheets; it reads almost anything as something


class InputError(Exception):
    """What a command line names cannot be read as what it should be."""


class BadRow(str):
    """Why a row cannot be read."""


Row = tuple[str, object]
"""A row's place in its file, and its fields by name, a text alone, or a BadRow."""


def read_rows(path: Path, form: str, column: str) -> Iterator[Row]:
    """Yields the rows of a CSV, JSON or JSON lines file, or of any other form a text for each line that is not blank.

    Fields have their names in lower case; a CSV file has the column `column`. Raises InputError.
    """
    try:
        text = read_text(path)
        for place, row in PARSERS.get(form, _lines)(text, column):
            yield place, {str(name).strip().lower(): row[name] for name in row} if isinstance(row, dict) else row
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from None
    except InputError as error:
        raise InputError(f"{path.name}: {error}") from None


def read_text(path: Path) -> str:
    """Returns a text file in UTF-8 or UTF-16; in any other encoding as Windows-1252, which a line on stderr says.

    Raises InputError, OSError.
    """
    content = path.read_bytes()
    utf_16 = _utf_16(content)
    try:
        return content.decode(utf_16 or "utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
    try:
        text = content.decode(utf_16 or LAST_RESORT)
    except UnicodeDecodeError:
        raise InputError(f"line {line} is not UTF-8; save the file as UTF-8") from None
    print(f"{path.name}: line {line} is not UTF-8, so the file is read as {LAST_RESORT}", file=sys.stderr)
    return text


def _utf_16(content: bytes) -> str | None:
    """Returns which UTF-16 a file begins in, by its mark or by an ASCII character, if any."""
    if content.startswith(BYTE_ORDER_MARKS):
        return "utf-16"
    if content[1:2] == b"\0":
        return "utf-16-le"
    return "utf-16-be" if content[:1] == b"\0" else None


def _lines(text: str, _: str) -> Iterator[tuple[str, str]]:
    """Yields the lines of a text that are not blank, each with its place."""
    for number, line in enumerate(io.StringIO(text, newline=None), start=1):
        if line.strip():
            yield f"line {number}", line.strip()


def _json_lines(text: str, column: str) -> Iterator[Row]:
    for place, line in _lines(text, column):
        try:
            yield place, json.loads(line)
        except ValueError as error:
            yield place, BadRow(f"no JSON: {error}")


def _json_array(text: str, _: str) -> Iterator[Row]:
    try:
        rows = json.loads(text)
    except ValueError as error:
        raise InputError(f"no JSON: {error}") from None
    if not isinstance(rows, list):
        raise InputError("no array; a file with an object on each line is .jsonl")
    for number, row in enumerate(rows, start=1):
        yield f"row {number}", row


def _csv_rows(text: str, column: str) -> Iterator[Row]:
    header = text.lstrip().partition("\n")[0]
    delimiter = max(DELIMITERS, key=header.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    columns = next(filter(any, reader), [])
    if column not in (name.strip().lower() for name in columns):
        raise InputError(f"no column `{column}`; the first line has {', '.join(columns) or 'nothing'}")
    while True:
        place = f"line {reader.line_num + 1}"
        try:
            cells = [cell.strip() for cell in next(reader)]
        except StopIteration:
            return
        except csv.Error as error:
            yield place, BadRow(f"{error}; check its quotes")
            continue
        if len(cells) > len(columns):
            yield place, BadRow("more cells than columns; a text with the delimiter needs quotes")
        elif any(cells):
            yield place, {name: cell for name, cell in zip(columns, cells, strict=False) if cell}


PARSERS: dict[str, Callable[[str, str], Iterator[Row]]] = {
    "text": _lines,
    "csv": _csv_rows,
    "tsv": _csv_rows,
    "json": _json_array,
    "jsonl": _json_lines,
}
