"""Gradient boosted regression trees (Friedman 2001, "Greedy function approximation"), evaluated with numpy."""

import functools
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class Trees:
    """The sum of an offset and of trees, all complete and of one depth.

    `columns` and `thresholds` [trees, 2 ** depth - 1] are those of the inner nodes, each level after the one above;
    `values` [trees, 2 ** depth] those of the leaves.
    """

    offset: float
    columns: list[list[int]]
    thresholds: list[list[float]]
    values: list[list[float]]

    @functools.cached_property
    def _arrays(self) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        return np.array(self.columns), np.array(self.thresholds), np.array(self.values)

    def __call__(self, rows: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Returns the sums [rows] of features [rows, columns].

        >>> Trees(1.0, [[0]], [[0.5]], [[-1.0, 2.0]])(np.array([[0.5], [0.6]])).tolist()
        [0.0, 3.0]
        """
        columns, thresholds, values = self._arrays
        trees, inner = columns.shape
        tree, row = np.arange(trees), np.arange(len(rows))[:, None] * rows.shape[1]
        node = np.tile(inner * tree, (len(rows), 1))  # each tree's after those of the one before
        for _ in range(inner.bit_length()):
            is_above = rows.take(row + columns.take(node)) > thresholds.take(node)
            node = 2 * node + (1 - inner * tree + is_above)
        total: npt.NDArray[np.float64] = self.offset + values.take(node + tree - inner).sum(axis=1)
        return total
