"""The embedded engine: Moonshine Tiny's encoder and the phone head beside this module (README.md says what made it)."""

from pathlib import Path

import numpy as np

from shared.audio.samples import SAMPLE_RATE, Samples
from shared.ctc.posteriors import Posteriors, best_path
from shared.errors import InvalidInputError
from shared.onnx_model import load_session
from shared.phonology.ipa import parse_ipa
from shared.phonology.languages import ENGLISH
from shared.recognizers.base import Transcription
from shared.recognizers.embedded.encoder import ENCODER_STRIDE, Encoder
from shared.recognizers.pauses import cut_at_pauses

HEAD = Path(__file__).with_name("head.onnx")

# Of what the head was trained on, 99 in 100 recordings are shorter. Of a minute in pieces of up to 30 s, for which the
# encoder was made, it has a tenth more phones wrong, and takes a third longer.
MAX_PIECE = 12 * SAMPLE_RATE // ENCODER_STRIDE * ENCODER_STRIDE
# The head's peaks come late. So moved, phones of the five LibriVox clips, aligned by `alignment.ctc`, are as early as
# the Montreal Forced Aligner has them.
FIRST_SAMPLE = -192

# Of a word cut to itself the encoder may make no phone: less than SHORT is then read with SILENCE on each side.
SHORT, SILENCE = round(0.4 * SAMPLE_RATE), round(0.1 * SAMPLE_RATE)


class EmbeddedRecognizer:
    """Transcribes English on a CPU, from two installed files."""

    name = "moonshine"

    def __init__(self) -> None:
        """Loads encoder and head. Raises ModelUnavailableError."""
        self._encoder = Encoder()
        self._head = load_session(HEAD)
        metadata = self._head.get_modelmeta().custom_metadata_map
        self.labels = ("", *metadata["labels"].split())
        self._phones = {label: parse_ipa(label) for label in self.labels[1:]}
        self._frame_stride = int(metadata["frame_stride"])

    def transcribe(self, audio: Samples, language: str = ENGLISH) -> Transcription:
        """Returns the phones of float32 [samples], and their posteriors.

        The phones are those of the best CTC path. Raises InvalidInputError for a language other than English.
        """
        if language != ENGLISH:
            raise InvalidInputError(f"the embedded engine does not know the language {language!r}; send `{ENGLISH}`")
        transcription = self._transcribe(audio, silence=0)
        if not transcription.phones and len(audio) < SHORT:
            return self._transcribe(audio, SILENCE)
        return transcription

    def _transcribe(self, audio: Samples, silence: int) -> Transcription:
        """Returns the phones of float32 [samples] with so many samples of silence on each side."""
        pieces = cut_at_pauses(np.pad(audio, silence), MAX_PIECE, ENCODER_STRIDE)
        features = [self._encoder(piece)[None] for piece in pieces]
        log_probs = np.concatenate([self._head.run(None, {"features": piece})[0][0] for piece in features])
        posteriors = Posteriors(log_probs, self.labels, self._frame_stride, FIRST_SAMPLE - silence)
        return Transcription([phone for label in best_path(posteriors) for phone in self._phones[label]], posteriors)
