"""The interfaces of a phone recogniser."""

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from shared.audio.samples import Samples

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
    """The phones of a recording, in order and in POWSM's notation, and the posteriors they came from."""

    phones: list[str]
    posteriors: Posteriors


class Recognizer(Protocol):
    """Transcribes a recording into phones."""

    @property
    def name(self) -> str:
        """The engine, as the detailed answer names it."""
        ...

    def transcribe(self, audio: Samples, language: str = ENGLISH) -> Transcription:
        """Returns the phones of float32 [samples], which may be none.

        Raises InvalidInputError for a language, an ISO 639-3 code, that the engine does not know.
        """
        ...


@runtime_checkable
class AudioGuidedG2P(Protocol):
    """Writes the phones of a text as a recording pronounces it."""

    def g2p(self, text: str, audio: Samples, language: str = ENGLISH) -> list[str]:
        """Returns the phones of a text in float32 [samples], without word boundaries; they may be none.

        Raises InvalidInputError for a text or a recording that the engine cannot take, and for a language, an
        ISO 639-3 code, that it does not know.
        """
        ...
