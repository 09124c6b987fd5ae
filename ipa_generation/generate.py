"""The phones of a text: as a recording pronounces it, or as the dictionary has it."""

from runpod import RunPodLogger

from alignment.pronunciations import closest_pronunciations, phones_by_word
from shared.audio import SAMPLE_RATE, AudioLimits, Samples
from shared.errors import InvalidInputError, NoSpeechError
from shared.phonology.dictionary import Dictionary, Pronunciation
from shared.phonology.ipa import with_boundaries
from shared.recognizers.base import ENGLISH, AudioGuidedG2P
from shared.recognizers.loader import load_recognizer
from shared.serving import warm_up
from shared.serving.job import job_record
from shared.serving.settings import Settings
from shared.vad import load_speech

log = RunPodLogger()


class Generator:
    """The pipeline with its models loaded."""

    def __init__(self, settings: Settings) -> None:
        """Loads the dictionary, and the models that the settings name. Raises ModelUnavailableError."""
        self._recognizer = load_recognizer(settings)
        self._dictionary = Dictionary()
        log.info(f"recordings are transcribed by {self._recognizer.name}")
        self._limits = AudioLimits(
            settings.max_audio_bytes, settings.max_audio_seconds, settings.download_timeout_seconds
        )

    def generate(self, text: str, uri: str | None, language: str = ENGLISH) -> list[str]:
        """Returns the phones of a text as the recording at a URI pronounces it or, without one, as the dictionary does.

        `language` is an ISO 639-3 code. `" "` stands between any two words of an English text; for another language,
        which needs a recording and an engine that knows it, there is no dictionary, and so no word boundary.
        Raises ServiceError.
        """
        record = job_record()
        record.recognizer = self._recognizer.name
        if uri is None and language != ENGLISH:
            raise InvalidInputError(f"without a recording the only language is `{ENGLISH}`; send a recording")
        words = []
        if language == ENGLISH:
            with record.stage("dictionary"):
                words = self._dictionary.pronounce(text)
        if uri is None:
            return with_boundaries(pronunciations[0] for pronunciations in words)
        with record.stage("audio"):
            speech = load_speech(uri, self._limits)
        record.audio_seconds = speech.recording_samples / SAMPLE_RATE
        with record.stage("g2p"):
            return self._pronounce_as(speech.samples, text, words, language)

    def _pronounce_as(self, audio: Samples, text: str, words: list[list[Pronunciation]], language: str) -> list[str]:
        """Returns the phones of a text as float32 [samples] pronounce it, its words apart where they are given.

        An engine that reads the text writes its own phones, which are divided among the words. For any other engine
        each word gets the closest of its pronunciations. Raises InvalidInputError or NoSpeechError.
        """
        if isinstance(self._recognizer, AudioGuidedG2P):
            phones, by_word = self._recognizer.g2p(text, audio, language), phones_by_word
        else:
            phones, by_word = self._recognizer.transcribe(audio, language).phones, closest_pronunciations
        if not phones:
            raise NoSpeechError("the recording has no phone; send a clearer one, or the text alone")
        return with_boundaries(by_word(words, phones)) if words else phones

    def warm_up(self) -> None:
        """Generates the IPA of a text with and without a recording, so that the first job finds everything loaded."""
        self.generate(warm_up.TEXT, warm_up.recording_uri())
        self.generate(warm_up.TEXT, None)
