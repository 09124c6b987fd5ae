"""The engine with no download: hama."""

import hama
import numpy as np
import numpy.typing as npt

from shared.audio import Samples
from shared.errors import InvalidInputError
from shared.phonology.ipa import is_mark, read_phones
from shared.recognizers.base import ENGLISH, Posteriors, Transcription

FRAME_STRIDE = hama.asr.ASR_OUTPUT_FRAME_SAMPLES
# hama's posteriors peak late: over five clips, this much after the middle of the phone that an acoustic model finds.
FIRST_SAMPLE = -2 * FRAME_STRIDE


class EmbeddedRecognizer:
    """hama's 1.1 M-parameter CTC phone recogniser, which is part of its wheel."""

    name = "hama"

    def __init__(self) -> None:
        self._model = hama.ASRModel()
        phones = ["".join(_phones_of(token)) for token in self._model.decoder_tokens]
        self.labels = ("", *dict.fromkeys(phone for phone in phones if phone))
        self._columns = np.array([self.labels.index(phone) for phone in phones])

    def transcribe(self, audio: Samples, language: str = ENGLISH) -> Transcription:
        """Returns the phones of float32 [samples], and their posteriors: one frame every 20 ms.

        Raises InvalidInputError for a language other than English.
        """
        if language != ENGLISH:
            raise InvalidInputError(f"the embedded engine does not know the language {language!r}; send `{ENGLISH}`")
        log_probs = self._log_probs(audio)
        scores = log_probs.copy()
        scores[:, self._model.blank_id] += self._model.decode_cfg.blank_bias
        _, tokens, _ = hama.decode_ctc_tokens(
            scores.argmax(axis=1).tolist(),
            self._model.decoder_tokens,
            blank_id=self._model.blank_id,
            word_boundary_token=self._model.decode_cfg.word_boundary_token,
        )
        posteriors = Posteriors(self._merge(log_probs), self.labels, FRAME_STRIDE, FIRST_SAMPLE)
        return Transcription(_join_marks(tokens), posteriors)

    def _log_probs(self, audio: Samples) -> npt.NDArray[np.float32]:
        """Returns hama's log-probabilities [frames, tokens]."""
        feeds = {"waveform": audio[None], "waveform_lengths": np.array([len(audio)])}
        log_probs, frames = self._model.session.run(["log_probs", "out_lengths"], feeds)
        result: npt.NDArray[np.float32] = log_probs[0, : int(frames[0])]
        return result

    def _merge(self, log_probs: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Returns log-probabilities [frames, labels]: the tokens of one phone added up, all else in column 0."""
        merged = np.exp(log_probs) @ (self._columns[:, None] == np.arange(len(self.labels))).astype(np.float32)
        result: npt.NDArray[np.float32] = np.log(np.maximum(merged, np.finfo(np.float32).tiny))
        return result


def _phones_of(token: str) -> list[str]:
    """Returns the phones that a token of hama stands for, none for its marks, special tokens and other symbols."""
    try:
        return read_phones(token)
    except InvalidInputError:
        return []


def _join_marks(tokens: list[str]) -> list[str]:
    """Returns the phones of tokens: a mark can come as a token of its own, and belongs to the phone before."""
    phones: list[str] = []
    for token in tokens:
        if phones and all(map(is_mark, token)):
            phones[-1:] = read_phones(phones[-1] + token)
        else:
            phones += _phones_of(token)
    return phones
