"""The interfaces of a phone recognizer."""

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from shared.audio.samples import Samples
from shared.ctc.posteriors import Posteriors
from shared.phonology.languages import ENGLISH


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
