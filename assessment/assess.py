"""The assessment of a recording against a target: errors with their timestamps and confidences, and a score."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from alignment import ctc
from alignment.comparison import compare
from alignment.mfa import MfaAligner
from alignment.timing import PhoneInterval, corrected, delayed, map_errors_to_timestamps
from assessment.advice import advise
from assessment.answer import DetailedAssessmentAnswer, Engine, PhoneSegment
from assessment.aspects import Aspects, Measures, judge_aspects, measure
from assessment.disfluency import find_repetitions
from assessment.scoring import Judgement, aligned_pairs, judge, mispronunciations
from assessment.target import build_target
from assessment.words import build_words, with_marks
from shared.audio import vad
from shared.audio.limits import OWN_SOURCES, AudioSources
from shared.audio.quality import recording_warnings
from shared.audio.samples import SAMPLE_RATE, Samples
from shared.audio.vad import load_speech
from shared.ctc.posteriors import Posteriors
from shared.errors import AlignmentFailedError, ModelUnavailableError, NoSpeechError
from shared.phonology.languages import ENGLISH, Accent
from shared.recognizers.calibration import load_calibration
from shared.recognizers.loader import load_recognizer
from shared.serving import warm_up
from shared.serving.record import job_record
from shared.serving.settings import Settings
from shared.variation.languages import phonology_of
from shared.variation.word_forms import american_word_forms

log = logging.getLogger(__name__)

CTC: Final = "ctc"


@dataclass(frozen=True)
class Assessment(DetailedAssessmentAnswer):
    """A detailed answer that lacks nothing."""

    aspects: Aspects = field(kw_only=True)
    measures: Measures = field(kw_only=True)


class Assessor:
    """The pipeline with its models loaded."""

    def __init__(self, settings: Settings, sources: AudioSources = OWN_SOURCES) -> None:
        """Loads the models that the settings name. Recordings are read from `sources`. Raises ModelUnavailableError."""
        self._recognizer = load_recognizer(settings)
        vad.load_model()
        self._mfa = MfaAligner(settings.mfa_acoustic_model, settings.mfa_runtime) if settings.aligner == "mfa" else None
        self._calibration = load_calibration(self._recognizer.name)
        american_word_forms()  # for which the first job would wait
        if self._calibration.engine != self._recognizer.name:
            log.warning(f"{self._recognizer.name} has no calibration of its own: make calibrate; using that of default")
        log.info(f"recognizer: {self._recognizer.name}; aligner: {self._mfa.name if self._mfa else CTC}")
        self._limits, self._sources = settings.audio_limits, sources

    def assess(  # noqa: PLR0913, PLR0917 (as many as a request has fields)
        self,
        uri: str,
        target_ipa: str | None,
        target_text: str | None = None,
        language: str = ENGLISH,
        min_confidence: float | None = None,
        accent: Accent = "us",
    ) -> Assessment:
        """Returns the assessment of the recording at a URI against the IPA of a sentence, its text, or both.

        `language` is an ISO 639-3 code, `accent` what of English is right. Errors are named from `min_confidence` on,
        by default from the `min_confidence` of the engine's calibration on. Raises ServiceError.
        """
        record = job_record()
        record.recognizer = self._recognizer.name
        with record.stage("target"):
            target = build_target(target_ipa, target_text, language, accent)
        with record.stage("audio"):
            speech = load_speech(uri, self._limits, self._sources)
        record.audio_seconds = speech.recording_samples / SAMPLE_RATE
        with record.stage("recognition"):
            transcription = self._recognizer.transcribe(speech.samples, language)
        if not transcription.phones:
            raise NoSpeechError("the recording has no phone; record again, nearer to the microphone")
        posteriors = transcription.posteriors
        with record.stage("comparison"):
            target = target.read_as(transcription.phones)
            phonology = phonology_of(language, accent)
            penalties = self._calibration.penalties
            comparison = compare(posteriors, target.words, target.forms, penalties, phonology, target.accents)
            judgement = judge(comparison, self._calibration, min_confidence)
        with record.stage("alignment"):
            found, aligner = self._align(speech.samples, judgement, posteriors)
            intervals = delayed(found, speech.start)
            timestamps = map_errors_to_timestamps(judgement.pairs, intervals, speech.end, speech.start)
        record.aligner = aligner
        alignment = aligned_pairs(judgement, timestamps)
        repetitions = find_repetitions(judgement.pairs, comparison.words)
        words = build_words(target, alignment, judgement.costs, repetitions)
        models = self._calibration.marks if judgement.marks else None
        if models:
            words = with_marks(words, target, judgement.marks, models.word)
        measures = measure(target, alignment, repetitions)
        certain = self._calibration.min_confidence
        return Assessment(
            actual_ipa=target.write(judgement.actual),
            target_ipa=target.ipa,
            score=judgement.score,
            off_target=judgement.off_target,
            errors=mispronunciations(judgement, timestamps, advise(judgement.pairs, target.words), certain),
            phones=_phones(judgement, intervals),
            alignment=alignment,
            words=words,
            aspects=judge_aspects(judgement, words, measures, target, models),
            measures=measures,
            warnings=recording_warnings(speech),
            engine=Engine(self._recognizer.name, aligner, self._calibration.engine),
            timings=record.stages,
            aligned_by=CTC if aligner == CTC else None,
        )

    def warm_up(self) -> None:
        """Assesses a recording, so that the first job finds everything loaded.

        Raises ServiceError, ModelUnavailableError where the acoustic model loads and aligns nothing.
        """
        found = self.assess(warm_up.recording_uri(), warm_up.IPA)
        if self._mfa and found.engine.aligner == CTC:
            raise ModelUnavailableError(f"{self._mfa.name} loads, but does not align a recording; take another model")

    def _align(self, samples: Samples, judgement: Judgement, posteriors: Posteriors) -> tuple[list[PhoneInterval], str]:
        """Returns the intervals in float32 [samples] of the phones transcribed, and what aligned them.

        That is the acoustic model, else CTC. Intervals of the model are corrected by the posteriors, where these have a
        frame for every phone. Where the model finds no path, all are those of the posteriors.
        """
        phones = [phone for segment in judgement.segments for phone in segment.transcribed]
        try:
            emissions = ctc.align_segments(posteriors, judgement.segments, len(samples))
        except AlignmentFailedError:  # the model has more frames
            if self._mfa is None:
                raise
            return self._mfa.align_phonemes(samples, phones), self._mfa.name
        if self._mfa is None:
            return emissions, CTC
        try:
            intervals = self._mfa.align_phonemes(samples, phones, emissions)
        except AlignmentFailedError as error:
            log.warning(f"aligning by the posteriors instead: {error}")
            return emissions, CTC
        return corrected(intervals, emissions, len(samples)), self._mfa.name


def _phones(judgement: Judgement, intervals: Sequence[PhoneInterval]) -> list[PhoneSegment]:
    return [
        PhoneSegment(pair.actual, intervals[pair.actual_index].timestamp, judgement.posterior(pair))
        for pair in judgement.pairs
        if pair.actual is not None
    ]
