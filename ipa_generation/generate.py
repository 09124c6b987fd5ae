"""A text in, with or without a recording of it, its phones out."""

from runpod import RunPodLogger

from shared.audio import SAMPLE_RATE, AudioLimits
from shared.recognizers.base import ENGLISH
from shared.recognizers.loader import load_recognizer
from shared.serving import warm_up
from shared.serving.job import job_record
from shared.serving.settings import Settings
from shared.vad import load_speech

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
        record = job_record()
        record.recognizer = self._recognizer.name
        audio = None
        if uri is not None:
            with record.stage("audio"):
                audio = load_speech(uri, self._limits)
            record.audio_seconds = len(audio) / SAMPLE_RATE
        with record.stage("g2p"):
            return self._recognizer.g2p(text, audio, language)

    def warm_up(self) -> None:
        """Says a text with and without a recording, so that the first job finds everything loaded."""
        self.generate(warm_up.TEXT, warm_up.recording_uri())
        self.generate(warm_up.TEXT, None)
