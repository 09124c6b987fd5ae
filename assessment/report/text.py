"""An assessment as plain text."""

import unicodedata

from assessment.answer import DetailedAssessmentAnswer
from assessment.report.answer import MarkedPair, headline, marked_pairs
from shared.audio.samples import SAMPLE_RATE

MARKS = {"substitute": "^", "insert": "+", "delete": "-"}


def plain_text(answer: DetailedAssessmentAnswer) -> str:
    """Returns an answer as the target over the phones pronounced, errors marked, and a line for each of them."""
    rows = zip(*map(column, marked_pairs(answer)), strict=True)
    names = ("target", "actual", "")
    lines = [f"{name:8}" + " ".join(row) for name, row in zip(names, rows, strict=True)]
    lines += [
        f"{error.timestamp.start / SAMPLE_RATE:7.2f} to {error.timestamp.end / SAMPLE_RATE:.2f} s   "
        f"{error.type}: expected {error.expected or 'nothing'}, actual {error.actual or 'nothing'}"
        for error in answer.errors
    ]
    number, band = headline(answer)
    return "\n".join([*lines, f"overall {number} of 100, {band}"])


def column(marked: MarkedPair) -> tuple[str, str, str]:
    """Returns the phone expected, the phone pronounced and the mark of an error, padded to the widest of them."""
    cells = (marked.pair.expected or "", marked.pair.actual or "", MARKS[marked.error.type] if marked.error else "")
    widths = [sum(not unicodedata.combining(letter) for letter in cell) for cell in cells]
    target, actual, mark = (cell + " " * (max(widths) - width) for cell, width in zip(cells, widths, strict=True))
    return target, actual, mark
