"""Phones in the notation of a target, for comparisons of what a recognizer writes without one."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from alignment.edit_distance import edit_operations
from shared.phonology.equivalence import canonical_form


class _Part(NamedTuple):
    """A phone of the canonical form, and the index of the phone that it is a part of."""

    sound: str
    phone_index: int


def match_target_notation(actual: Sequence[str], target: Sequence[str]) -> list[str]:
    """Returns the phones of a recording, with those that can be written as one or as two written as in the target.

    So a difference of notation is no error and moves no position. All other phones stay as they are.

    >>> match_target_notation(["t", "ʃ", "ɜ˞", "z"], ["t͡ʃ", "ə", "ɹ", "s"])
    ['t͡ʃ', 'ə', 'ɹ', 'z']
    """
    actual_parts, target_parts = _parts(actual), _parts(target)
    positions = _matching_positions([part.sound for part in actual_parts], [part.sound for part in target_parts])

    def joined(k: int) -> str | None:
        """Returns the phone that parts `k - 1` and `k` are written as together; None where they are written apart."""
        position, previous = positions.get(k), positions.get(k - 1)
        if position is not None and previous is not None and position == previous + 1:
            phones, parts, last = target, target_parts, position
        else:  # not both are in the target, side by side
            phones, parts, last = actual, actual_parts, k
        is_one_phone = last > 0 and parts[last].phone_index == parts[last - 1].phone_index
        return phones[parts[last].phone_index] if is_one_phone else None

    num_parts = Counter(part.phone_index for part in actual_parts)
    written: list[str] = []
    for k, part in enumerate(actual_parts):
        if (phone := joined(k)) is not None:
            written[-1] = phone
        else:
            written.append(actual[part.phone_index] if num_parts[part.phone_index] == 1 else part.sound)
    return written


def _parts(phones: Sequence[str]) -> list[_Part]:
    return [_Part(sound, index) for index, phone in enumerate(phones) for sound in canonical_form([phone])]


def _matching_positions(actual: Sequence[str], target: Sequence[str]) -> dict[int, int]:
    """Returns the index in the target of each index in `actual` whose phone is the target's there.

    >>> _matching_positions(["s", "k", "u"], ["k", "u", "l"])
    {1: 0, 2: 1}
    """
    operations = edit_operations(actual, target)
    changed = {operation.actual_index for operation in operations if operation.type != "delete"}
    missing = {operation.position for operation in operations if operation.type != "insert"}
    unchanged = (index for index in range(len(actual)) if index not in changed)
    present = (position for position in range(len(target)) if position not in missing)
    return dict(zip(unchanged, present, strict=True))
