"""The output of a CTC recognizer, and the labels that it reads without a target."""

import dataclasses
from dataclasses import dataclass
from itertools import groupby

import numpy as np
import numpy.typing as npt

BLANK = 0  # the column of everything that is no phone


@dataclass(frozen=True)
class Posteriors:
    """Frame-wise log-probabilities of a CTC recognizer's phones.

    `log_probs` is float32 [frames, labels], every row a distribution. `labels` names the columns; column `BLANK` is
    everything that is no phone (the CTC blank, word boundaries, special symbols). Frame `i` stands for the
    `frame_stride` samples from `first_sample + i * frame_stride`.
    """

    log_probs: npt.NDArray[np.float32]
    labels: tuple[str, ...]
    frame_stride: int
    first_sample: int = 0

    def piece(self, start: int, end: int) -> "Posteriors":
        """Returns those of the frames `start` up to `end`."""
        first_sample = self.first_sample + start * self.frame_stride
        return dataclasses.replace(self, log_probs=self.log_probs[start:end], first_sample=first_sample)


def best_path(posteriors: Posteriors) -> list[str]:
    """Returns the most probable label of each frame, blanks left out; a run of one label is one.

    >>> best_path(Posteriors(np.log([[0.1, 0.9], [0.1, 0.9], [0.8, 0.2]]), ("", "m"), frame_stride=640))
    ['m']
    """
    columns = groupby(posteriors.log_probs.argmax(axis=1).tolist())
    return [posteriors.labels[column] for column, _ in columns if column != BLANK]
