"""Forced alignment by a Montreal Forced Aligner acoustic model, in process and in memory."""

import functools
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt

from alignment.mfa_runtimes import AcousticModel, load_runtime
from alignment.phone_set import LabelSpan, PhoneSet
from alignment.timing import PhoneInterval, map_errors_to_timestamps, phone_intervals
from shared.audio.samples import SAMPLE_RATE, Samples
from shared.errors import AlignmentFailedError, ModelUnavailableError

__all__ = ["MfaAligner", "PhoneInterval", "align_phonemes", "map_errors_to_timestamps"]

BUNDLED_MODEL = Path(__file__).parent / "models" / "mfa_english_so762.zip"

FRAME_SHIFT = SAMPLE_RATE // 100
# Where the phones are not those of the recording, the beam search finds no path, or one in which most phones have their
# minimum duration: a frame for each of their states. A topology may let a path pass over states, but few do. Of 99
# recordings with their own phones 2 have more than 45 % that short; with those of another all but 18 have, or no path.
# Of 113 short prompts with their own phones 11 have: phones beside a pause collapse.
MAX_STATES = 3
MAX_SHARE_AT_MIN_DURATION = 0.45

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
        self._num_states = acoustic_model.num_states
        self._runtime = load_runtime(acoustic_model, runtime)
        self.name = f"mfa {acoustic_model.path.stem} ({self._runtime.name})"

    def align_phonemes(self, audio: Samples, phonemes: Sequence[str]) -> list[PhoneInterval]:
        """Returns one interval for each phone, in order, in a recording of float32 [samples] at 16 kHz.

        Raises AlignmentFailedError where the recording is silent, too short, or does not contain the phones.
        """
        spans = self._phone_set.label_spans(phonemes)
        _check_alignable(audio, spans)
        if not spans:
            return []
        segments = self._runtime.align(_dithered(audio), [span.label for span in spans])
        edges = np.array([(segment.start, segment.end) for segment in segments or ()]) * SAMPLE_RATE
        min_frames = np.array([min(self._num_states[span.label], MAX_STATES) for span in spans])
        if segments is None or _share_at_min_duration(edges, min_frames) > MAX_SHARE_AT_MIN_DURATION:
            raise AlignmentFailedError("the phones do not fit the recording")
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


def _share_at_min_duration(edges: npt.NDArray[np.float64], min_frames: npt.NDArray[np.int64]) -> float:
    """Returns the share of phones, in [0, 1], that last no longer than their `min_frames`, given [phones, 2] edges."""
    starts, ends = np.rint(edges).T
    return float(np.mean(ends - starts <= min_frames * FRAME_SHIFT))


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
