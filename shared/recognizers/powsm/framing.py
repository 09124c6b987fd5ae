"""Recordings as a POWSM checkpoint takes them: in frames, and in padded pieces of one length."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from shared.audio import Samples

# A long recording is cut in the middle of the quietest stretch of so many seconds.
PAUSE_SECONDS = 0.2


@dataclass(frozen=True)
class Framing:
    """The samples of a frame, and those of the longest piece that the model takes."""

    sample_rate: int
    stride: int
    max_samples: int

    @classmethod
    def read(cls, conf: Mapping[str, Any]) -> "Framing":
        """Returns the framing of ESPnet's `preprocessor_conf`."""
        rate = conf["fs"]
        return cls(rate, round(conf["speech_resolution"] * rate), round(conf["speech_length"] * rate))

    @property
    def max_seconds(self) -> int:
        """The seconds of the longest piece."""
        return self.max_samples // self.sample_rate

    def num_frames(self, num_samples: int) -> int:
        """Returns the frames that so many samples fill, the last perhaps in part."""
        return -(-num_samples // self.stride)

    def is_one_piece(self, audio: Samples) -> bool:
        """Whether a recording needs no cut. Less than a frame above the longest piece is ignored."""
        return len(audio) < self.max_samples + self.stride

    def split(self, audio: Samples) -> list[Samples]:
        """Returns float32 [samples] in pieces, in order, each of which `is_one_piece`.

        Cuts between frames, in the middle of the quietest pause in the second half of the longest piece possible; of
        equally quiet ones, the last.
        """
        pause = round(PAUSE_SECONDS * self.sample_rate / self.stride)
        last_frame = self.max_samples // self.stride
        first_frame = last_frame // 2
        pieces = []
        while not self.is_one_piece(audio):
            frames = audio[first_frame * self.stride : last_frame * self.stride].reshape(-1, self.stride)
            energy = np.convolve(np.square(frames).mean(axis=1), np.ones(pause), mode="valid")
            quietest = len(energy) - 1 - int(energy[::-1].argmin())
            cut = (first_frame + quietest + pause // 2) * self.stride
            pieces.append(audio[:cut])
            audio = audio[cut:]
        return [*pieces, audio]

    def pad(self, pieces: Sequence[Samples]) -> Samples:
        """Returns pieces as float32 [pieces, samples], padded with silence to the longest piece, as in training."""
        padded = np.zeros((len(pieces), self.max_samples), dtype=np.float32)
        for row, piece in zip(padded, pieces, strict=True):
            row[: len(piece)] = piece[: self.max_samples]
        return padded
