"""The CTC head of POWSM's encoders."""

import torch
from espnet2.asr.ctc import CTC
from torch import Tensor
from torch.nn.functional import pad

from shared.recognizers.powsm.tokens import TokenInventory

MIN_PROBABILITY = torch.finfo(torch.float32).tiny  # in place of 0, so that its logarithm is finite


class CtcHead:
    """Gives the probability of each phone in each frame: those of its tokens together."""

    def __init__(self, ctc: CTC, tokens: TokenInventory) -> None:
        self._ctc = ctc
        self._num_labels = len(tokens.labels)
        self._columns = torch.tensor(tokens.columns, device=ctc.ctc_lo.weight.device)

    @torch.inference_mode()
    def __call__(self, encoded: Tensor, num_frames: int) -> Tensor:
        """Returns the log-probabilities [num_frames, labels] of encoded frames [frames, size], the first of them.

        The encoder's convolutions have no output for the last frame of a window: there it is certain of no phone.
        """
        log_probs = self._ctc.log_softmax(encoded[None, :num_frames])[0].float()
        probs = log_probs.new_zeros(len(log_probs), self._num_labels)
        probs.index_add_(1, self._columns, log_probs.exp())
        probs = pad(probs, (0, 0, 0, num_frames - len(probs)))
        probs[len(log_probs) :, 0] = 1
        return probs.clamp(min=MIN_PROBABILITY).log()
