"""The choice of an engine by the settings."""

import contextlib
import io
from typing import Literal

from pydantic import BaseModel, Field

from shared.errors import ModelUnavailableError
from shared.recognizers.base import Recognizer


class RecognizerSettings(BaseModel):
    """Which engine transcribes, and how: fields of the worker's settings."""

    recognizer: Literal["moonshine", "powsm"] = Field(
        default="moonshine",
        description="The engine that transcribes phones: `powsm` for production, `moonshine` with no download, English "
        "only. The images for GPUs set `powsm`.",
    )
    powsm_model: str = Field(
        default="espnet/powsm",
        description="POWSM's checkpoint: a folder, or a Hugging Face id with an optional `@revision`. An id is looked "
        "up in RunPod's model cache, then in Hugging Face's, then downloaded. Or what ESPnet packed: a file, a URL, a "
        "name in the table of its model zoo. `espnet/powsm_ctc` has no decoder: of a text with a recording it chooses "
        "among the dictionary's pronunciations.",
    )
    powsm_device: Literal["auto", "cpu", "cuda"] = Field(
        default="auto", description="Where POWSM runs; `auto` is `cuda` where there is a GPU, else `cpu`."
    )
    powsm_decoding: Literal["ctc", "attention"] = Field(
        default="ctc",
        description="How POWSM transcribes: `ctc` reads the frames by the encoder's CTC head; `attention`, for "
        "comparison only, writes with the decoder, which corrects learners and takes twice the time. A text with a "
        "recording always takes the decoder.",
    )
    powsm_window_seconds: float | None = Field(
        default=None,
        gt=1,
        description="Seconds that POWSM pads a recording to, by default the 20 of its training. Fewer are faster; what "
        "they cost in accuracy is not known: measure it with `make calibrate`.",
    )


def load_recognizer(settings: RecognizerSettings) -> Recognizer:
    """Returns the engine that the settings name, loaded. Raises ModelUnavailableError."""
    # An engine's module imports its libraries, of which only the chosen engine's may be installed.
    if settings.recognizer == "powsm":
        try:
            # ESPnet 202511 prints that it lacks the package for Flash Attention; PyTorch has its own.
            with contextlib.redirect_stdout(io.StringIO()):
                from shared.recognizers.powsm.loader import load_powsm
        except ImportError as error:
            raise ModelUnavailableError(f"RECOGNIZER=powsm needs the extra `powsm` installed ({error})") from error
        return load_powsm(
            settings.powsm_model, settings.powsm_device, settings.powsm_decoding, settings.powsm_window_seconds
        )
    from shared.recognizers.embedded.recognizer import EmbeddedRecognizer

    return EmbeddedRecognizer()
