"""Samples, as every module here takes them."""

import numpy as np
import numpy.typing as npt

SAMPLE_RATE = 16_000

Samples = npt.NDArray[np.float32]
"""Mono audio at `SAMPLE_RATE`: float32 [samples] in [-1, 1]."""
