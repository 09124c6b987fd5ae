"""Recordings as a POWSM checkpoint takes them: in frames, and in padded windows of one length."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from shared.audio.samples import SAMPLE_RATE, Samples
from shared.recognizers.pauses import cut_at_pauses
from shared.recognizers.powsm.compatibility import SUBSAMPLING

CONTEXT_SHARE = 5  # of a window, on each side of what is read in it: 4 s of 20 s, as ESPnet has it


@dataclass(frozen=True)
class Framing:
    """The samples of a frame, and those of the window that the model takes."""

    stride: int
    max_samples: int

    @classmethod
    def from_config(cls, config: Mapping[str, Any], window_seconds: float | None = None) -> "Framing":
        """Returns the framing of a training configuration, in windows of the training's length or another one."""
        seconds = window_seconds or config["preprocessor_conf"]["speech_length"]
        stride = config["frontend_conf"]["hop_length"] * SUBSAMPLING
        return cls(stride, round(seconds * SAMPLE_RATE / stride) * stride)

    @property
    def context(self) -> int:
        """The frames of context on each side of what is read in a window of a longer recording."""
        return self.max_samples // self.stride // CONTEXT_SHARE

    def num_frames(self, num_samples: int) -> int:
        """Returns the frames that so many samples fill, the last perhaps in part."""
        return -(-num_samples // self.stride)

    def is_one_piece(self, audio: Samples) -> bool:
        """Returns whether a recording needs no cut. Ignores less than a frame above the window."""
        return len(audio) < self.max_samples + self.stride

    def split(self, audio: Samples) -> list[Samples]:
        """Returns float32 [samples] in pieces, in order, each of which `is_one_piece`, cut at pauses."""
        return cut_at_pauses(audio, self.max_samples, self.stride)

    def overlap(self, audio: Samples) -> list[Samples]:
        """Returns float32 [samples] in windows, in order, of which each has `context` on both sides of its own part."""
        context = self.context * self.stride
        own = self.max_samples - 2 * context
        extended = np.concatenate([np.zeros(context, np.float32), audio])
        return [extended[start : start + self.max_samples] for start in range(0, len(audio), own)]

    def pad(self, pieces: Sequence[Samples]) -> Samples:
        """Returns pieces as float32 [pieces, samples], padded with silence to the window, as in training."""
        padded = np.zeros((len(pieces), self.max_samples), dtype=np.float32)
        for row, piece in zip(padded, pieces, strict=True):
            row[: len(piece)] = piece[: self.max_samples]
        return padded
