"""The embedded engine: Moonshine Tiny's encoder and the phone head beside this module (README.md says what made it)."""

from itertools import groupby
from pathlib import Path

import numpy as np
import numpy.typing as npt

from shared.audio.samples import SAMPLE_RATE, Samples
from shared.errors import InvalidInputError
from shared.onnx_model import load_session
from shared.phonology.ipa import read_phones
from shared.recognizers.base import ENGLISH, Posteriors, Transcription
from shared.recognizers.embedded.encoder import ENCODER_STRIDE, Encoder
from shared.recognizers.pauses import cut_at_pauses

HEAD = Path(__file__).with_name("head.onnx")

# Moonshine was trained on recordings of at most 30 s.
MAX_PIECE = 30 * SAMPLE_RATE // ENCODER_STRIDE * ENCODER_STRIDE
# The head's peaks come late. So moved, phones of the five LibriVox clips, aligned by `alignment.ctc`, are as early as
# the Montreal Forced Aligner has them.
FIRST_SAMPLE = -192


class EmbeddedRecognizer:
    """Transcribes English on a CPU, from two installed files."""

    name = "moonshine"

    def __init__(self, threads: int | None = None) -> None:
        """Loads encoder and head, to run on all cores or so many threads. Raises ModelUnavailableError."""
        self._encoder = Encoder(threads)
        self._head = load_session(HEAD, threads)
        metadata = self._head.get_modelmeta().custom_metadata_map
        self.labels = ("", *metadata["labels"].split())
        self._frame_stride = int(metadata["frame_stride"])

    def transcribe(self, audio: Samples, language: str = ENGLISH) -> Transcription:
        """Returns the phones of float32 [samples], and their posteriors.

        The phones are those of the best CTC path. Raises InvalidInputError for a language other than English.
        """
        if language != ENGLISH:
            raise InvalidInputError(f"the embedded engine does not know the language {language!r}; send `{ENGLISH}`")
        pieces = cut_at_pauses(audio, MAX_PIECE, ENCODER_STRIDE)
        log_probs = np.concatenate([self._log_probs(piece) for piece in pieces])
        path = [self.labels[column] for column, _ in groupby(log_probs.argmax(axis=1)) if column]
        phones = [phone for label in path for phone in read_phones(label)]
        return Transcription(phones, Posteriors(log_probs, self.labels, self._frame_stride, FIRST_SAMPLE))

    def _log_probs(self, audio: Samples) -> npt.NDArray[np.float32]:
        """Returns log-probabilities [frames, labels] of float32 [samples]."""
        result: npt.NDArray[np.float32] = self._head.run(None, {"features": self._encoder(audio)[None]})[0][0]
        return result
