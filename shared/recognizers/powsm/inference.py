"""A loaded POWSM checkpoint, and its three steps: encoding, posteriors of the CTC head, decoding."""

from collections.abc import Sequence
from typing import Literal

import sentencepiece
import torch
from torch import Tensor
from torch.nn.functional import pad

from shared.audio import Samples
from shared.recognizers.powsm.checkpoint import find_checkpoint
from shared.recognizers.powsm.decoding import GreedyDecoder
from shared.recognizers.powsm.framing import Framing
from shared.recognizers.powsm.model import load_model
from shared.recognizers.powsm.tokens import TokenInventory

MIN_PROBABILITY = torch.finfo(torch.float32).tiny  # in place of 0, so that its logarithm is finite


class PowsmModel:
    """ESPnet's network with the tokens and the framing of its checkpoint."""

    def __init__(self, checkpoint: str, device: Literal["auto", "cpu", "cuda"] = "auto") -> None:
        """Loads the checkpoint in a folder or of a Hugging Face id. Raises ModelUnavailableError."""
        found = find_checkpoint(checkpoint)
        conf = found.config["preprocessor_conf"]
        has_cuda = torch.cuda.is_available()
        self._device = torch.device(("cuda" if has_cuda else "cpu") if device == "auto" else device)
        self.network = load_model(found, self._device)
        self.framing = Framing.read(conf)
        bpe = sentencepiece.SentencePieceProcessor(model_file=str(found.bpe_model))
        self.tokens = TokenInventory(self.network.token_list, bpe, conf, sos=self.network.sos, sop=self.network.sop)
        self._columns = torch.tensor(self.tokens.columns, device=self._device)
        self._decoder = GreedyDecoder(self.network.decoder, self.network.eos, suppress_tokens=self.tokens.time_tokens)

    @torch.inference_mode()
    def encode(self, pieces: Sequence[Samples]) -> Tensor:
        """Returns the encoder's output [pieces, frames, size] of pieces, each float32 [samples]."""
        speech = torch.from_numpy(self.framing.pad(pieces)).to(self._device)
        lengths = torch.full((len(pieces),), speech.shape[1], device=self._device)
        features, lengths = self.network.frontend(speech, lengths)
        features, lengths = self.network.normalize(features, lengths)
        dtype = self.network.ctc.ctc_lo.weight.dtype
        encoded: Tensor = self.network.encoder(features.to(dtype), lengths)[0]
        return encoded

    @torch.inference_mode()
    def log_probs(self, encoded: Tensor, num_samples: int) -> Tensor:
        """Returns the log-probabilities [frames, labels] of a piece of so many samples, encoded [frames, size].

        The encoder's convolutions have no output for the last frame of 20 s: there it is certain of no phone.
        """
        num_frames = self.framing.num_frames(num_samples)
        log_probs = self.network.ctc.log_softmax(encoded[None, :num_frames])[0].float()
        probs = log_probs.new_zeros(len(log_probs), len(self.tokens.labels))
        probs.index_add_(1, self._columns, log_probs.exp())
        probs = pad(probs, (0, 0, 0, num_frames - len(probs)))
        probs[len(log_probs) :, 0] = 1
        return probs.clamp(min=MIN_PROBABILITY).log()

    def decode(self, encoded: Tensor, prompt: Sequence[int], max_tokens: int) -> list[list[int]]:
        """Returns the tokens that the decoder writes after a prompt, for each of `encoded` [pieces, frames, size]."""
        return self._decoder(encoded, prompt, max_tokens)
