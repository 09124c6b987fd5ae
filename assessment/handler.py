"""The RunPod worker that assesses pronunciation."""

import functools
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter

from assessment.aspects import Aspects, Measures
from assessment.assess import CTC, AlignedPair, Assessor, Engine, PhoneSegment
from assessment.scoring import Mispronunciation, ScoredMispronunciation
from assessment.words import Word
from shared.audio.quality import RecordingWarning
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


@dataclass(frozen=True)
class AssessmentAnswer:
    """The `output` of a job."""

    actual_ipa: str
    target_ipa: str
    score: Annotated[float, Field(ge=0, le=1)]
    errors: Sequence[Mispronunciation]
    aligned_by: Annotated[
        Literal["ctc"] | None,
        Field(description="only where timestamps are by the recognizer's posteriors, which are less exact than MFA"),
    ] = field(default=None, kw_only=True)


@dataclass(frozen=True)
class DetailedAssessmentAnswer(AssessmentAnswer):
    """The `output` of a job that asked for detail."""

    errors: Sequence[ScoredMispronunciation]
    phones: list[PhoneSegment]
    engine: Engine
    timings: Annotated[dict[str, float], Field(description="seconds by stage")]
    alignment: Annotated[
        list[AlignedPair], Field(description="each target phone and the phone pronounced in its place, in order")
    ]
    off_target: Annotated[bool, Field(description="the speech is of another text")]
    # An answer that an older worker gave has none of these.
    words: Annotated[
        list[Word], Field(description="the words of the target and what was inserted between them, in order")
    ] = field(default_factory=list, kw_only=True)
    aspects: Annotated[
        Aspects | None, Field(description="accuracy of what was pronounced, fluency, completeness, overall")
    ] = field(default=None, kw_only=True)
    measures: Annotated[Measures | None, Field(description="rates, pauses and words behind the aspects")] = field(
        default=None, kw_only=True
    )
    warnings: Annotated[
        list[RecordingWarning], Field(description="what is wrong with the recording, so that it may be to blame")
    ] = field(default_factory=list, kw_only=True)


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
    kind = DetailedAssessmentAnswer if request.detail else AssessmentAnswer
    names = {field.name for field in fields(kind)}
    made = kind(**{name: value for name, value in vars(found).items() if name in names})
    output = asdict(made) if request.detail else BRIEF.dump_python(made)  # errors without what detail adds
    del output["aligned_by"]
    return output | ({"aligned_by": CTC} if found.engine.aligner == CTC else {})


def handler(job: Job) -> dict[str, Any]:
    """Answers one RunPod job."""
    return respond(job, AssessmentRequest, answer)


if __name__ == "__main__":
    run(handler, load=assessor)
