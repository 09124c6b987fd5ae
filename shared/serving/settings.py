"""The environment variables that configure a worker: read once, typed, refused at start when unknown."""

import functools
from typing import Literal

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings

from shared.audio.limits import AudioLimits
from shared.recognizers.loader import RecognizerSettings


class Settings(RecognizerSettings, BaseSettings):
    """One field for each environment variable of the same name."""

    aligner: Literal["mfa", "ctc"] = Field(
        default="mfa",
        description="How phones are aligned: `mfa` by an acoustic model of the Montreal Forced Aligner, `ctc` by the "
        "recognizer's posteriors. `ctc` also replaces `mfa` where the acoustic model finds no path.",
    )
    mfa_acoustic_model: str = Field(
        default="",
        description="A model's zip, or the name of a model that `mfa model download acoustic` has stored. Empty for "
        "the bundled model. The assessment image sets `english_mfa`.",
    )
    mfa_runtime: Literal["auto", "kalpy", "viter"] = Field(
        default="auto",
        description="What runs the acoustic model: `kalpy` is MFA itself (conda-forge), `viter` needs no Kaldi; `auto` "
        "is the first that is installed. The assessment image sets `kalpy`.",
    )
    ipa_overrides: str = Field(
        default="",
        description="A file of words and their IPA, which `ipa_generation` prefers to the dictionary. Empty for none.",
    )
    max_audio_seconds: float = Field(
        default=60.0, gt=0, description="Seconds of a recording; a longer one is `audio_too_long`."
    )
    max_audio_bytes: int = Field(
        default=10 * 1024 * 1024, gt=0, description="Bytes of a recording; a larger one is `audio_too_large`."
    )
    download_timeout_seconds: float = Field(
        default=20.0, gt=0, description="Seconds for a whole download: redirects, retries, headers and body."
    )
    job_timeout_seconds: float = Field(
        default=90.0, gt=0, description="Seconds of a job; after them it begins no further stage and is `timed_out`."
    )
    max_concurrency: int = Field(
        default=1, ge=1, description="Jobs that a worker holds at a time: one runs, the others wait. The images set 4."
    )

    @property
    def audio_limits(self) -> AudioLimits:
        """How much of a recording is read."""
        return AudioLimits(self.max_audio_bytes, self.max_audio_seconds, self.download_timeout_seconds)


@functools.cache
def read_settings() -> Settings:
    """Returns the settings of this process. Exits with one line for each variable that is wrong."""
    try:
        return Settings()
    except ValidationError as error:
        lines = (f"{str(line['loc'][0]).upper()}={line['input']!r}: {line['msg']}" for line in error.errors())
        raise SystemExit("\n".join(lines)) from None
