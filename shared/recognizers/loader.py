"""The choice of an engine by the settings."""

import contextlib
import io

from shared.errors import ModelUnavailableError
from shared.recognizers.base import Recognizer
from shared.serving.settings import Settings


def load_recognizer(settings: Settings) -> Recognizer:
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
