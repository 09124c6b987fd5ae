"""Long recordings in pieces: cut where the speaker pauses."""

import numpy as np

from shared.audio.samples import SAMPLE_RATE, Samples

PAUSE_SECONDS = 0.2  # shorter silences are closures and brief pauses (Campione & Véronis 2002)


def cut_at_pauses(audio: Samples, max_samples: int, stride: int) -> list[Samples]:
    """Returns float32 [samples] in pieces, in order, of less than `max_samples + stride` samples.

    Cuts between frames of `stride` samples, in the middle of the quietest `PAUSE_SECONDS` in the second half of the
    longest piece possible; of equally quiet ones, the last.
    """
    pause = round(PAUSE_SECONDS * SAMPLE_RATE / stride)
    last_frame = max_samples // stride
    first_frame = last_frame // 2
    pieces = []
    while len(audio) >= max_samples + stride:
        frames = audio[first_frame * stride : last_frame * stride].reshape(-1, stride)
        energy = np.convolve(np.square(frames).mean(axis=1), np.ones(pause), mode="valid")
        quietest = len(energy) - 1 - int(energy[::-1].argmin())
        cut = (first_frame + quietest + pause // 2) * stride
        pieces.append(audio[:cut])
        audio = audio[cut:]
    return [*pieces, audio]
