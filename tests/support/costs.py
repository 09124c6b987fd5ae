"""The cost of edit operations, which the product only compares."""

from collections.abc import Sequence

from alignment.edit_distance import GAP_COST, edit_operations, substitution_costs


def edit_cost(actual: Sequence[str], target: Sequence[str]) -> int:
    """Returns the summed cost of the operations between two lists of phones, in thousandths of a phone."""
    return sum(
        GAP_COST if o.expected is None or o.actual is None else int(substitution_costs([o.actual], [o.expected])[0, 0])
        for o in edit_operations(actual, target)
    )
