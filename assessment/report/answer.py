"""A detailed answer read back: typed, place by place beside its target, and with its recording."""

import itertools
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from pydantic import TypeAdapter, ValidationError

from alignment.edit_distance import edit_operations
from alignment.timing import Timestamp
from assessment.assess import HeardPhone
from assessment.handler import DetailedAssessmentAnswer
from assessment.scoring import ScoredMispronunciation
from shared.audio import Samples, load_audio
from shared.errors import InvalidInputError
from shared.phonology.equivalence import normalize
from shared.phonology.ipa import read_phones


@dataclass(frozen=True)
class Place:
    """The phone expected and the phone heard at one place of an alignment, None where there is none.

    `timestamp` is that of the phone heard, or the gap where a phone was left out. `difference` is how the two differ,
    None where all is as expected; `error` is None for what is usual in running speech, too.
    """

    expected: str | None
    heard: str | None
    timestamp: Timestamp
    difference: Literal["substitute", "insert", "delete"] | None
    error: ScoredMispronunciation | None

    @property
    def doubt(self) -> str:
        """A question mark where the error is uncertain."""
        return "?" if self.error and self.error.uncertain else ""


def read_answer(fields: dict[str, Any]) -> DetailedAssessmentAnswer:
    """Returns an `output` of the worker, typed. Raises InvalidInputError, naming the first field that is wrong."""
    try:
        return TypeAdapter(DetailedAssessmentAnswer).validate_python(fields)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        field = ".".join(map(str, first["loc"]))
        raise InvalidInputError(f'no answer to a request with "detail": true: {field}: {first["msg"]}') from None


def places(answer: DetailedAssessmentAnswer) -> list[Place]:
    """Returns every place of an answer's alignment, in order: the worker's own, of which it tells the errors only.

    Raises InvalidInputError where an error is at no place of it.
    """
    target, phones = read_phones(answer.target_ipa), answer.phones
    operations = deque(
        edit_operations([normalize(phone.phone) for phone in phones], [normalize(phone) for phone in target])
    )
    errors = deque(answer.errors)
    result = []
    i = j = 0
    while i < len(phones) or j < len(target):
        here = operations and (operations[0].position, operations[0].actual_index) == (j, i)
        difference = operations.popleft().type if here else None
        expected = None if difference == "insert" else target[j]
        phone = None if difference == "delete" else phones[i]
        timestamp = phone.timestamp if phone else _gap(phones, i)
        told = errors and (errors[0].type, errors[0].position, errors[0].timestamp.start)
        error = errors.popleft() if told == (difference, j, timestamp.start) else None
        heard = phone.phone if phone else None
        result.append(Place(expected, heard, error.timestamp if error else timestamp, difference, error))
        j += expected is not None
        i += phone is not None
    if errors:
        raise InvalidInputError("the answer has errors that its phones and its target do not differ in")
    return result


def _gap(phones: list[HeardPhone], index: int) -> Timestamp:
    """Returns what is between a phone and the one before it."""
    start = phones[index - 1].timestamp.end if index else 0
    return Timestamp(start, phones[index].timestamp.start if index < len(phones) else start)


@dataclass(frozen=True)
class Assessed:
    """An answer, the recording it is about, and the recording's name."""

    name: str
    answer: DetailedAssessmentAnswer
    audio: Samples

    @property
    def groups(self) -> list[list[Place]]:
        """The places, those together that share a time: phones left out between the same two phones heard."""
        together = itertools.groupby(places(self.answer), key=lambda place: (place.timestamp, place.heard))
        return [list(group) for _, group in together]

    @property
    def target_length(self) -> int:
        """How many phones the target has."""
        return len(read_phones(self.answer.target_ipa))

    @property
    def loudest(self) -> float:
        """How far the recording's loudest sample is from 0."""
        return float(np.abs(self.audio).max())

    @property
    def cost(self) -> float:
        """What all errors took off, in target phones."""
        return sum(error.cost for error in self.answer.errors)


def assessed(fields: dict[str, Any], uri: str) -> Assessed:
    """Returns a worker's `output` with the recording at a URI. Raises ServiceError."""
    answer, audio = read_answer(fields), load_audio(uri)
    if max(place.timestamp.end for place in places(answer)) > len(audio):
        raise InvalidInputError(f"the answer to {answer.target_ipa!r} is about a longer recording")
    return Assessed("recording" if uri.startswith("data:") else Path(uri).name, answer, audio)
