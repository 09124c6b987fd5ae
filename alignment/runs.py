"""Runs of neighbouring members of a sequence."""

import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

Item = TypeVar("Item")


def runs(items: Sequence[Item], belongs: Callable[[Item], bool]) -> Iterator[tuple[int, int]]:
    """Yields the index of the first item of each run of items that belong together, and the one after its last.

    >>> list(runs("aBBcD", str.isupper))
    [(1, 3), (4, 5)]
    """
    first = 0
    for is_run, group in itertools.groupby(items, key=belongs):
        end = first + len(list(group))
        if is_run:
            yield first, end
        first = end
