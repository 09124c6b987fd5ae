"""The engine with no download: hama hears phones, and a dictionary word is said as it was heard."""

import hama
import numpy as np
import numpy.typing as npt

from alignment.pronunciations import closest_pronunciations
from shared.audio import Samples
from shared.errors import InvalidInputError, NoSpeechError
from shared.phonology.dictionary import Dictionary
from shared.phonology.ipa import is_mark, read_phones, with_boundaries
from shared.recognizers.base import ENGLISH, Posteriors, Transcription

FRAME_STRIDE = hama.asr.ASR_OUTPUT_FRAME_SAMPLES
# hama's posteriors peak late: over five clips, this much after the middle of the phone that an acoustic model finds.
FIRST_SAMPLE = -2 * FRAME_STRIDE


class EmbeddedRecognizer:
    """hama's 1.1 M-parameter CTC phone recogniser, which its wheel brings along, and gruut's dictionary."""

    name = "hama"

    def __init__(self) -> None:
        self._model = hama.ASRModel()
        self._dictionary = Dictionary()
        phones = ["".join(_phones_of(token)) for token in self._model.decoder_tokens]
        self.labels = ("", *dict.fromkeys(phone for phone in phones if phone))
        self._columns = np.array([self.labels.index(phone) for phone in phones])

    def transcribe(self, audio: Samples, language: str = ENGLISH) -> Transcription:
        """Returns the phones heard in float32 [samples], and their posteriors: one frame every 20 ms.

        Raises InvalidInputError for a language other than English.
        """
        _check_language(language)
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

    def g2p(self, text: str, audio: Samples | None, language: str = ENGLISH) -> list[str]:
        """Returns the phones of a text, each word with the pronunciation of it that is closest to the recording.

        Without a recording, the dictionary's first. Raises InvalidInputError or NoSpeechError.
        """
        _check_language(language)
        words = self._dictionary.pronounce(text)
        if audio is None:
            return with_boundaries([word[0] for word in words])
        heard = self.transcribe(audio).phones
        if not heard:
            raise NoSpeechError("no phone was heard in the recording; send a clearer one, or the text alone")
        return with_boundaries(closest_pronunciations(words, heard))

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


def _check_language(language: str) -> None:
    if language != ENGLISH:
        raise InvalidInputError(f"language {language!r} is not known to the embedded engine; it hears `{ENGLISH}`")


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
