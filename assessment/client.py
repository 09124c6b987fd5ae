"""Assessments in one call, for notebooks and scripts."""

import base64
import html
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import soxr
from pydantic import TypeAdapter

from assessment.answer import DetailedAssessmentAnswer
from assessment.handler import AssessmentRequest, answer
from shared.audio.samples import SAMPLE_RATE
from shared.errors import ServiceError
from shared.phonology.languages import ENGLISH, Accent
from shared.serving.progress import progress
from shared.serving.request import parse_request

Audio = str | Path | bytes | npt.ArrayLike
"""A path, a URI, the bytes of a file, or samples: [samples] or [samples, channels], floats in [-1, 1] or integers."""

FRAME = '<iframe srcdoc="{page}" sandbox="allow-scripts" style="width: 100%; height: 48em; border: 0"></iframe>'


@dataclass(frozen=True)
class Answer(DetailedAssessmentAnswer):
    """A worker's detailed answer, which a notebook shows as the report, and `print` as text."""

    audio_uri: str = field(kw_only=True)
    target_text: str | None = field(kw_only=True)

    def __str__(self) -> str:
        from assessment.report.text import plain_text  # not in the images

        return plain_text(self)

    def _repr_html_(self) -> str:
        from assessment.report.answer import with_recording
        from assessment.report.page import html as report  # not in the images, and not needed by a script

        return FRAME.format(page=html.escape(report([with_recording(self, self.audio_uri, self.target_text)])))


def assess(  # noqa: PLR0913 (as many as a request has fields)
    audio: Audio,
    text: str | None = None,
    ipa: str | None = None,
    language: str = ENGLISH,
    min_confidence: float | None = None,
    *,
    accent: Accent = "us",
    rate: int | None = None,
) -> Answer:
    """Returns the assessment of a recording of a sentence, given its text, its IPA or both.

    `accent` is what is right in English: "us", "gb", or "any" for either. Samples need their `rate` in Hz. Models are
    loaded at the first call, as the environment configures them. Raises ServiceError, or TypeError for what is no
    recording.

    >>> found = assess("tests/data/librivox_0880.wav", text="He was not an ill disposed young man.")
    >>> found.score, [word.text for word in found.words][:3]
    (1.0, ['he', 'was', 'not'])
    """
    fields = {
        "audio_uri": _uri(audio, rate),
        "target_ipa": ipa,
        "target_text": text,
        "language": language,
        "min_confidence": min_confidence,
        "accent": accent,
        "detail": True,
    }
    request = parse_request(fields, AssessmentRequest)
    sent = {"audio_uri": request.audio_uri, "target_text": request.target_text}
    return TypeAdapter(Answer).validate_python(answer(request) | sent)


def assess_many(
    audios: Sequence[Audio], texts: Sequence[str] | None = None, ipas: Sequence[str] | None = None, **options: Any
) -> list[Answer | ServiceError]:
    """Returns for each recording what `assess` returns, or the error that it raises, and shows how far it is.

    `options` are the other arguments of `assess`, for all recordings. Raises TypeError for what is no recording,
    ValueError where there are not as many sentences as recordings.

    >>> good, bad = assess_many(["tests/data/librivox_0880.wav", "none.wav"], ["He was not.", "Hello."])
    >>> good.words[0].text, str(bad)
    ('he', 'audio_unreachable: there is no such file here')
    """
    sentences = [[None] * len(audios) if each is None else each for each in (texts, ipas)]
    answers: list[Answer | ServiceError] = []
    with progress(len(audios), "recordings") as bar:
        for audio, text, ipa in zip(audios, *sentences, strict=True):
            try:
                answers.append(assess(audio, text, ipa, **options))
            except ServiceError as error:
                answers.append(error)
            bar.update()
    return answers


def _uri(audio: Audio, rate: int | None) -> str:
    if isinstance(audio, str | Path):
        return str(audio)
    if not isinstance(audio, bytes):
        audio = _wav(_samples(audio), rate)
    return "data:;base64," + base64.b64encode(audio).decode()


def _samples(audio: npt.ArrayLike) -> npt.NDArray[np.float32]:
    """Returns float32 [samples, channels]; integers are full scale at the ends of their type. Raises TypeError."""
    samples = np.asarray(audio)
    if samples.dtype.kind not in "fiu" or samples.ndim not in (1, 2):
        raise TypeError(
            f"{type(audio).__name__} is no recording; pass a path, a URI, the bytes of a file, or samples with rate="
        )
    if samples.dtype.kind == "f":
        return np.float32(samples).reshape(len(samples), -1)
    limits = np.iinfo(samples.dtype)
    middle = (int(limits.max) + int(limits.min) + 1) // 2  # of unsigned samples
    return np.float32((samples - float(middle)) / (int(limits.max) + 1 - middle)).reshape(len(samples), -1)


def _wav(samples: npt.NDArray[np.float32], rate: int | None) -> bytes:
    """Returns float32 [samples, channels] as a WAV file, at 16 kHz where they have more. Raises TypeError."""
    import soundfile  # not in the images

    if not rate:
        raise TypeError("samples need their rate: assess(samples, rate=44100, text=…)")
    if rate > SAMPLE_RATE:
        samples, rate = soxr.resample(samples, rate, SAMPLE_RATE, quality="HQ"), SAMPLE_RATE
    file = io.BytesIO()
    soundfile.write(file, samples, rate, format="WAV", subtype="FLOAT")
    return file.getvalue()
