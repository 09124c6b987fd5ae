"""Tables that lie beside the modules that read them."""

import gzip
from collections.abc import Iterator
from pathlib import Path


def read_lines(table: Path) -> list[str]:
    """Returns the lines of a table, which is packed where its name ends in .gz."""
    content = table.read_bytes()
    return (gzip.decompress(content) if table.suffix == ".gz" else content).decode().splitlines()


def load_rows(module: str, name: str) -> Iterator[list[str]]:
    """Yields the rows of the table `name` beside a module, given the module's `__file__`.

    A row has as many columns as the table's longest. A line that starts with # is a comment.
    """
    rows = [line.split("\t") for line in read_lines(Path(module).with_name(name)) if not line.startswith("#")]
    width = max(map(len, rows))
    return (row + [""] * (width - len(row)) for row in rows)
