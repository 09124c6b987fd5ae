"""Posteriors made by hand."""

import numpy as np

from shared.recognizers.base import Posteriors


def spikes(*frames: int, labels: int = 4) -> Posteriors:
    """Returns posteriors of 0.99 for one label in each frame; `frames` are columns, of which 0 is the blank."""
    probabilities = np.full((len(frames), labels), 0.01 / (labels - 1), dtype=np.float32)
    probabilities[np.arange(len(frames)), frames] = 0.99
    return Posteriors(np.log(probabilities), ("", "a", "b", "c")[:labels], 320)
