"""What may be pronounced in place of a target's phones, and is no error."""

from collections.abc import Sequence
from typing import NamedTuple


class Variant(NamedTuple):
    """Phones that may be pronounced for target phones `start` up to `end`, and what explains them."""

    start: int
    end: int
    phones: tuple[str, ...]
    explained_by: str

    def of(self, target: Sequence[str]) -> list[str]:
        """Returns a target with the variant in it.

        >>> Variant(1, 2, ("ɾ",), "flapping").of("ɪtɪ")
        ['ɪ', 'ɾ', 'ɪ']
        """
        return [*target[: self.start], *self.phones, *target[self.end :]]
