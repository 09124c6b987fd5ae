"""A loaded `espnet/powsm_ctc`, and its two steps: encoding after a prompt, posteriors of the last CTC layer."""

from collections.abc import Sequence

import torch
from torch import Tensor

from shared.audio.samples import Samples
from shared.recognizers.powsm.checkpoint import Checkpoint
from shared.recognizers.powsm.model import Device
from shared.recognizers.powsm.network import PowsmNetwork

PREFIX_LENGTH = 2  # the language and the task


class PowsmCtcModel(PowsmNetwork):
    """A network whose encoder attends to a previous text, of which there is none."""

    def __init__(self, checkpoint: Checkpoint, device: Device = "auto", window_seconds: float | None = None) -> None:
        """Loads a checkpoint without a decoder. Raises ModelUnavailableError."""
        super().__init__(checkpoint, device, window_seconds)
        self._memory = self._encode_prompt()

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

    @torch.inference_mode()
    def _encode_prompt(self) -> Tensor:
        """Returns what the encoder attends to [1, 1, size]: the encoded previous text."""
        network = self.network
        no_text = torch.tensor([[network.na]], device=self._device)
        lengths = torch.tensor([1], device=self._device)
        memory, _, _ = network.prompt_encoder(network.pos_enc(network.embed(no_text)), lengths)
        projected: Tensor = network.prompt_proj(memory)
        return projected
