"""The choice of an engine by the settings."""

from shared.errors import ModelUnavailableError
from shared.recognizers.base import Recognizer
from shared.serving.settings import Settings


def load_recognizer(settings: Settings) -> Recognizer:
    """Returns the engine that the settings name, loaded. Raises ModelUnavailableError."""
    # An engine's module imports its libraries, of which only the chosen engine's may be installed.
    if settings.recognizer == "powsm":
        try:
            from shared.recognizers.powsm.inference import PowsmModel
            from shared.recognizers.powsm.recognizer import PowsmRecognizer
        except ImportError as error:
            raise ModelUnavailableError(f"RECOGNIZER=powsm needs the extra `powsm` installed ({error})") from error
        return PowsmRecognizer(PowsmModel(settings.powsm_model, settings.powsm_device), settings.powsm_decoding)
    from shared.recognizers.embedded.recognizer import EmbeddedRecognizer

    return EmbeddedRecognizer()
