"""The tables of this folder."""

from collections.abc import Iterator
from pathlib import Path


def load_rows(name: str) -> Iterator[list[str]]:
    """Yields the rows of a table, with as many columns as its longest has."""
    lines = Path(__file__).with_name(name).read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines if not line.startswith("#")]
    width = max(map(len, rows))
    return (row + [""] * (width - len(row)) for row in rows)
