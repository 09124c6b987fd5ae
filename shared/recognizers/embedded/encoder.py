"""Moonshine Tiny's encoder (Jeffries et al. 2024, arXiv 2410.15608), as the wheel of `moonshine-voice` brings it."""

from importlib.metadata import PackageNotFoundError, files
from pathlib import Path

import numpy as np
import numpy.typing as npt

from shared.audio.samples import Samples
from shared.errors import ModelUnavailableError
from shared.onnx_model import load_session

PACKAGE = "moonshine-voice"
ENCODER = "assets/tiny-en/encoder_model.ort"

# The convolutions before the transformer: one frame for ENCODER_STRIDE samples, each from RECEPTIVE_FIELD samples.
ENCODER_STRIDE = 64 * 3 * 2
RECEPTIVE_FIELD = 127 + 64 * (7 - 1) + 64 * 3 * (3 - 1)

# The root mean square that speech is brought to, over the blocks of LEVEL_BLOCK samples with at least LOUD_SHARE of
# the recording's mean energy: pauses and noise between words change no level. Any share from 0.02 to 0.5 names as many
# errors in native prompts (2.1 to 2.4 per 100 phones).
ENCODER_RMS = 0.06
LEVEL_BLOCK = 320
LOUD_SHARE = 0.1
# Samples are rounded to multiples of it, 46 dB below speech: a quantised encoder turns a rounding error in the last bit
# into other phones, and a recording at another level has other rounding errors.
LEVEL_STEP = 2.0**-10

Features = npt.NDArray[np.float32]
"""The encoder's output: float32 [frames, 288]."""


class Encoder:
    """Turns a recording into features, one frame every ENCODER_STRIDE samples."""

    def __init__(self) -> None:
        """Loads the encoder. Raises ModelUnavailableError."""
        self._session = load_session(find_encoder())

    def __call__(self, audio: Samples) -> Features:
        """Returns the features [ceil(samples / ENCODER_STRIDE), 288] of float32 [samples] at any level."""
        frames = -(-len(audio) // ENCODER_STRIDE)
        padded = np.zeros((1, (frames - 1) * ENCODER_STRIDE + RECEPTIVE_FIELD), dtype=np.float32)
        padded[0, : len(audio)] = normalize_level(audio)
        feeds = {"input_values": padded, "attention_mask": np.ones(padded.shape, dtype=np.int64)}
        features: Features = self._session.run(None, feeds)[0][0]
        return features


def find_encoder() -> Path:
    """Returns the encoder's file in the installed package, which isn't imported. Raises ModelUnavailableError."""
    try:
        found = [file.locate() for file in files(PACKAGE) or [] if file.as_posix().endswith(ENCODER)]
    except PackageNotFoundError as error:
        raise ModelUnavailableError(f"the embedded engine needs the package {PACKAGE} installed") from error
    if not found or not Path(str(found[0])).is_file():
        raise ModelUnavailableError(f"the installed package {PACKAGE} has no {ENCODER}; install the pinned version")
    return Path(str(found[0]))


def normalize_level(audio: Samples) -> Samples:
    """Returns float32 [samples] with its speech at ENCODER_RMS, in multiples of LEVEL_STEP; silence stays as it is."""
    blocks = np.pad(audio, (0, -len(audio) % LEVEL_BLOCK)).reshape(-1, LEVEL_BLOCK).astype(np.float64)
    energy = np.square(blocks).mean(axis=1)
    if not energy.any():
        return audio
    loud = energy[energy >= LOUD_SHARE * energy.mean()].mean()
    steps = audio.astype(np.float64) * (ENCODER_RMS / np.sqrt(loud) / LEVEL_STEP)
    leveled: Samples = (np.rint(steps) * LEVEL_STEP).astype(np.float32)
    return leveled
