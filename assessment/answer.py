"""What an assessment is, as the worker answers it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, Literal

from pydantic import Field

from alignment.timing import Timestamp
from assessment.aspects import Aspects, Measures
from assessment.scoring import AlignedPair, Mispronunciation, ScoredMispronunciation
from assessment.words import Word
from shared.audio.quality import RecordingWarning


@dataclass(frozen=True)
class PhoneSegment:
    """A phone transcribed, its samples, and the probability, in [0, 1], that it was pronounced."""

    phone: str
    timestamp: Timestamp
    confidence: float


@dataclass(frozen=True)
class Engine:
    """What transcribed the phones, what aligned them, and whose constants they were judged by."""

    recognizer: str
    aligner: str
    calibration: str


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
