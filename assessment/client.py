"""An assessment in one call, for notebooks and scripts."""

import html
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import TypeAdapter

from assessment.handler import AssessmentRequest, DetailedAssessmentAnswer, answer
from shared.phonology.languages import ENGLISH

FRAME = '<iframe srcdoc="{page}" sandbox="allow-scripts" style="width: 100%; height: 48em; border: 0"></iframe>'


@dataclass(frozen=True)
class Answer(DetailedAssessmentAnswer):
    """A worker's detailed answer, which a notebook shows as the report."""

    audio_uri: str = field(kw_only=True)

    def _repr_html_(self) -> str:
        from assessment.report.answer import with_recording
        from assessment.report.page import html as report  # not in the images, and not needed by a script

        return FRAME.format(page=html.escape(report([with_recording(self, self.audio_uri)])))


def assess(
    audio: str | Path,
    text: str | None = None,
    ipa: str | None = None,
    language: str = ENGLISH,
    min_confidence: float | None = None,
) -> Answer:
    """Returns the assessment of a recording of a sentence, given its text, its IPA or both.

    Models are loaded at the first call, as the environment configures them. Raises ServiceError.

    >>> found = assess("tests/data/librivox_0880.wav", text="He was not an ill disposed young man.")
    >>> found.score, [word.text for word in found.words][:3]
    (1.0, ['he', 'was', 'not'])
    """
    request = AssessmentRequest(
        audio_uri=str(audio),
        target_ipa=ipa,
        target_text=text,
        language=language,
        min_confidence=min_confidence,
        detail=True,
    )
    return TypeAdapter(Answer).validate_python(answer(request) | {"audio_uri": request.audio_uri})
