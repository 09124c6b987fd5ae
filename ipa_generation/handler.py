"""The RunPod worker that writes the IPA of a text."""

import functools
from dataclasses import asdict, dataclass
from typing import Annotated, Any

from pydantic import Field

from ipa_generation.generate import Generator
from shared.phonology.ipa import write_powsm
from shared.phonology.languages import ENGLISH, TextAccent
from shared.serving.job import Job, respond
from shared.serving.request import Language, Request
from shared.serving.runpod_sdk import audio_sources
from shared.serving.settings import read_settings
from shared.serving.worker import run


class IpaGenerationRequest(Request):
    """The `input` of a job."""

    text: str = Field(min_length=1, max_length=2_000, description="an English text")
    audio_uri: str | None = Field(
        default=None,
        min_length=1,
        description="a recording of it: an https: or http: URL, a data: URI, or a local path",
    )
    language: Language = ENGLISH
    accent: TextAccent = Field(default="us", description="the accent of an English text: us or gb")
    detail: bool = Field(default=False, description="true for the words that were guessed as well")


@dataclass(frozen=True)
class IpaGenerationAnswer:
    """The `output` of a job."""

    ipa_phonemes: Annotated[str, Field(description="what `target_ipa` of an assessment takes")]
    phonemes: Annotated[list[str], Field(description="a phone each, or a space between words")]


@dataclass(frozen=True)
class DetailedIpaGenerationAnswer(IpaGenerationAnswer):
    """The `output` of a job that asked for detail."""

    guessed: Annotated[
        list[str], Field(description="words that no dictionary has: letter-to-sound rules, to be checked")
    ]


generator = functools.cache(lambda: Generator(read_settings(), audio_sources()))


def answer(request: IpaGenerationRequest) -> dict[str, Any]:
    """Returns the `output` of a job."""
    found = generator().generate(request.text, request.audio_uri, request.language, request.accent)
    fields = (write_powsm(found.phones), found.phones)
    return asdict(
        DetailedIpaGenerationAnswer(*fields, found.guessed) if request.detail else IpaGenerationAnswer(*fields)
    )


def handler(job: Job) -> dict[str, Any]:
    """Answers one RunPod job."""
    return respond(job, IpaGenerationRequest, answer)


if __name__ == "__main__":
    run(handler, load=generator)
