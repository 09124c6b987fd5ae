"""The phones of a text: as a recording pronounces it, or as the dictionary has it."""

import functools
import logging
from dataclasses import dataclass
from pathlib import Path

from alignment.pronunciations import closest_pronunciations, closest_readings, phones_by_word
from shared.audio import vad
from shared.audio.limits import OWN_SOURCES, AudioSources
from shared.audio.samples import SAMPLE_RATE, Samples
from shared.audio.vad import load_speech
from shared.errors import InvalidInputError, ModelUnavailableError, NoSpeechError
from shared.g2p.accents import ACCENTS
from shared.g2p.dictionary import Dictionary, DictionaryWord
from shared.g2p.lexicon import Pronunciation, read_words_table
from shared.phonology.ipa import with_boundaries
from shared.phonology.languages import ENGLISH, TextAccent
from shared.recognizers.base import AudioGuidedG2P
from shared.recognizers.loader import load_recognizer
from shared.serving import warm_up
from shared.serving.record import job_record
from shared.serving.settings import Settings

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Generation:
    """The phones of a text, `" "` between words, and the words whose pronunciation letter-to-sound rules made."""

    phones: list[str]
    guessed: list[str]


class Generator:
    """The pipeline with its models loaded."""

    def __init__(self, settings: Settings, sources: AudioSources = OWN_SOURCES) -> None:
        """Loads the dictionary, and the models that the settings name. Recordings are read from `sources`.

        Raises ModelUnavailableError.
        """
        self._recognizer = load_recognizer(settings)
        vad.load_model()
        american = Dictionary(load_overrides(settings.ipa_overrides))
        self._dictionary = functools.cache(lambda accent: american.in_accents(ACCENTS[accent]))
        log.info(f"recordings are transcribed by {self._recognizer.name}")
        self._limits, self._sources = settings.audio_limits, sources

    def generate(self, text: str, uri: str | None, language: str = ENGLISH, accent: TextAccent = "us") -> Generation:
        """Returns the phones of a text as the recording at a URI pronounces it or, without one, as the dictionary does.

        `language` is an ISO 639-3 code, `accent` that of the dictionary. `" "` stands between any two words of an
        English text; for another language, which needs a recording and an engine that knows it, there is no dictionary,
        and so no word boundary. Raises ServiceError.
        """
        record = job_record()
        record.recognizer = self._recognizer.name
        if uri is None and language != ENGLISH:
            raise InvalidInputError(f"without a recording the only language is `{ENGLISH}`; send a recording")
        places: list[list[list[DictionaryWord]]] = []
        if language == ENGLISH:
            with record.stage("dictionary"):
                places = self._dictionary(accent).readings(text)
        spoken = [word for readings in places for word in readings[0]]
        guessed = [word.text for word in spoken if word.is_guessed]
        if uri is None:
            return Generation(with_boundaries(word.pronunciations[0] for word in spoken), guessed)
        with record.stage("audio"):
            speech = load_speech(uri, self._limits, self._sources)
        record.audio_seconds = speech.recording_samples / SAMPLE_RATE
        with record.stage("g2p"):
            return Generation(self._pronounce_as(speech.samples, text, places, language), guessed)

    def _pronounce_as(
        self, audio: Samples, text: str, places: list[list[list[DictionaryWord]]], language: str
    ) -> list[str]:
        """Returns the phones of a text as float32 [samples] pronounce it, its words apart where they are given.

        `places` are [places][readings][words]: each place is read as is closest to the recording. An engine that reads
        the text writes its own phones, which are divided among the words. For any other engine each word gets the
        closest of its pronunciations. Raises InvalidInputError or NoSpeechError.
        """
        if isinstance(self._recognizer, AudioGuidedG2P):
            phones, by_word = self._recognizer.g2p(text, audio, language), phones_by_word
        elif language != ENGLISH:
            name = self._recognizer.name
            raise InvalidInputError(f"{name} reads no text, so the only language is `{ENGLISH}`; send an English text")
        else:
            phones, by_word = self._recognizer.transcribe(audio, language).phones, closest_pronunciations
        if not phones:
            raise NoSpeechError("the recording has no phone; send a clearer one, or the text alone")
        words = [word.pronunciations for word in closest_readings(places, phones)]
        return with_boundaries(by_word(words, phones)) if words else phones

    def warm_up(self) -> None:
        """Generates the IPA of a text with and without a recording, so that the first job finds everything loaded."""
        self.generate(warm_up.TEXT, warm_up.recording_uri())
        self.generate(warm_up.TEXT, None)


def load_overrides(path: str) -> dict[str, Pronunciation]:
    """Returns the pronunciations of the table that IPA_OVERRIDES names, none without one.

    Raises ModelUnavailableError for a table that can't be read.
    """
    try:
        return {word: forms[0] for word, forms in read_words_table(Path(path)).items()} if path else {}
    except (OSError, ValueError) as error:
        raise ModelUnavailableError(f"IPA_OVERRIDES: {error}") from error
