"""The RunPod worker that assesses pronunciation."""

import functools
from dataclasses import asdict
from typing import Annotated, Any

from pydantic import Field

from assessment.assess import Assessor
from shared.recognizer import ENGLISH
from shared.settings import read_settings
from shared.worker import Job, Language, Request, respond, run


class AssessmentRequest(Request):
    """The `input` of a job."""

    audio: Annotated[str, Field(min_length=1, description="https: or http: URL, data: URI, or a local path")]
    target_ipa: Annotated[str, Field(min_length=1, max_length=10_000, description="IPA of the sentence to say")]
    language: Language = ENGLISH
    detail: Annotated[bool, Field(description="also answer phones, engine and timings")] = False


assessor = functools.cache(lambda: Assessor(read_settings()))


def answer(request: AssessmentRequest) -> dict[str, Any]:
    """Returns the `output` of a job."""
    assessment = assessor().assess(request.audio, request.target_ipa, request.language)
    fields = asdict(assessment)
    brief = {
        "actual_ipa": fields.pop("actual_ipa"),
        "target_ipa": request.target_ipa,
        "score": fields.pop("score"),
        "errors": fields.pop("errors"),
    }
    return brief | fields if request.detail else brief


def handler(job: Job) -> dict[str, Any]:
    """Answers one RunPod job."""
    return respond(job, AssessmentRequest, answer)


if __name__ == "__main__":
    run(handler, load=assessor)
