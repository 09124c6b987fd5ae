"""A variant of some phones of a target."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Variant:
    """Phones that may be pronounced for target phones `start` up to `end`, and what explains them."""

    start: int
    end: int
    phones: tuple[str, ...]
    explained_by: str
