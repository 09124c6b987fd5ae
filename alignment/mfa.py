"""Forced alignment by a Montreal Forced Aligner acoustic model, in process and in memory."""

import functools
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np

from alignment.mfa_runtimes import BUNDLED_MODEL, AcousticModel, load_runtime
from alignment.phone_set import LabelSpan, PhoneSet
from alignment.timing import PhoneInterval, map_errors_to_timestamps, phone_intervals
from shared.audio.samples import SAMPLE_RATE, Samples
from shared.errors import AlignmentFailedError, ModelUnavailableError

__all__ = ["BUNDLED_MODEL", "MfaAligner", "PhoneInterval", "align_phonemes", "map_errors_to_timestamps"]

FRAME_SHIFT = SAMPLE_RATE // 100
# Noise of one step of a 16-bit recording. In exact zeros MFCCs are all alike, and the beam finds no path: a second of
# them before the speech made 20 to 28 of 28 clips fail; with this noise 10 of 10 align.
DITHER = 1 / 2**15


class MfaAligner:
    """Aligns phones in any notation with recordings, by one loaded acoustic model."""

    def __init__(self, model: str | Path = "", runtime: Literal["auto", "kalpy", "viter"] = "auto") -> None:
        """Loads a model: a zip, the name of a model that `mfa model download` stored, or "" for the bundled one.

        Raises ModelUnavailableError.
        """
        acoustic_model = AcousticModel.read(_find_model(model))
        self._phone_set = PhoneSet(acoustic_model.labels)
        self._runtime = load_runtime(acoustic_model, runtime)
        self.name = f"mfa {acoustic_model.path.stem} ({self._runtime.name})"

    def align_phonemes(self, audio: Samples, phonemes: Sequence[str]) -> list[PhoneInterval]:
        """Returns one interval for each phone, in order, in a recording of float32 [samples] at 16 kHz.

        Raises AlignmentFailedError where the recording is silent, too short, or the beam search finds no path.
        """
        spans = self._phone_set.label_spans(phonemes)
        _check_alignable(audio, spans)
        if not spans:
            return []
        segments = self._runtime.align(_dithered(audio), [span.label for span in spans])
        if segments is None:
            raise AlignmentFailedError("the phones do not fit the recording")
        edges = np.array([(segment.start, segment.end) for segment in segments]) * SAMPLE_RATE
        return phone_intervals(spans, edges, len(audio))


def _dithered(audio: Samples) -> Samples:
    """Returns float32 [samples] with noise, the same each time, in place of those smaller than `DITHER`."""
    noise = np.random.default_rng(0).uniform(-DITHER, DITHER, len(audio)).astype(np.float32)
    return np.where(np.abs(audio) < DITHER, noise, audio)


def _check_alignable(audio: Samples, spans: Sequence[LabelSpan]) -> None:
    """Raises AlignmentFailedError for a recording on which a runtime crashes, or returns an arbitrary alignment."""
    if len(audio) < FRAME_SHIFT * len(spans):
        raise AlignmentFailedError(f"{len(audio)} samples are too few for {len(spans)} phones")
    if not np.isfinite(audio).all() or not audio.any():
        raise AlignmentFailedError("the recording is silent")


def _find_model(model: str | Path) -> Path:
    """Returns the path of a model's zip. Raises ModelUnavailableError, which names the places it was looked for in."""
    if not model:
        return BUNDLED_MODEL
    root = Path(os.environ.get("MFA_ROOT_DIR", Path.home() / "Documents" / "MFA"))
    downloaded = root / "pretrained_models" / "acoustic" / f"{model}.zip"
    for path in (Path(model), downloaded):
        if path.is_file():
            return path
    raise ModelUnavailableError(f"MFA_ACOUSTIC_MODEL={model} is no zip, nor is {downloaded}")


@functools.cache
def _bundled_aligner() -> MfaAligner:
    return MfaAligner()


def align_phonemes(audio: Samples, phonemes: Sequence[str]) -> list[PhoneInterval]:
    """Returns one interval for each phone, by the bundled acoustic model: see `MfaAligner.align_phonemes`."""
    return _bundled_aligner().align_phonemes(audio, phonemes)
