"""Phones aligned with a recording by the recognizer's own posteriors."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from alignment.phone_set import posterior_columns
from alignment.timing import PhoneInterval, phone_intervals
from shared.audio.samples import SAMPLE_RATE
from shared.ctc.alignment import Emission, forced_alignment
from shared.ctc.posteriors import Posteriors

# A phone's posterior is a spike between blanks. So many samples of blank on each side belong to the phone at most; the
# rest of a longer stretch is a pause. Any value from 40 to 100 ms fits MFA's alignments.
MAX_BLANK_SAMPLES = 60 * SAMPLE_RATE // 1000


def align_phones(posteriors: Posteriors, phonemes: Sequence[str], num_samples: int) -> list[PhoneInterval]:
    """Returns one interval for each phone, in order, within a recording of `num_samples`.

    Raises AlignmentFailedError where there are too few frames for the phones.
    """
    if not phonemes:
        return []
    spans, columns = posterior_columns(posteriors.labels, phonemes)
    emissions = forced_alignment(posteriors.log_probs, columns)
    return phone_intervals(spans, posteriors.first_sample + edges_of(emissions, posteriors), num_samples)


def edges_of(emissions: Sequence[Emission], posteriors: Posteriors) -> npt.NDArray[np.float64]:
    """Returns the edges [labels, 2] of labels, in samples from the first frame, with half the blanks on each side."""
    edges = np.array([(emission.start, emission.end) for emission in emissions], dtype=np.float64).reshape(-1, 2)
    gaps = np.concatenate([[np.inf], edges[1:, 0] - edges[:-1, 1], [np.inf]])
    max_blank = MAX_BLANK_SAMPLES / posteriors.frame_stride
    edges[:, 0] -= np.minimum(gaps[:-1] / 2, max_blank)
    edges[:, 1] += np.minimum(gaps[1:] / 2, max_blank)
    return edges.clip(0, len(posteriors.log_probs)) * posteriors.frame_stride
