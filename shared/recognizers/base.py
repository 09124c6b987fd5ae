"""What a phone recogniser is, whatever the engine."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from shared.audio import Samples

ENGLISH = "eng"


@dataclass(frozen=True)
class Posteriors:
    """Frame-wise log-probabilities of a CTC recogniser's phones.

    `log_probs` is float32 [frames, labels], every row a distribution. `labels` names the columns; column 0 is
    everything that is no phone (the CTC blank, word boundaries, special symbols). Frame `i` stands for the
    `frame_stride` samples from `first_sample + i * frame_stride`.
    """

    log_probs: npt.NDArray[np.float32]
    labels: tuple[str, ...]
    frame_stride: int
    first_sample: int = 0


@dataclass(frozen=True)
class Transcription:
    """The phones heard in a recording, in order and in POWSM's notation, and the posteriors they came from."""

    phones: list[str]
    posteriors: Posteriors


class Recognizer(Protocol):
    """Hears phones in a recording."""

    @property
    def name(self) -> str:
        """The engine, as the detailed answer names it."""
        ...

    def transcribe(self, audio: Samples, language: str = ENGLISH) -> Transcription:
        """Returns the phones heard in float32 [samples]; none is an answer too.

        Raises InvalidInputError for a language, an ISO 639-3 code, that the engine does not know.
        """
        ...

    def g2p(self, text: str, audio: Samples | None, language: str = ENGLISH) -> list[str]:
        """Returns the phones of a text as the recording says it, `" "` at word boundaries where known.

        Without a recording: as a dictionary says it. Raises InvalidInputError for a text with nothing to say, or a
        language that the engine does not know.
        """
        ...
