"""The RunPod worker that assesses pronunciation."""

import functools
from dataclasses import asdict
from typing import Any

from pydantic import Field, TypeAdapter

from assessment.answer import AssessmentAnswer
from assessment.assess import Assessor
from shared.phonology.languages import ENGLISH, Accent
from shared.serving.job import Job, respond
from shared.serving.request import Language, Request
from shared.serving.runpod_sdk import audio_sources
from shared.serving.settings import read_settings
from shared.serving.worker import run


class AssessmentRequest(Request):
    """The `input` of a job."""

    audio_uri: str = Field(min_length=1, description="an https: or http: URL, a data: URI, or a local path")
    target_ipa: str | None = Field(
        default=None,
        min_length=1,
        max_length=10_000,
        description="the IPA of the sentence; without it, target_text as the dictionary has it",
    )
    target_text: str | None = Field(
        default=None, min_length=1, max_length=2_000, description="the sentence in English, which names the words"
    )
    language: Language = ENGLISH
    accent: Accent = Field(
        default="us",
        description="the accent that is right in English: us, gb, or any, which accepts each word as either has it",
    )
    min_confidence: float | None = Field(
        default=None,
        ge=0,
        le=1,
        description="the confidence, 0 to 1, from which on errors are named; default: the engine's calibration",
    )
    detail: bool = Field(default=False, description="true for phones, words, alignment, warnings and more as well")


BRIEF = TypeAdapter(AssessmentAnswer)


@functools.cache
def assessor() -> Assessor:
    """Returns the pipeline of this process, with its models loaded at the first call."""
    return Assessor(read_settings(), audio_sources())


def answer(request: AssessmentRequest) -> dict[str, Any]:
    """Returns the `output` of a job."""
    found = assessor().assess(
        request.audio_uri,
        request.target_ipa,
        request.target_text,
        request.language,
        request.min_confidence,
        request.accent,
    )
    output = asdict(found) if request.detail else BRIEF.dump_python(found)  # errors without what detail adds
    aligned_by = output.pop("aligned_by")
    return output | ({"aligned_by": aligned_by} if aligned_by else {})


def handler(job: Job) -> dict[str, Any]:
    """Answers one RunPod job."""
    return respond(job, AssessmentRequest, answer)


if __name__ == "__main__":
    run(handler, load=assessor)
