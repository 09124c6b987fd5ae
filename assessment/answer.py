"""A detailed answer read back: typed, place by place beside its target, and with its recording."""

import itertools
from collections import deque
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import TypeAdapter, ValidationError

from alignment.edit_distance import EditOperation, edit_cost
from alignment.timing import PronunciationError, Timestamp
from assessment.assess import Engine, HeardPhone
from shared.audio import load_audio
from shared.errors import InvalidInputError
from shared.phones import fold, read_phones
from shared.recognizer import Samples


@dataclass(frozen=True)
class ScoredError(PronunciationError):
    """An error, what it took off the score in target phones, and how sure it is to be one, in [0, 1]."""

    confidence: float | None = None
    uncertain: bool = False
    cost: float | None = None


@dataclass(frozen=True)
class Answer:
    """What the worker answers with `detail`, less the timings."""

    actual_ipa: str
    target_ipa: str
    score: float
    errors: list[ScoredError]
    phones: list[HeardPhone]
    engine: Engine


@dataclass(frozen=True)
class Place:
    """The phone expected and the phone heard at one place of an alignment, None where there is none.

    `timestamp` is that of the phone heard, or the gap where a phone was left out. `error` is None where all is well.
    """

    expected: str | None
    heard: str | None
    timestamp: Timestamp
    error: ScoredError | None

    @property
    def doubt(self) -> str:
        """A question mark where the error is uncertain."""
        return "?" if self.error and self.error.uncertain else ""


def read_answer(fields: dict[str, Any]) -> Answer:
    """Returns an `output` of the worker, typed. Raises InvalidInputError, naming the first field that is wrong."""
    try:
        return TypeAdapter(Answer).validate_python(fields)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        field = ".".join(map(str, first["loc"]))
        raise InvalidInputError(f'no answer to a request with "detail": true: {field}: {first["msg"]}') from None


def places(answer: Answer) -> list[Place]:
    """Returns every place of an answer's alignment, in order.

    Raises InvalidInputError where the errors don't lead from the target to the phones heard.
    """
    phones, errors = deque(answer.phones), deque(answer.errors)

    def heard(expected: str | None, error: ScoredError | None) -> Place:
        phone = phones.popleft()
        return Place(expected, phone.phone, phone.timestamp, error)

    result = []
    try:
        for position, expected in enumerate([*read_phones(answer.target_ipa), None]):
            while errors and errors[0].position == position and errors[0].type == "insert":
                result.append(heard(None, errors.popleft()))
            error = errors.popleft() if errors and errors[0].position == position else None
            if error and error.type == "delete":
                result.append(Place(expected, None, error.timestamp, error))
            elif expected:
                result.append(heard(expected, error))
    except IndexError:
        raise InvalidInputError("the answer has fewer phones than its target and errors make") from None
    if phones or errors:
        raise InvalidInputError("the answer has more phones or errors than its target has places for")
    return result


@dataclass(frozen=True)
class Assessed:
    """An answer, the recording it is about, and the recording's name."""

    name: str
    answer: Answer
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
        return sum(error.cost or 0.0 for error in self.answer.errors)


def assessed(fields: dict[str, Any], uri: str) -> Assessed:
    """Returns a worker's `output` with the recording at a URI. Raises ServiceError."""
    answer, audio = with_costs(read_answer(fields)), load_audio(uri)
    if max(place.timestamp.end for place in places(answer)) > len(audio):
        raise InvalidInputError(f"the answer to {answer.target_ipa!r} is about a longer recording")
    return Assessed("recording" if uri.startswith("data:") else Path(uri).name, answer, audio)


def with_costs(answer: Answer) -> Answer:
    """Returns an answer whose errors have their costs, as `assess.score` counts them, where it has none."""

    def cost(error: ScoredError) -> float:
        expected, actual = (phone and fold(phone) for phone in (error.expected, error.actual))
        return edit_cost([EditOperation(error.type, error.position, expected, actual, 0)])

    errors = [error if error.cost is not None else replace(error, cost=cost(error)) for error in answer.errors]
    return replace(answer, errors=errors)
