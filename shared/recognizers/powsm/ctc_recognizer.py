"""POWSM without a decoder (`espnet/powsm_ctc`, arXiv 2601.14046), run by ESPnet's modules."""

import functools
from collections.abc import Sequence

import torch
from torch import Tensor

from shared.audio.samples import Samples
from shared.ctc.posteriors import best_path
from shared.phonology.languages import ENGLISH
from shared.recognizers.base import Transcription
from shared.recognizers.powsm.network import PowsmNetwork
from shared.recognizers.powsm.recognizer import BATCH_SIZE

PREFIX_LENGTH = 2  # the language and the task


class PowsmCtcRecognizer(PowsmNetwork):
    """Transcribes recordings. The encoder attends to a previous text, of which there is none."""

    name = "powsm_ctc"

    def transcribe(self, audio: Samples, language: str = ENGLISH) -> Transcription:
        """Returns the phones of float32 [samples], and the posteriors of the last CTC layer.

        `language` is an ISO 639-3 code. A recording longer than the model's window is read in windows that overlap, as
        ESPnet does. Raises InvalidInputError for a language that the checkpoint has no symbol for.
        """
        framing = self.framing
        if framing.is_one_piece(audio):
            encoded = self.encode([audio], language)
            log_probs = self.log_probs(encoded[0], framing.num_frames(len(audio)))
        else:
            log_probs = self._log_probs_of_windows(audio, language)
        posteriors = self._posteriors(log_probs)
        return Transcription(best_path(posteriors), posteriors)

    def _log_probs_of_windows(self, audio: Samples, language: str) -> Tensor:
        """Returns the log-probabilities [frames, labels] of a long recording: of each window, what is not context."""
        framing = self.framing
        num_frames = framing.num_frames(len(audio))
        own_frames = framing.max_samples // framing.stride - 2 * framing.context
        windows = framing.overlap(audio)
        parts: list[Tensor] = []
        for first in range(0, len(windows), BATCH_SIZE):
            encoded = self.encode(windows[first : first + BATCH_SIZE], language)
            parts += [self.log_probs(window, framing.context + own_frames) for window in encoded]
        return torch.cat([part[framing.context :] for part in parts])[:num_frames]

    @torch.inference_mode()
    def encode(self, pieces: Sequence[Samples], language: str) -> Tensor:
        """Returns the encoder's output [pieces, prefix + frames, size] of pieces, each float32 [samples].

        The prefix is the language, an ISO 639-3 code, and the task. Raises InvalidInputError for a language that the
        checkpoint has no symbol for.
        """
        network, batch = self.network, len(pieces)
        prefix = torch.tensor([[self.tokens.language(language), self.tokens.ids["<pr>"]]], device=self._device)
        encoded = network.encoder(
            *self._features(pieces),
            ctc=network.ctc,
            prefix_embeds=network.embed_proj(network.embed(prefix)).expand(batch, -1, -1),
            memory=self._memory.expand(batch, -1, -1),
            memory_mask=torch.ones(batch, 1, self._memory.shape[1], dtype=torch.bool, device=self._device),
        )[0]
        # With intermediate CTC layers, those come with it.
        output: Tensor = encoded[0] if isinstance(encoded, tuple) else encoded
        return output

    def log_probs(self, encoded: Tensor, num_frames: int) -> Tensor:
        """Returns the log-probabilities [num_frames, labels] of a window encoded [prefix + frames, size]."""
        return self._ctc_head(encoded[PREFIX_LENGTH:], num_frames)

    @functools.cached_property
    @torch.inference_mode()
    def _memory(self) -> Tensor:
        """What the encoder attends to [1, 1, size]: the encoded previous text."""
        network = self.network
        no_text = torch.tensor([[network.na]], device=self._device)
        lengths = torch.tensor([1], device=self._device)
        memory, _, _ = network.prompt_encoder(network.pos_enc(network.embed(no_text)), lengths)
        projected: Tensor = network.prompt_proj(memory)
        return projected
