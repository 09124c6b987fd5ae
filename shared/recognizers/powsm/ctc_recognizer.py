"""POWSM without a decoder (`espnet/powsm_ctc`, arXiv 2601.14046), run by ESPnet's modules."""

import torch
from torch import Tensor

from shared.audio.samples import Samples
from shared.ctc.posteriors import Posteriors, best_path
from shared.phonology.languages import ENGLISH
from shared.recognizers.base import Transcription
from shared.recognizers.powsm.ctc_inference import PowsmCtcModel
from shared.recognizers.powsm.recognizer import BATCH_SIZE


class PowsmCtcRecognizer:
    """Transcribes recordings."""

    name = "powsm_ctc"

    def __init__(self, model: PowsmCtcModel) -> None:
        """Takes a loaded model."""
        self._model = model

    def transcribe(self, audio: Samples, language: str = ENGLISH) -> Transcription:
        """Returns the phones of float32 [samples], and the posteriors of the last CTC layer.

        `language` is an ISO 639-3 code. A recording longer than the model's window is read in windows that overlap, as
        ESPnet does. Raises InvalidInputError for a language that the checkpoint has no symbol for.
        """
        framing = self._model.framing
        if framing.is_one_piece(audio):
            encoded = self._model.encode([audio], language)
            log_probs = self._model.log_probs(encoded[0], framing.num_frames(len(audio)))
        else:
            log_probs = self._log_probs_of_windows(audio, language)
        posteriors = Posteriors(log_probs.cpu().numpy(), self._model.tokens.labels, framing.stride)
        return Transcription(best_path(posteriors), posteriors)

    def _log_probs_of_windows(self, audio: Samples, language: str) -> Tensor:
        """Returns the log-probabilities [frames, labels] of a long recording: of each window, what is not context."""
        framing = self._model.framing
        num_frames = framing.num_frames(len(audio))
        own_frames = framing.max_samples // framing.stride - 2 * framing.context
        windows = framing.overlap(audio)
        parts: list[Tensor] = []
        for first in range(0, len(windows), BATCH_SIZE):
            encoded = self._model.encode(windows[first : first + BATCH_SIZE], language)
            parts += [self._model.log_probs(window, framing.context + own_frames) for window in encoded]
        return torch.cat([part[framing.context :] for part in parts])[:num_frames]
