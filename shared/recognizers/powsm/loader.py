"""The recognizer of a POWSM checkpoint, by the kind that its configuration says."""

from typing import Literal

from shared.errors import ModelUnavailableError
from shared.recognizers.base import Recognizer
from shared.recognizers.powsm.checkpoint import find_checkpoint
from shared.recognizers.powsm.ctc_recognizer import PowsmCtcRecognizer
from shared.recognizers.powsm.model import Device
from shared.recognizers.powsm.recognizer import PowsmRecognizer


def load_powsm(
    model: str,
    device: Device = "auto",
    decoding: Literal["ctc", "attention"] = "ctc",
    window_seconds: float | None = None,
) -> Recognizer:
    """Returns the recognizer of the checkpoint that `model` names: see `find_checkpoint`.

    `window_seconds` is the length that recordings are padded to, by default that of the training. Raises
    ModelUnavailableError.
    """
    checkpoint = find_checkpoint(model)
    if checkpoint.has_decoder:
        return PowsmRecognizer(checkpoint, device, decoding, window_seconds)
    if decoding == "attention":
        raise ModelUnavailableError(f"POWSM_DECODING=attention needs a decoder, which POWSM_MODEL={model} has not")
    return PowsmCtcRecognizer(checkpoint, device, window_seconds)
