"""Edit operations: the cheapest substitutions, insertions and deletions from a target to the phones of a recording."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from shared.phonology.distance import distances
from shared.phonology.ipa import is_vowel

# Costs are in thousandths of a phone: whole numbers, so that ties are exact on every machine.
UNIT = 1000
GAP_COST = UNIT  # of an insertion or a deletion; so two unlike phones are one substitution, not one of each
VOWEL_FOR_CONSONANT_COST = UNIT + 1  # more than of any two vowels, or consonants
MIN_SUBSTITUTION_COST = UNIT // 20  # of two phones with the same features in panphon

Costs = npt.NDArray[np.int64]


@dataclass(frozen=True)
class EditOperation:
    """One difference between the phones of a recording and the target, or in an alignment also two equal phones.

    `position` counts the target phones before it, `actual_index` the phones of the recording before it. `expected` is
    None for an insertion, `actual` for a deletion.
    """

    type: Literal["match", "substitute", "insert", "delete"]
    position: int
    expected: str | None
    actual: str | None
    actual_index: int


def edit_operations(actual: Sequence[str], target: Sequence[str]) -> list[EditOperation]:
    """Returns the cheapest operations, in order, that turn the target's phones into those of a recording.

    >>> edit_operations(["k", "æ"], ["k", "æ", "t"])
    [EditOperation(type='delete', position=2, expected='t', actual=None, actual_index=2)]
    """
    return [operation for operation in align(actual, target) if operation.type != "match"]


def align(actual: Sequence[str], target: Sequence[str]) -> list[EditOperation]:
    """Returns the cheapest alignment of a target's phones with those of a recording, in order, matches among them.

    A substitution costs the articulatory distance of the two phones, an insertion or a deletion 1, so that similar
    phones are paired (Kondrak, A New Algorithm for the Alignment of Phonetic Sequences, 2000), and vowels with vowels
    (Heeringa, Measuring Dialect Pronunciation Differences using Levenshtein Distance, 2004). Of equally cheap
    alignments it is always the same one, and the mirrored one when the arguments are swapped.
    """
    if list(actual) == list(target):  # as most segments of a sentence, of a phone each
        return [EditOperation("match", k, phone, phone, k) for k, phone in enumerate(target)]
    operations: list[EditOperation] = []
    substitution = substitution_costs(actual, target)
    cost = prefix_costs(substitution)
    j, i = len(target), len(actual)
    while j or i:
        here = cost[j, i]
        if j and i and here == cost[j - 1, i - 1] + substitution[j - 1, i - 1]:
            j, i = j - 1, i - 1
            kind: Literal["match", "substitute"] = "substitute" if substitution[j, i] else "match"
            operations.append(EditOperation(kind, j, target[j], actual[i], i))
            continue
        deletes = j > 0 and here == cost[j - 1, i] + GAP_COST
        inserts = i > 0 and here == cost[j, i - 1] + GAP_COST
        # Between two as cheap, the phones themselves decide: swapped arguments then give the mirrored choice.
        if deletes and not (inserts and actual[i - 1] > target[j - 1]):
            j -= 1
            operations.append(EditOperation("delete", j, target[j], None, i))
        else:
            i -= 1
            operations.append(EditOperation("insert", j, None, actual[i], i))
    return operations[::-1]


def substitution_costs(actual: Sequence[str], target: Sequence[str]) -> Costs:
    """Returns the cost [target, actual] of each phone in place of each target phone: 0 for equal phones alone."""
    actual_phones, actual_index = np.unique(np.array(actual, dtype=object), return_inverse=True)
    target_phones, target_index = np.unique(np.array(target, dtype=object), return_inverse=True)
    costs = np.rint(distances(target_phones.tolist(), actual_phones.tolist()) * UNIT).astype(np.int64)
    unlike = np.not_equal.outer(*([is_vowel(phone) for phone in phones] for phones in (target_phones, actual_phones)))
    costs = np.where(unlike, VOWEL_FOR_CONSONANT_COST, costs)
    min_costs = np.where(target_phones[:, None] == actual_phones[None, :], 0, MIN_SUBSTITUTION_COST)
    return np.maximum(costs, min_costs)[np.ix_(target_index, actual_index)]


def next_row(row: Costs, substitution: Costs) -> Costs:
    """Returns the least costs [actual + 1] after one more target phone, from those before it.

    `substitution` [actual] are the costs of that phone. An insertion depends on the cell before it in the same row:
    without the insertions' own costs, that is a running minimum.
    """
    insertions = GAP_COST * np.arange(len(row))
    costs = row + GAP_COST  # the target phone deleted
    np.minimum(costs[1:], row[:-1] + substitution, out=costs[1:])
    costs -= insertions
    np.minimum.accumulate(costs, out=costs)
    costs += insertions
    return costs


def prefix_costs(substitution: Costs) -> Costs:
    """Returns the least costs [target + 1, actual + 1] between the prefixes of a target and of a recording's phones.

    >>> prefix_costs(substitution_costs(["k", "æ"], ["k", "æ", "t"]))[:, 2].tolist()
    [2000, 1000, 0, 1000]
    """
    table = [GAP_COST * np.arange(substitution.shape[1] + 1)]
    for costs in substitution:
        table.append(next_row(table[-1], costs))
    return np.stack(table)
