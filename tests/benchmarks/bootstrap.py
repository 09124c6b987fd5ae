"""95 % intervals of statistics, by the bootstrap over utterances."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from scipy import stats

RESAMPLES = 1000

Indices = npt.NDArray[np.int64]


def interval(statistic: Callable[[Indices], float], count: int) -> str:
    """Returns a statistic of drawn utterances with its interval."""
    draws = np.random.default_rng(0).integers(0, count, (RESAMPLES, count))
    low, high = np.nanpercentile([statistic(draw) for draw in draws], [2.5, 97.5])
    return f"{statistic(np.arange(count)):5.2f} [{low:.2f}, {high:.2f}]"


def correlation(rank: bool, one: npt.NDArray[np.float64], other: npt.NDArray[np.float64], drawn: Indices) -> float:
    """Returns Pearson's or Spearman's correlation over drawn utterances."""
    correlate = stats.spearmanr if rank else stats.pearsonr
    return float(correlate(one[drawn], other[drawn])[0])
