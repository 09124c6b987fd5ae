"""The environment variables that configure a worker: read once, typed, refused at start when unknown."""

import functools
from typing import Literal

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    """One field for each environment variable of the same name."""

    recognizer: Literal["moonshine", "powsm"] = Field(
        default="moonshine",
        description="The engine that transcribes phones: `powsm` for production, `moonshine` with no download, English "
        "only. The images set `powsm`.",
    )
    powsm_model: str = Field(
        default="espnet/powsm",
        description="POWSM's checkpoint: a folder, or a Hugging Face id with an optional `@revision`. An id is looked "
        "up in RunPod's model cache, then in Hugging Face's, then downloaded. Or what ESPnet packed: a file, a URL, a "
        "name in the table of its model zoo. `espnet/powsm_ctc` has no decoder: it takes no text with a recording.",
    )
    powsm_device: Literal["auto", "cpu", "cuda"] = Field(
        default="auto", description="Where POWSM runs; `auto` is `cuda` where there is a GPU, else `cpu`."
    )
    powsm_decoding: Literal["ctc", "attention"] = Field(
        default="ctc",
        description="How POWSM transcribes: `ctc` reads the frames by the encoder's CTC head; `attention`, for "
        "comparison only, writes with the decoder, which corrects learners and takes twice the time. A text with a "
        "recording always takes the decoder.",
    )
    powsm_window_seconds: float | None = Field(
        default=None,
        gt=1,
        description="Seconds that POWSM pads a recording to, by default the 20 of its training. Fewer are faster; what "
        "they cost in accuracy is not known: measure it with `make calibrate`.",
    )
    aligner: Literal["mfa", "ctc"] = Field(
        default="mfa",
        description="How phones are aligned: `mfa` by an acoustic model of the Montreal Forced Aligner, `ctc` by the "
        "recognizer's posteriors. `ctc` also replaces `mfa` for a recording in which the acoustic model finds no path.",
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


@functools.cache
def read_settings() -> Settings:
    """Returns the settings of this process. Exits with one line for each variable that is wrong."""
    try:
        return Settings()
    except ValidationError as error:
        lines = (f"{str(line['loc'][0]).upper()}={line['input']!r}: {line['msg']}" for line in error.errors())
        raise SystemExit("\n".join(lines)) from None
