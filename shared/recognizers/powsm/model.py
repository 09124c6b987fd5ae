"""ESPnet's speech-to-text networks, built from a checkpoint's configuration without ESPnet's tasks.

`espnet2.tasks.s2t` and `s2t_ctc` (ESPnet 202511) import every encoder, decoder and phonemizer, and so NLTK, which can
download data. This module imports those that POWSM uses.
"""

import importlib
import logging
import pickle
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

import torch
from espnet2.asr.ctc import CTC
from espnet2.s2t.espnet_ctc_model import ESPnetS2TCTCModel
from espnet2.s2t.espnet_model import ESPnetS2TModel
from espnet2.train.abs_espnet_model import AbsESPnetModel
from torch import Tensor, nn

from shared.errors import ModelUnavailableError
from shared.recognizers.powsm.checkpoint import Checkpoint
from shared.recognizers.powsm.subsampling import Subsampling

log = logging.getLogger(__name__)

Device = Literal["auto", "cpu", "cuda"]

# The parts in the configurations of POWSM's recipes, as ESPnet's tasks resolve their names.
CLASSES = {
    ("frontend", "default"): "espnet2.asr.frontend.default.DefaultFrontend",
    ("normalize", "global_mvn"): "espnet2.layers.global_mvn.GlobalMVN",
    ("normalize", "utterance_mvn"): "espnet2.layers.utterance_mvn.UtteranceMVN",
    ("encoder", "e_branchformer"): "espnet2.asr.encoder.e_branchformer_encoder.EBranchformerEncoder",
    ("encoder", "e_branchformer_ctc"): "espnet2.asr.encoder.e_branchformer_ctc_encoder.EBranchformerCTCEncoder",
    ("decoder", "transformer"): "espnet2.asr.decoder.transformer_decoder.TransformerDecoder",
    ("promptencoder", "transformer"): "espnet2.asr.encoder.transformer_encoder.TransformerEncoder",
}
# ESPnet's module for `conv2d` has its projection under this name up to 202511, and under the next one after it.
PROJECTION, LATER_PROJECTION = "encoder.embed.out.0.", "encoder.embed.out."


def load_model(checkpoint: Checkpoint, device: Device) -> AbsESPnetModel:
    """Returns a checkpoint's network on a device, ready for inference. Raises ModelUnavailableError.

    `auto` is a GPU where there is one. The weights are read directly to the device: float32 on a CPU; on a GPU
    bfloat16, or float16 where it has no bfloat16, except for the features, which are computed in float32.
    """
    if device == "cuda" and not torch.cuda.is_available():
        raise ModelUnavailableError("POWSM_DEVICE=cuda needs a GPU, and PyTorch finds none; `auto` takes a CPU then")
    where = torch.device(("cuda" if torch.cuda.is_available() else "cpu") if device == "auto" else device)
    try:
        with without_initialisation():
            network = build_model(checkpoint.config)
        _load_weights(network, torch.load(checkpoint.weights, map_location=where, weights_only=True))
    except (KeyError, TypeError, ValueError, EOFError, pickle.UnpicklingError) as error:
        log.error(traceback.format_exc())
        raise ModelUnavailableError("the checkpoint is not a POWSM checkpoint, or is broken") from error
    except (RuntimeError, OSError) as error:  # of the checkpoint, of the GPU, or of a library: its own words say which
        log.error(traceback.format_exc())
        raise ModelUnavailableError(f"POWSM cannot be loaded: {str(error).splitlines()[0]}") from error
    network.float()
    if where.type == "cuda":
        dtype = torch.bfloat16 if torch.cuda.is_bf16_supported(including_emulation=False) else torch.float16
        for name, part in network.named_children():
            if name not in ("frontend", "normalize"):
                part.to(dtype)
    network.encoder.embed = Subsampling(network.encoder.embed)
    for module in network.modules():
        if hasattr(module, "use_sdpa"):
            module.use_sdpa = True
    return network.eval().requires_grad_(False)


def _load_weights(network: AbsESPnetModel, weights: dict[str, Tensor]) -> None:
    """Assigns weights in either layout of `conv2d`. Raises ModelUnavailableError, which names one that is missing."""
    if LATER_PROJECTION + "weight" in weights:
        for name in ("weight", "bias"):
            weights[PROJECTION + name] = weights.pop(LATER_PROJECTION + name)
    missing, unexpected = network.load_state_dict(weights, strict=False, assign=True)
    for names, is_wrong in ((missing, "lack"), (unexpected, "have, against their configuration,")):
        if names:
            raise ModelUnavailableError(f"the checkpoint's weights {is_wrong} {names[0]} (of {len(names)} so)")


def build_model(config: dict[str, Any]) -> AbsESPnetModel:
    """Returns ESPnet's network for a training configuration, its weights yet to be loaded.

    Raises ModelUnavailableError for an architecture that is not POWSM's.
    """
    vocabulary = config["token_list"]
    frontend = _build("frontend", config)
    encoder = _build("encoder", config, input_size=frontend.output_size())
    parts: dict[str, Any] = {
        "vocab_size": len(vocabulary),
        "token_list": vocabulary,
        "frontend": frontend,
        "specaug": None,
        "normalize": _build("normalize", config),
        "encoder": encoder,
        "ctc": CTC(odim=len(vocabulary), encoder_output_size=encoder.output_size(), **config["ctc_conf"]),
        **config["model_conf"],
    }
    if config["model"] == "espnet_ctc":
        size = config["promptencoder_conf"]["output_size"]
        prompt_encoder = _build("promptencoder", config, input_size=size, input_layer=None)
        return ESPnetS2TCTCModel(prompt_encoder=prompt_encoder, **parts)
    decoder = _build("decoder", config, vocab_size=len(vocabulary), encoder_output_size=encoder.output_size())
    return ESPnetS2TModel(preencoder=None, postencoder=None, decoder=decoder, **parts)


def _build(part: str, config: dict[str, Any], **options: Any) -> Any:
    name = config[part]
    if (part, name) not in CLASSES:
        raise ModelUnavailableError(f"the checkpoint has the {part} {name!r}, which POWSM does not have")
    module, _, class_name = CLASSES[part, name].rpartition(".")
    return getattr(importlib.import_module(module), class_name)(**options, **config[f"{part}_conf"])


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
