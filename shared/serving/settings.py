"""The environment variables that configure a worker: read once, typed, refused at start when unknown."""

import functools
from typing import Literal

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    """One field for each environment variable of the same name."""

    recognizer: Literal["hama", "powsm"] = "hama"
    powsm_model: str = "espnet/powsm"
    powsm_device: Literal["auto", "cpu", "cuda"] = "auto"
    powsm_decoding: Literal["attention", "ctc"] = "attention"
    aligner: Literal["mfa", "ctc"] = "mfa"
    mfa_acoustic_model: str = ""
    mfa_runtime: Literal["auto", "kalpy", "viter"] = "auto"
    ipa_overrides: str = ""
    max_audio_seconds: float = Field(default=60.0, gt=0)
    max_audio_bytes: int = Field(default=10 * 1024 * 1024, gt=0)
    download_timeout_seconds: float = Field(default=20.0, gt=0)
    job_timeout_seconds: float = Field(default=90.0, gt=0)
    max_concurrency: int = Field(default=1, ge=1)


@functools.cache
def read_settings() -> Settings:
    """Returns the settings of this process. Exits with one line for each variable that is wrong."""
    try:
        return Settings()
    except ValidationError as error:
        lines = (f"{str(line['loc'][0]).upper()}={line['input']!r}: {line['msg']}" for line in error.errors())
        raise SystemExit("\n".join(lines)) from None
