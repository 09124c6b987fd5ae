"""The features that POWSM's encoders take."""

from collections.abc import Sequence

import torch
from espnet2.train.abs_espnet_model import AbsESPnetModel
from torch import Tensor

from shared.audio.samples import Samples
from shared.recognizers.powsm.framing import Framing


class FeatureExtractor:
    """ESPnet's frontend and normalization, over recordings padded to a window."""

    def __init__(self, network: AbsESPnetModel, framing: Framing) -> None:
        self._frontend, self._normalize = network.frontend, network.normalize
        self._framing = framing
        weight = network.ctc.ctc_lo.weight
        self._device, self._dtype = weight.device, weight.dtype

    def __call__(self, pieces: Sequence[Samples]) -> tuple[Tensor, Tensor]:
        """Returns the features [pieces, frames, mels] of pieces, each float32 [samples], and their frames [pieces]."""
        speech = torch.from_numpy(self._framing.pad(pieces)).to(self._device)
        lengths = torch.full((len(pieces),), speech.shape[1], device=self._device)
        features, lengths = self._normalize(*self._frontend(speech, lengths))
        return features.to(self._dtype), lengths
