"""The subsampling at the start of POWSM's encoders."""

import torch
from espnet.nets.pytorch_backend.transformer.subsampling import Conv2dSubsampling
from torch import Tensor

from shared.recognizers.powsm.compatibility import SUBSAMPLING

# Two 3 x 3 convolutions with stride 2 make a frame of four: output frame j depends on input frames 4 j to 4 j + 6.
RECEPTIVE_FIELD = 7


class Subsampling(Conv2dSubsampling):  # type: ignore[misc]  # ESPnet has no types
    """ESPnet's convolutions and projection, run once for all equal frames at the end of a padded recording.

    The result is the same: after the recording, every output frame depends on equal input. What follows adds a
    position to each frame, so nothing else of the padding can be computed once.

    Takes the prefix of `espnet/powsm_ctc` besides. ESPnet 202511 has the encoder that passes one, but not the
    `conv2d` that takes it: https://github.com/espnet/espnet/pull/6341.
    """

    def __init__(self, espnets: Conv2dSubsampling) -> None:
        """Takes ESPnet's module, whose weights this one shares."""
        torch.nn.Module.__init__(self)
        self.conv, self.out = espnets.conv, espnets.out

    def forward(
        self, features: Tensor, mask: Tensor | None, prefix_embeds: Tensor | None = None
    ) -> tuple[Tensor, Tensor | None]:
        """Returns [batch, prefix + frames / 4, size] of features [batch, frames, mels], and its mask [batch, 1, time].

        `mask` [batch, 1, frames] is true where the features are. `prefix_embeds` are [batch, prefix, size].
        """
        projection, position = self.out
        differ = (features != features[:, -1:]).any(dim=2).any(dim=0).nonzero()
        first_constant = int(differ[-1]) + 1 if len(differ) else 0
        last_needed = -(-first_constant // SUBSAMPLING)
        convolved = self.conv(features[:, None, : SUBSAMPLING * last_needed + RECEPTIVE_FIELD])
        projected = projection(convolved.transpose(1, 2).flatten(2))
        missing = (features.shape[1] - RECEPTIVE_FIELD) // SUBSAMPLING + 1 - projected.shape[1]
        prefix = [] if prefix_embeds is None else [prefix_embeds]
        embedded = position(torch.cat([*prefix, projected, projected[:, -1:].expand(-1, missing, -1)], dim=1))
        if mask is None:
            return embedded, None
        mask = mask[:, :, :-2:2][:, :, :-2:2]
        before = mask.new_ones(len(mask), 1, embedded.shape[1] - mask.shape[2])
        return embedded, torch.cat([before, mask], dim=2)
