"""A recording and a target in, scored errors with their places in the recording out."""

import itertools
from dataclasses import dataclass, field, replace

from runpod import RunPodLogger

from alignment import ctc
from alignment.connected_speech import without_connected_speech
from alignment.edit_distance import EditOperation, edit_operations
from alignment.gop import gop
from alignment.mfa import MfaAligner
from alignment.phone_set import match_target_notation
from alignment.timing import PhoneInterval, Timestamp, map_errors_to_timestamps
from assessment import scoring
from assessment.scoring import ScoredMispronunciation
from shared.audio import SAMPLE_RATE, AudioLimits, Samples
from shared.errors import AlignmentFailedError, NoSpeechError
from shared.phonology.equivalence import normalize
from shared.phonology.ipa import read_words
from shared.recognizers.base import ENGLISH, Posteriors
from shared.recognizers.loader import load_recognizer
from shared.serving import warm_up
from shared.serving.job import job_record
from shared.serving.settings import Settings
from shared.vad import load_speech

CTC = "ctc"

log = RunPodLogger()


@dataclass(frozen=True)
class HeardPhone:
    """A phone heard, its samples, and the probability, in [0, 1], that it is the one that was said."""

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
    errors: list[ScoredMispronunciation]
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
        words = read_words(target_ipa)
        with record.stage("audio"):
            audio = load_speech(uri, self._limits)
        record.audio_seconds = len(audio) / SAMPLE_RATE
        with record.stage("recognition"):
            heard = self._recognizer.transcribe(audio, language)
        if not heard.phones:
            raise NoSpeechError("no phone was heard in the recording; record again, nearer to the microphone")
        target = list(itertools.chain.from_iterable(words))
        with record.stage("alignment"):
            actual = match_target_notation(heard.phones, target)
            intervals, aligner = self._align(audio, actual, heard.posteriors)
        record.aligner = aligner
        with record.stage("scoring"):
            found = compare(heard.posteriors, actual, words)
            costs = scoring.costs_of(found.operations, found.evidence, intervals)
            confidences = scoring.error_confidences(found.evidence, len(target))
        errors = map_errors_to_timestamps(_as_written(found.operations, actual, target), intervals, len(audio))
        return Assessment(
            actual_ipa="".join(heard.phones),
            score=scoring.score_of(costs, len(target)),
            errors=[ScoredMispronunciation.of(*judged) for judged in zip(errors, confidences, costs, strict=True)],
            phones=[
                HeardPhone(i.phoneme, Timestamp(i.start_sample, i.end_sample), scoring.phone_confidence(said))
                for i, said in zip(intervals, found.posteriors, strict=True)
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


@dataclass(frozen=True)
class Comparison:
    """How a sentence differs from what was heard, and what the posteriors say to that.

    `evidence` is the posterior probability of each operation, `posteriors` that of each phone heard.
    """

    operations: list[EditOperation]
    evidence: list[float]
    posteriors: list[float]


def compare(posteriors: Posteriors, actual: list[str], words: list[list[str]]) -> Comparison:
    """Returns how the phones heard differ from a target's words, notation and connected speech left out."""
    heard = [normalize(phone) for phone in actual]
    meant = [[normalize(phone) for phone in word] for word in words]
    target = list(itertools.chain.from_iterable(meant))
    operations = without_connected_speech(edit_operations(heard, target), heard, meant)
    target_gop, heard_gop = gop(posteriors, target), gop(posteriors, heard)
    evidence = [scoring.evidence_of(operation, target_gop, heard_gop) for operation in operations]
    return Comparison(operations, evidence, [phone.posterior for phone in heard_gop])


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
