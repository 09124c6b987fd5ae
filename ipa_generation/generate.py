"""A text in, with or without a recording of it, its phones out."""

from runpod import RunPodLogger

from shared.audio import AudioLimits
from shared.recognizer import ENGLISH, load_recognizer
from shared.settings import Settings
from shared.speech import load_speech

log = RunPodLogger()


class Generator:
    """The pipeline with its models loaded."""

    def __init__(self, settings: Settings) -> None:
        """Loads the models that the settings name. Raises ModelUnavailableError."""
        self._recognizer = load_recognizer(settings)
        log.info(f"words are said by {self._recognizer.name}")
        self._limits = AudioLimits(
            settings.max_audio_bytes, settings.max_audio_seconds, settings.download_timeout_seconds
        )

    def generate(self, text: str, uri: str | None, language: str = ENGLISH) -> list[str]:
        """Returns the phones of a text as the recording at a URI says it, or as the dictionary does without one.

        Word boundaries are `" "`, `language` is an ISO 639-3 code. Raises ServiceError.
        """
        audio = load_speech(uri, self._limits) if uri is not None else None
        return self._recognizer.g2p(text, audio, language)
