"""What both kinds of POWSM have: features of padded recordings, and the probabilities of a CTC head."""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn.functional import pad

from shared.audio.samples import Samples
from shared.ctc.posteriors import Posteriors
from shared.recognizers.powsm.checkpoint import Checkpoint
from shared.recognizers.powsm.framing import Framing
from shared.recognizers.powsm.model import Device, load_model
from shared.recognizers.powsm.tokens import TokenInventory

MIN_PROBABILITY = torch.finfo(torch.float32).tiny  # in place of 0, so that its logarithm is finite


class PowsmNetwork:
    """ESPnet's network with the tokens and the framing of its checkpoint."""

    def __init__(self, checkpoint: Checkpoint, device: Device = "auto", window_seconds: float | None = None) -> None:
        """Loads a checkpoint. Raises ModelUnavailableError."""
        self.network = load_model(checkpoint, device)
        self.framing = Framing.from_config(checkpoint.config, window_seconds)
        self.tokens = TokenInventory(self.network.token_list)
        weight = self.network.ctc.ctc_lo.weight
        self._device, self._dtype = weight.device, weight.dtype
        self._columns = torch.tensor(self.tokens.columns, device=weight.device)

    def _features(self, pieces: Sequence[Samples]) -> tuple[Tensor, Tensor]:
        """Returns the features [pieces, frames, mels] of pieces, each float32 [samples], and their frames [pieces]."""
        speech = torch.from_numpy(self.framing.pad(pieces)).to(self._device)
        lengths = torch.full((len(pieces),), speech.shape[1], device=self._device)
        features, lengths = self.network.normalize(*self.network.frontend(speech, lengths))
        return features.to(self._dtype), lengths

    @torch.inference_mode()
    def _ctc_head(self, encoded: Tensor, num_frames: int) -> Tensor:
        """Returns the log-probabilities [num_frames, labels] of encoded frames [frames, size], the first of them.

        A phone's probability is that of its tokens together. The encoder's convolutions have no output for the last
        frame of a window: there it is certain of no phone.
        """
        log_probs = self.network.ctc.log_softmax(encoded[None, :num_frames])[0].float()
        probs = log_probs.new_zeros(len(log_probs), len(self.tokens.labels))
        probs.index_add_(1, self._columns, log_probs.exp())
        probs = pad(probs, (0, 0, 0, num_frames - len(probs)))
        probs[len(log_probs) :, 0] = 1
        return probs.clamp(min=MIN_PROBABILITY).log()

    def _posteriors(self, log_probs: Tensor) -> Posteriors:
        """Returns log-probabilities [frames, labels] as every engine has them."""
        return Posteriors(log_probs.cpu().numpy(), self.tokens.labels, self.framing.stride)
