"""ESPnet's speech-to-text model, built from a checkpoint's configuration without ESPnet's tasks.

`espnet2.tasks.s2t` (ESPnet 202511) imports every encoder, decoder and phonemizer, and so NLTK, which can download data.
This module imports those that POWSM uses.
"""

import importlib
import pickle
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from espnet2.asr.ctc import CTC
from espnet2.s2t.espnet_model import ESPnetS2TModel
from runpod import RunPodLogger
from torch import Tensor, nn

from shared.errors import ModelUnavailableError
from shared.recognizers.powsm.checkpoint import Checkpoint

log = RunPodLogger()

# The parts in the configurations of POWSM's recipe, as `espnet2.tasks.s2t` resolves their names.
CLASSES = {
    ("frontend", "default"): "espnet2.asr.frontend.default.DefaultFrontend",
    ("normalize", "global_mvn"): "espnet2.layers.global_mvn.GlobalMVN",
    ("normalize", "utterance_mvn"): "espnet2.layers.utterance_mvn.UtteranceMVN",
    ("encoder", "e_branchformer"): "espnet2.asr.encoder.e_branchformer_encoder.EBranchformerEncoder",
    ("decoder", "transformer"): "espnet2.asr.decoder.transformer_decoder.TransformerDecoder",
}

# Two 3 x 3 convolutions with stride 2: output frame j depends on the input frames from 4 j to 4 j + 6.
SUBSAMPLING = 4
RECEPTIVE_FIELD = 7


def load_model(checkpoint: Checkpoint, device: torch.device) -> ESPnetS2TModel:
    """Returns a checkpoint's model on a device, ready for inference. Raises ModelUnavailableError.

    The weights are read directly to the device: float32 on a CPU; on a GPU bfloat16, or float16 where it has no
    bfloat16, except for the features, which are computed in float32.
    """
    try:
        with without_initialisation():
            model = build_model(checkpoint.config)
        weights = torch.load(checkpoint.weights, map_location=device, weights_only=True)
        model.load_state_dict(weights, assign=True)
    except (KeyError, TypeError, ValueError, RuntimeError, OSError, EOFError, pickle.UnpicklingError) as error:
        log.error(traceback.format_exc())
        raise ModelUnavailableError("the checkpoint is not a POWSM checkpoint, or is broken") from error
    model.float()
    if device.type == "cuda":
        dtype = torch.bfloat16 if torch.cuda.is_bf16_supported(including_emulation=False) else torch.float16
        for part in (model.encoder, model.decoder, model.ctc):
            part.to(dtype)
    model.encoder.embed.conv = ConstantTail(model.encoder.embed.conv)
    for module in model.encoder.modules():
        if hasattr(module, "use_sdpa"):
            module.use_sdpa = True
    return model.eval().requires_grad_(False)


def build_model(config: dict[str, Any]) -> ESPnetS2TModel:
    """Returns ESPnet's model for a training configuration, its weights yet to be loaded.

    Raises ModelUnavailableError for an architecture that is not POWSM's.
    """
    vocabulary = config["token_list"]
    frontend = _build("frontend", config)
    encoder = _build("encoder", config, input_size=frontend.output_size())
    decoder = _build("decoder", config, vocab_size=len(vocabulary), encoder_output_size=encoder.output_size())
    return ESPnetS2TModel(
        vocab_size=len(vocabulary),
        token_list=vocabulary,
        frontend=frontend,
        specaug=None,
        normalize=_build("normalize", config),
        preencoder=None,
        encoder=encoder,
        postencoder=None,
        decoder=decoder,
        ctc=CTC(odim=len(vocabulary), encoder_output_size=encoder.output_size(), **config["ctc_conf"]),
        **config["model_conf"],
    )


def _build(part: str, config: dict[str, Any], **sizes: int) -> Any:
    name = config[part]
    if (part, name) not in CLASSES:
        raise ModelUnavailableError(f"the checkpoint has the {part} {name!r}, which POWSM does not have")
    module, _, class_name = CLASSES[part, name].rpartition(".")
    return getattr(importlib.import_module(module), class_name)(**sizes, **config[f"{part}_conf"])


@contextmanager
def without_initialisation() -> Iterator[None]:
    """Builds modules without random weights, which those of the checkpoint would replace."""
    originals = {module: module.reset_parameters for module in (nn.Linear, nn.Conv1d, nn.Conv2d, nn.Embedding)}
    try:
        for module in originals:
            module.reset_parameters = lambda _: None  # type: ignore[method-assign]
        yield
    finally:
        for module, original in originals.items():
            module.reset_parameters = original  # type: ignore[method-assign]


class ConstantTail(nn.Module):
    """ESPnet's subsampling convolutions, run once for all equal frames at the end of a padded recording.

    The result is the same: after the recording, every output frame depends on equal input.
    """

    def __init__(self, convolutions: nn.Module) -> None:
        super().__init__()
        self.convolutions = convolutions

    def forward(self, features: Tensor) -> Tensor:
        """Returns [batch, channels, frames / 4, mels / 4] for features [batch, 1, frames, mels]."""
        differ = (features != features[:, :, -1:]).any(dim=3).any(dim=1).any(dim=0).nonzero()
        first_constant = int(differ[-1]) + 1 if len(differ) else 0
        last_needed = -(-first_constant // SUBSAMPLING)
        output = self.convolutions(features[:, :, : SUBSAMPLING * last_needed + RECEPTIVE_FIELD])
        missing = (features.shape[2] - RECEPTIVE_FIELD) // SUBSAMPLING + 1 - output.shape[2]
        return torch.cat([output, output[:, :, -1:].expand(-1, -1, missing, -1)], dim=2)
