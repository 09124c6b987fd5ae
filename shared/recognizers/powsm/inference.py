"""A loaded `espnet/powsm`, and its three steps: encoding, posteriors of the CTC head, decoding."""

from collections.abc import Sequence

import sentencepiece
import torch
from torch import Tensor

from shared.audio.samples import Samples
from shared.recognizers.powsm.checkpoint import Checkpoint
from shared.recognizers.powsm.decoding import GreedyDecoder
from shared.recognizers.powsm.model import Device
from shared.recognizers.powsm.network import PowsmNetwork
from shared.recognizers.powsm.prompts import PromptWriter


class PowsmModel(PowsmNetwork):
    """A network with the prompts of its checkpoint and its decoder."""

    def __init__(self, checkpoint: Checkpoint, device: Device = "auto", window_seconds: float | None = None) -> None:
        """Loads a checkpoint with a decoder. Raises ModelUnavailableError."""
        super().__init__(checkpoint, device, window_seconds)
        conf = checkpoint.config["preprocessor_conf"]
        bpe = sentencepiece.SentencePieceProcessor(model_file=str(checkpoint.bpe_model))
        self.prompts = PromptWriter(self.tokens, bpe, conf, sos=self.network.sos, sop=self.network.sop)
        self._decoder = GreedyDecoder(self.network.decoder, self.network.eos, suppress_tokens=self.prompts.time_tokens)

    @torch.inference_mode()
    def encode(self, pieces: Sequence[Samples]) -> Tensor:
        """Returns the encoder's output [pieces, frames, size] of pieces, each float32 [samples]."""
        encoded: Tensor = self.network.encoder(*self._features(pieces))[0]
        return encoded

    def log_probs(self, encoded: Tensor, num_samples: int) -> Tensor:
        """Returns the log-probabilities [frames, labels] of a piece of so many samples, encoded [frames, size]."""
        return self._ctc_head(encoded, self.framing.num_frames(num_samples))

    def decode(self, encoded: Tensor, prompt: Sequence[int], max_tokens: int) -> list[list[int]]:
        """Returns the tokens that the decoder writes after a prompt, for each of `encoded` [pieces, frames, size]."""
        return self._decoder(encoded, prompt, max_tokens)
