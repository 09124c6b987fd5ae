"""A detailed answer read back: typed, its alignment marked with its errors, and with its recording."""

import itertools
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import TypeAdapter, ValidationError

from alignment.phone_pairs import ERRORS
from assessment.answer import DetailedAssessmentAnswer
from assessment.scoring import AlignedPair, ScoredMispronunciation
from shared.audio.load import load_audio
from shared.audio.samples import Samples
from shared.errors import InvalidInputError
from shared.serving.request import first_problem
from shared.serving.runpod_sdk import audio_sources

# What to do about a recording, by the warning of it.
ADVICE = {
    "clipped": "The recording is clipped: it was too loud. Go farther from the microphone, or turn it down.",
    "noisy": "The recording is noisy. Record where it is quieter, or nearer to the microphone.",
    "too_quiet": "The recording is very quiet. Go nearer to the microphone, or turn it up.",
    "cut_off": "The recording begins or ends in the middle of speech. Start it earlier, and stop it later.",
}

# Points from which on a score has a word; the cuts at 60 and 80 are those of Microsoft's Speech Studio.
BANDS = ((90, "excellent"), (80, "good"), (60, "fair"), (0, "needs practice"))


def points(share: float) -> int:
    """Returns a score in [0, 1] as people read it.

    >>> points(0.9177)
    92
    """
    return round(100 * share)


def headline(answer: DetailedAssessmentAnswer) -> tuple[int, str]:
    """Returns the one number for an answer, 0 to 100, and its word: the overall mark, or without one the score."""
    aspects = answer.aspects
    number = points(answer.score if aspects is None or aspects.overall is None else aspects.overall)
    return number, "another text" if answer.off_target else next(word for least, word in BANDS if number >= least)


@dataclass(frozen=True)
class MarkedPair:
    """A pair of an answer's alignment with its error, if it has one."""

    pair: AlignedPair
    error: ScoredMispronunciation | None

    @property
    def doubt(self) -> str:
        """A question mark where the error is uncertain."""
        return "?" if self.error and self.error.uncertain else ""


def marked_pairs(answer: DetailedAssessmentAnswer) -> list[MarkedPair]:
    """Returns the pairs of an answer's alignment, in order. Raises InvalidInputError where its errors are others."""
    differing = [pair for pair in answer.alignment if pair.status in ERRORS]
    if [_key(pair.status, pair) for pair in differing] != [_key(error.type, error) for error in answer.errors]:
        raise InvalidInputError("the answer's errors are not those of its alignment")
    errors = iter(answer.errors)
    return [MarkedPair(pair, next(errors) if pair.status in ERRORS else None) for pair in answer.alignment]


def _key(kind: str, place: AlignedPair | ScoredMispronunciation) -> tuple[object, ...]:
    return kind, place.position, place.expected, place.actual, place.timestamp


@dataclass(frozen=True)
class Assessed:
    """An answer, the recording it is about, the recording's name, and the sentence where it is known as a text."""

    name: str
    answer: DetailedAssessmentAnswer
    audio: Samples
    text: str | None = None

    @property
    def groups(self) -> list[list[MarkedPair]]:
        """The pairs, those together that share a time: phones deleted between the same two phones."""
        together = itertools.groupby(
            marked_pairs(self.answer), key=lambda marked: (marked.pair.timestamp, marked.pair.actual)
        )
        return [list(group) for _, group in together]

    @property
    def loudest(self) -> float:
        """How far the recording's loudest sample is from 0."""
        return float(np.abs(self.audio).max())


def assessed(fields: dict[str, Any], uri: str, text: str | None = None) -> Assessed:
    """Returns a worker's `output` with the recording at a URI. Raises ServiceError, naming the first wrong field."""
    try:
        answer = TypeAdapter(DetailedAssessmentAnswer).validate_python(fields)
    except ValidationError as error:
        raise InvalidInputError(f'no answer to a request with "detail": true: {first_problem(error)}') from None
    return with_recording(answer, uri, text)


def with_recording(answer: DetailedAssessmentAnswer, uri: str, text: str | None = None) -> Assessed:
    """Returns an answer with the recording at a URI. Raises ServiceError."""
    audio = load_audio(uri, sources=audio_sources())
    marked_pairs(answer)  # an answer that does not fit is refused here
    if max((pair.timestamp.end for pair in answer.alignment), default=0) > len(audio):
        raise InvalidInputError(f"the answer to {answer.target_ipa!r} is about a longer recording")
    return Assessed("recording" if uri.startswith("data:") else Path(uri).name, answer, audio, text)
