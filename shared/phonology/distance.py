"""The articulatory distance of two phones."""

import csv
import functools
import itertools
import unicodedata
from collections.abc import Sequence
from importlib.metadata import distribution
from pathlib import Path

import numpy as np
import numpy.typing as npt

from shared.phonology.equivalence import normalize
from shared.phonology.ipa import is_mark, unify_symbols

FEATURE_NAMES = (
    "syl son cons cont delrel lat nas strid voi sg cg ant cor distr lab hi lo back round velaric tense long "
    "hitone hireg"
).split()
FEATURE_VALUES = {"+": 1, "0": 0, "-": -1}
# Two phones that differ in so many of panphon's features are at the maximal distance: as many as the median pair of
# English phones differs in.
FEATURES_APART = 6


@functools.cache
def feature_table() -> dict[str, tuple[int, ...]]:
    """Returns the 24 articulatory features, -1, 0 or 1 each, of every phone that panphon knows (Mortensen et al. 2016).

    Reads the table where panphon 0.22 has it: to import the package takes half a second, for pandas
    (https://github.com/dmort27/panphon/blob/master/panphon/featuretable.py).
    """
    table = distribution("panphon").locate_file("panphon/data/ipa_all.csv")
    with Path(str(table)).open(encoding="utf-8", newline="") as file:
        _, *rows = csv.reader(file)
    return {
        unicodedata.normalize("NFD", phone): tuple(FEATURE_VALUES[value] for value in values) for phone, *values in rows
    }


@functools.lru_cache(maxsize=4096)
def _features(phone: str) -> tuple[int, ...] | None:
    """Returns the features of a phone, None for one that panphon does not know."""
    unified = unify_symbols(phone)
    letters = "".join(letter for letter in unified if not is_mark(letter))
    for candidate in (unified, normalize(unified), letters, letters[:1]):
        features = feature_table().get(unicodedata.normalize("NFD", candidate))
        if features:
            return features
    return None


def features(phone: str) -> dict[str, int] | None:
    """Returns the articulatory features of a phone by their names, None for a phone that panphon does not know.

    >>> (features("z") or {})["voi"], features("🙂")
    (1, None)
    """
    values = _features(phone)
    return dict(zip(FEATURE_NAMES, values, strict=True)) if values else None


def distances(phones: Sequence[str], others: Sequence[str]) -> npt.NDArray[np.float64]:
    """Returns the articulatory distances [phones, others] between phones, each in [0, 1].

    A distance is the number of panphon's features in which two phones differ (a half where one of them is 0), over
    `FEATURES_APART`, at most 1. A phone that panphon does not know has distance 1 from every other.

    >>> distances(["s"], ["s", "z", "m"]).round(2).tolist()
    [[0.0, 0.17, 1.0]]
    """
    known = [_features(phone) for phone in itertools.chain(phones, others)]
    unknown = len(FEATURE_NAMES) * (0,)
    table = np.array([values or unknown for values in known], dtype=np.float64).reshape(-1, len(unknown))
    left, right = table[: len(phones), None], table[None, len(phones) :]
    result: npt.NDArray[np.float64] = np.minimum(np.abs(left - right).sum(axis=2) / (2 * FEATURES_APART), 1.0)
    is_unknown = np.array([values is None for values in known], dtype=bool)
    result[is_unknown[: len(phones), None] | is_unknown[None, len(phones) :]] = 1.0
    result[np.array(phones, dtype=object)[:, None] == np.array(others, dtype=object)[None, :]] = 0.0
    return result
