"""How far many jobs are: a bar in a terminal, elsewhere a line every few seconds."""

import io
import sys
from typing import Any

from tqdm import tqdm

SECONDS_PER_LINE = 5.0
LINE = "{n_fmt} of {total_fmt}{unit}, {rate_noinv_fmt}, {remaining} left"


class _Lines(io.TextIOBase):
    """Takes what tqdm draws over itself as lines of stderr."""

    def write(self, drawn: str) -> int:
        if state := drawn.strip():
            print(state, file=sys.stderr)
        return len(drawn)


def progress(total: int, unit: str) -> "tqdm[Any]":
    """Returns a progress bar on stderr: count, rate and the time that is left."""
    as_lines: dict[str, Any] = {"file": _Lines(), "bar_format": LINE, "mininterval": SECONDS_PER_LINE}
    return tqdm(total=total, unit=f" {unit}", disable=not total, **({} if sys.stderr.isatty() else as_lines))
