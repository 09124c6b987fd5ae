"""How far apart two phones are by their articulatory features."""

import functools
import itertools
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import panphon

from shared.phonology.equivalence import normalize
from shared.phonology.ipa import is_mark, unify_symbols

# Features by which two phones must differ to count as having nothing in common: about as many as the median pair
# of English phones has (6 of panphon's 24).
FEATURES_APART = 6


@functools.cache
def _feature_table() -> panphon.FeatureTable:
    return panphon.FeatureTable()


@functools.lru_cache(maxsize=4096)
def _features(phone: str) -> tuple[int, ...] | None:
    """Returns the 24 articulatory features of a phone, -1, 0 or 1 each; None where panphon knows no part of it."""
    spelled = unify_symbols(phone)
    bare = "".join(letter for letter in spelled if not is_mark(letter))
    for candidate in (spelled, normalize(spelled), bare, bare[:1]):
        segment = _feature_table().fts(candidate) if candidate else None
        if segment:
            return tuple(segment.numeric())
    return None


def distances(phones: Sequence[str], others: Sequence[str]) -> npt.NDArray[np.float64]:
    """Returns the articulatory distances [phones, others] between phones, each in [0, 1].

    The number of panphon's features in which two phones differ (a half where one has none), over
    `FEATURES_APART`, at most 1. A phone that panphon does not know is at 1 from every other.
    """
    features = [_features(phone) for phone in itertools.chain(phones, others)]
    unknown = len(_feature_table().names) * (0,)
    table = np.array([known or unknown for known in features], dtype=np.float64).reshape(-1, len(unknown))
    left, right = table[: len(phones), None], table[None, len(phones) :]
    apart: npt.NDArray[np.float64] = np.minimum(np.abs(left - right).sum(axis=2) / (2 * FEATURES_APART), 1.0)
    strange = np.array([known is None for known in features], dtype=bool)
    apart[strange[: len(phones), None] | strange[None, len(phones) :]] = 1.0
    apart[np.array(phones, dtype=object)[:, None] == np.array(others, dtype=object)[None, :]] = 0.0
    return apart
