"""The RunPod worker that assesses pronunciation."""

import functools
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Annotated, Any

from pydantic import Field, TypeAdapter

from alignment.timing import Mispronunciation
from assessment.assess import Assessor, Engine, HeardPhone
from assessment.scoring import ScoredMispronunciation
from shared.recognizers.base import ENGLISH
from shared.serving.settings import read_settings
from shared.serving.worker import Job, Language, Request, respond, run


class AssessmentRequest(Request):
    """The `input` of a job."""

    audio: Annotated[str, Field(min_length=1, description="https: or http: URL, data: URI, or a local path")]
    target_ipa: Annotated[str, Field(min_length=1, max_length=10_000, description="IPA of the sentence to say")]
    language: Language = ENGLISH
    detail: Annotated[bool, Field(description="also answer phones, engine and timings")] = False


@dataclass(frozen=True)
class AssessmentAnswer:
    """The `output` of a job."""

    actual_ipa: str
    target_ipa: str
    score: Annotated[float, Field(ge=0, le=1)]
    errors: Sequence[Mispronunciation]


@dataclass(frozen=True)
class DetailedAssessmentAnswer(AssessmentAnswer):
    """The `output` of a job that asked for detail."""

    errors: Sequence[ScoredMispronunciation]
    phones: list[HeardPhone]
    engine: Engine
    timings: Annotated[dict[str, float], Field(description="seconds by stage")]


BRIEF = TypeAdapter(AssessmentAnswer)
assessor = functools.cache(lambda: Assessor(read_settings()))


def answer(request: AssessmentRequest) -> dict[str, Any]:
    """Returns the `output` of a job."""
    found = assessor().assess(request.audio, request.target_ipa, request.language)
    fields = (found.actual_ipa, request.target_ipa, found.score, found.errors)
    if not request.detail:
        brief: dict[str, Any] = BRIEF.dump_python(AssessmentAnswer(*fields))  # errors without what detail adds
        return brief
    return asdict(DetailedAssessmentAnswer(*fields, found.phones, found.engine, found.timings))


def handler(job: Job) -> dict[str, Any]:
    """Answers one RunPod job."""
    return respond(job, AssessmentRequest, answer)


if __name__ == "__main__":
    run(handler, load=assessor)
