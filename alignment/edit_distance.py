"""What was substituted, inserted and left out: the cheapest way from the target's phones to the phones heard."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from shared.phonology.distance import distances

# Costs in thousandths, whole numbers so that ties are exact and the answer is the same everywhere.
UNIT = 1000
GAP_COST = UNIT  # an insertion or a deletion; so two unlike phones are one substitution, not one of each
MIN_SUBSTITUTION_COST = UNIT // 20  # two phones that panphon can't tell apart still differ

Costs = npt.NDArray[np.int64]


@dataclass(frozen=True)
class EditOperation:
    """One difference between the phones heard and the target.

    `position` counts target phones from 0; an insertion has that of the phone it stands before. `actual_index`
    counts phones heard; a deletion has that of the phone before which the missing one should have been.
    `expected` is None for an insertion, `actual` for a deletion.
    """

    type: Literal["substitute", "insert", "delete"]
    position: int
    expected: str | None
    actual: str | None
    actual_index: int


def edit_operations(actual: Sequence[str], target: Sequence[str]) -> list[EditOperation]:
    """Returns the cheapest operations that turn the target's phones into the phones heard, in order.

    A substitution costs the articulatory distance of the two phones, an insertion or a deletion 1, so phones pair
    as they sound (Kondrak, A New Algorithm for the Alignment of Phonetic Sequences, 2000). Of equally cheap ways
    the same one is taken always, and the mirrored one when the arguments are swapped.
    """
    substitution = substitution_costs(actual, target)
    cost = _cost_table(substitution)
    operations: list[EditOperation] = []
    j, i = len(target), len(actual)
    while j or i:
        here = cost[j, i]
        if j and i and here == cost[j - 1, i - 1] + substitution[j - 1, i - 1]:
            j, i = j - 1, i - 1
            if substitution[j, i]:
                operations.append(EditOperation("substitute", j, target[j], actual[i], i))
            continue
        deletes = j > 0 and here == cost[j - 1, i] + GAP_COST
        inserts = i > 0 and here == cost[j, i - 1] + GAP_COST
        # Where both are as cheap, the phones themselves decide: a rule that no argument order changes.
        if deletes and not (inserts and actual[i - 1] > target[j - 1]):
            j -= 1
            operations.append(EditOperation("delete", j, target[j], None, i))
        else:
            i -= 1
            operations.append(EditOperation("insert", j, None, actual[i], i))
    return operations[::-1]


def edit_cost(operations: Sequence[EditOperation]) -> float:
    """Returns the summed cost of operations, in phones: a gap costs 1, a substitution the phones' distance."""
    total = 0
    for operation in operations:
        if operation.expected is None or operation.actual is None:
            total += GAP_COST
        else:
            total += int(substitution_costs([operation.actual], [operation.expected])[0, 0])
    return total / UNIT


def substitution_costs(actual: Sequence[str], target: Sequence[str]) -> Costs:
    """Returns the cost [target, actual] of each phone heard for each target phone, 0 for equal ones only."""
    heard, heard_index = np.unique(np.array(actual, dtype=object), return_inverse=True)
    meant, meant_index = np.unique(np.array(target, dtype=object), return_inverse=True)
    apart = np.rint(distances(meant.tolist(), heard.tolist()) * UNIT).astype(np.int64)
    least = np.where(meant[:, None] == heard[None, :], 0, MIN_SUBSTITUTION_COST)
    return np.maximum(apart, least)[np.ix_(meant_index, heard_index)]


def next_row(row: Costs, substitution: Costs) -> Costs:
    """Returns the least costs [actual + 1] of one target phone more, from those without it.

    `substitution` is that phone's row [actual]. Along a row an insertion depends on the cell before it; with the
    cost of the insertions so far taken out, that is a running minimum.
    """
    insertions = GAP_COST * np.arange(len(row))
    longer = row + GAP_COST
    longer[1:] = np.minimum(longer[1:], row[:-1] + substitution)
    least: Costs = np.minimum.accumulate(longer - insertions) + insertions
    return least


def _cost_table(substitution: Costs) -> Costs:
    """Returns the least cost [target + 1, actual + 1] between all prefixes."""
    table = [GAP_COST * np.arange(substitution.shape[1] + 1)]
    for costs in substitution:
        table.append(next_row(table[-1], costs))
    return np.stack(table)
