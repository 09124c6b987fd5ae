"""A recording and a target in, scored errors with their places in the recording out."""

import math
from dataclasses import dataclass, field, replace

from runpod import RunPodLogger

from alignment import ctc
from alignment.edit_distance import EditOperation, edit_cost, edit_operations
from alignment.mfa import MfaAligner
from alignment.notation import respell
from alignment.timing import PhoneInterval, PronunciationError, Timestamp, map_errors_to_timestamps
from shared import warm_up
from shared.audio import AudioLimits, load_audio
from shared.errors import AlignmentFailedError, NoSpeechError
from shared.phones import fold, read_phones
from shared.recognizer import ENGLISH, SAMPLE_RATE, Posteriors, Samples, load_recognizer
from shared.record import job_record
from shared.settings import Settings

CTC = "ctc"
SCORE_STEPS = 10_000

log = RunPodLogger()


@dataclass(frozen=True)
class HeardPhone:
    """A phone heard, its samples, and the recogniser's confidence in it, in [0, 1]."""

    phone: str
    timestamp: Timestamp
    confidence: float


@dataclass(frozen=True)
class Engine:
    """What heard the phones, and what placed them in time."""

    recognizer: str
    aligner: str


@dataclass(frozen=True)
class Assessment:
    """What was heard, what differs from the target and where, and how good it was overall, in [0, 1]."""

    actual_ipa: str
    score: float
    errors: list[PronunciationError]
    phones: list[HeardPhone]
    engine: Engine
    timings: dict[str, float] = field(compare=False)  # seconds a stage


class Assessor:
    """The pipeline with its models loaded."""

    def __init__(self, settings: Settings) -> None:
        """Loads the models that the settings name. Raises ModelUnavailableError."""
        self._recognizer = load_recognizer(settings)
        self._mfa = MfaAligner(settings.mfa_acoustic_model, settings.mfa_runtime) if settings.aligner == "mfa" else None
        log.info(f"phones are heard by {self._recognizer.name}, placed by {self._mfa.name if self._mfa else CTC}")
        self._limits = AudioLimits(
            settings.max_audio_bytes, settings.max_audio_seconds, settings.download_timeout_seconds
        )

    def assess(self, uri: str, target_ipa: str, language: str = ENGLISH) -> Assessment:
        """Returns the assessment of the recording at a URI against the target.

        `language` is an ISO 639-3 code. Raises ServiceError.
        """
        record = job_record()
        record.recognizer = self._recognizer.name
        target = read_phones(target_ipa)
        with record.stage("audio"):
            audio = load_audio(uri, self._limits)
        record.audio_seconds = len(audio) / SAMPLE_RATE
        with record.stage("recognition"):
            heard = self._recognizer.transcribe(audio, language)
        if not heard.phones:
            raise NoSpeechError("no phone was heard in the recording; record again, nearer to the microphone")
        actual = respell(heard.phones, target)
        with record.stage("alignment"):
            intervals, aligner = self._align(audio, actual, heard.posteriors)
            confidences = ctc.confidences(heard.posteriors, actual)
        record.aligner = aligner
        with record.stage("comparison"):
            operations = edit_operations([fold(phone) for phone in actual], [fold(phone) for phone in target])
            errors = map_errors_to_timestamps(_as_written(operations, actual, target), intervals, len(audio))
        return Assessment(
            actual_ipa="".join(heard.phones),
            score=score(operations, len(target)),
            errors=errors,
            phones=[
                HeardPhone(i.phoneme, Timestamp(i.start_sample, i.end_sample), confidence)
                for i, confidence in zip(intervals, confidences, strict=True)
            ],
            engine=Engine(self._recognizer.name, aligner),
            timings=record.stages,
        )

    def warm_up(self) -> None:
        """Assesses a recording, so that the first job finds everything loaded. Raises ServiceError."""
        self.assess(warm_up.recording_uri(), warm_up.IPA)

    def _align(self, audio: Samples, phones: list[str], posteriors: Posteriors) -> tuple[list[PhoneInterval], str]:
        """Returns the intervals of the phones, and what placed them: the acoustic model, else the posteriors."""
        if self._mfa:
            try:
                return self._mfa.align_phonemes(audio, phones), self._mfa.name
            except AlignmentFailedError as error:
                log.warn(f"aligning by the posteriors instead: {error}")
        return ctc.align_phonemes(posteriors, phones, len(audio)), CTC


def score(operations: list[EditOperation], target_length: int) -> float:
    """Returns 1 less the edit cost per target phone, at least 0, rounded down: 1 exactly when nothing differs.

    A phone left out or put in costs 1, a substituted one its articulatory distance from the target, so an accent
    costs less than a wrong word.
    """
    exact = max(0.0, 1.0 - edit_cost(operations) / target_length)
    return math.floor(exact * SCORE_STEPS) / SCORE_STEPS


def _as_written(operations: list[EditOperation], actual: list[str], target: list[str]) -> list[EditOperation]:
    """Returns operations on folded phones with the phones as they were heard and as the target writes them."""
    return [
        replace(
            operation,
            expected=operation.expected and target[operation.position],
            actual=operation.actual and actual[operation.actual_index],
        )
        for operation in operations
    ]
