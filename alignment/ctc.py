"""Phones aligned with a recording by the recognizer's own posteriors."""

import itertools
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from alignment.phone_set import LabelSpan, parse_label, posterior_columns
from alignment.runs import runs
from alignment.segments import Segment
from alignment.timing import PhoneInterval, phone_intervals
from shared.audio.samples import SAMPLE_RATE
from shared.ctc.alignment import Emission, LogProbs, forced_alignment
from shared.ctc.posteriors import Posteriors
from shared.errors import AlignmentFailedError

# A phone's posterior is a spike between blanks. So many samples of blank on each side belong to the phone at most; the
# rest of a longer stretch is a pause. Any value from 40 to 100 ms fits MFA's alignments.
MAX_BLANK_SAMPLES = 60 * SAMPLE_RATE // 1000
CONTEXT_LABELS = 8  # before and after one whose frames are sought among others' that are known


def align_segments(posteriors: Posteriors, segments: Sequence[Segment], num_samples: int) -> list[PhoneInterval]:
    """Returns one interval for each phone transcribed in a recording of `num_samples`, in order.

    They are where the segments' labels were decoded; phones with none are sought between these. Raises
    AlignmentFailedError where there are too few frames for the phones.
    """
    spans: list[LabelSpan] = []
    labels: list[int] = []
    known: list[Emission | None] = []
    for segment in segments:
        names = [posteriors.labels[label] for label in segment.labels]
        lengths = [len(parse_label(name)) for name in names]
        if segment.emissions and sum(lengths) == len(segment.transcribed):
            phones = iter(segment.transcribed)
            spans += [LabelSpan(n, tuple(itertools.islice(phones, k))) for n, k in zip(names, lengths, strict=True)]
            labels += segment.labels
            known += segment.emissions
        else:
            found, columns = posterior_columns(posteriors.labels, segment.transcribed)
            spans += found
            labels += columns
            known += [None] * len(columns)
    edges = edges_of(emissions_near(posteriors.log_probs, labels, known), posteriors)
    return phone_intervals(spans, posteriors.first_sample + edges, num_samples)


def emissions_near(log_probs: LogProbs, labels: Sequence[int], known: Sequence[Emission | None]) -> list[Emission]:
    """Returns the frames of each label on the best path through `log_probs` [frames, labels], given those of some.

    Those that are not known are sought near the known ones alone, with `CONTEXT_LABELS` of these. Raises
    AlignmentFailedError where there are too few frames.
    """
    unknown = [emission is None for emission in known]
    sought = [any(unknown[max(k - CONTEXT_LABELS, 0) : k + CONTEXT_LABELS + 1]) for k in range(len(known))]
    emissions = [emission or Emission(0, len(log_probs)) for emission in known]
    try:
        for first, last in runs(sought, bool):
            start = emissions[first].start if first else 0
            end = emissions[last - 1].end if last < len(labels) else len(log_probs)
            found = forced_alignment(log_probs[start:end], labels[first:last])
            emissions[first:last] = [Emission(start + emission.start, start + emission.end) for emission in found]
    except AlignmentFailedError:
        return forced_alignment(log_probs, labels)
    return emissions


def edges_of(emissions: Sequence[Emission], posteriors: Posteriors) -> npt.NDArray[np.float64]:
    """Returns the edges [labels, 2] of labels, in samples from the first frame, with half the blanks on each side."""
    edges = np.array([(emission.start, emission.end) for emission in emissions], dtype=np.float64).reshape(-1, 2)
    gaps = np.concatenate([[np.inf], edges[1:, 0] - edges[:-1, 1], [np.inf]])
    max_blank = MAX_BLANK_SAMPLES / posteriors.frame_stride
    edges[:, 0] -= np.minimum(gaps[:-1] / 2, max_blank)
    edges[:, 1] += np.minimum(gaps[1:] / 2, max_blank)
    return edges.clip(0, len(posteriors.log_probs)) * posteriors.frame_stride
