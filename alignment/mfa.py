"""Phones in time by a Montreal Forced Aligner acoustic model, in process and in memory."""

import functools
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np

from alignment.mfa_runtimes import AcousticModel, Place, load_runtime
from alignment.phone_set import LabelSpan, PhoneSet
from alignment.timing import PhoneInterval, divide, map_errors_to_timestamps, within
from shared.audio import SAMPLE_RATE, Samples
from shared.errors import AlignmentFailedError, ModelUnavailableError

__all__ = ["MfaAligner", "PhoneInterval", "align_phonemes", "map_errors_to_timestamps"]

BUNDLED_MODEL = Path(__file__).parent / "models" / "mfa_english_so762.zip"

FRAME_SHIFT = SAMPLE_RATE // 100  # the least that a phone can last
# Where the phones are not those of the recording, the beam finds no path, or one that hurries through most of them,
# a frame for each of three states. Of the right phones at most 36 % are that short, of those of another sentence 50 %
# and more, where they fit at all (five clips).
MIN_DURATION = 3 * FRAME_SHIFT
MAX_SHARE_AT_MIN_DURATION = 0.45

# Noise of one step of a 16-bit recording. In exact zeros MFCCs are all alike, and the beam finds no path: a second of
# them before the speech made 20 to 28 of 28 clips fail, and with this noise none.
DITHER = 1 / 2**15


class MfaAligner:
    """An acoustic model, loaded once, that places the phones of any notation in recordings."""

    def __init__(self, model: str | Path = "", runtime: Literal["auto", "kalpy", "viter"] = "auto") -> None:
        """Loads a model: a zip, the name of one that `mfa model download` keeps, or nothing for the bundled one.

        Raises ModelUnavailableError.
        """
        acoustic_model = AcousticModel.read(_find_model(model))
        self._phone_set = PhoneSet(acoustic_model.labels)
        self._runtime = load_runtime(acoustic_model, runtime)
        self.name = f"mfa {acoustic_model.path.stem} ({self._runtime.name})"

    def align_phonemes(self, audio: Samples, phonemes: Sequence[str]) -> list[PhoneInterval]:
        """Returns one interval for each phone, in order, in a recording of float32 [samples] at 16 kHz.

        Raises AlignmentFailedError where the recording is silent, too short, or unlike its phones.
        """
        result = self.align_many([(audio, phonemes)])[0]
        if isinstance(result, AlignmentFailedError):
            raise result
        return result

    def align_many(
        self, utterances: Sequence[tuple[Samples, Sequence[str]]]
    ) -> list[list[PhoneInterval] | AlignmentFailedError]:
        """Returns the intervals of many recordings, an error in place of those that `align_phonemes` would raise."""
        spellings = [self._phone_set.label_spans(phonemes) for _, phonemes in utterances]
        results: list[list[PhoneInterval] | AlignmentFailedError] = [
            _check_alignable(audio, spelling) or [] for (audio, _), spelling in zip(utterances, spellings, strict=True)
        ]
        possible = [k for k, s in enumerate(spellings) if s and not isinstance(results[k], AlignmentFailedError)]
        found = self._runtime.align([(_dithered(utterances[k][0]), [s.label for s in spellings[k]]) for k in possible])
        for k, places in zip(possible, found, strict=True):
            results[k] = _intervals(spellings[k], places, len(utterances[k][0]))
        return results


def _dithered(audio: Samples) -> Samples:
    """Returns float32 [samples] with noise of `DITHER`, the same each time."""
    return audio + np.random.default_rng(0).uniform(-DITHER, DITHER, len(audio)).astype(np.float32)


def _check_alignable(audio: Samples, spellings: Sequence[LabelSpan]) -> AlignmentFailedError | None:
    """Returns why a recording can't hold its phones, for what the runtimes crash on or make something up for."""
    if len(audio) < FRAME_SHIFT * len(spellings):
        return AlignmentFailedError(f"{len(audio)} samples are too few for {len(spellings)} phones")
    if not np.isfinite(audio).all() or not audio.any():
        return AlignmentFailedError("the recording is silent")
    return None


def _intervals(
    spellings: Sequence[LabelSpan], places: Sequence[Place] | None, num_samples: int
) -> list[PhoneInterval] | AlignmentFailedError:
    if places is None:
        return AlignmentFailedError("the phones do not fit the recording")
    cuts = np.rint([(place.start * SAMPLE_RATE, place.end * SAMPLE_RATE) for place in places]).astype(int)
    if np.mean(cuts[:, 1] - cuts[:, 0] <= MIN_DURATION) > MAX_SHARE_AT_MIN_DURATION:
        return AlignmentFailedError("the phones do not fit the recording")
    intervals: list[PhoneInterval] = []
    for spelling, (start, end) in zip(spellings, cuts.tolist(), strict=True):
        intervals += divide(PhoneInterval(spelling.label, start, end), spelling.phones)
    return within(intervals, num_samples)


def _find_model(model: str | Path) -> Path:
    """Returns the zip that a setting names. Raises ModelUnavailableError, naming where it was looked for."""
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
