"""Recordings as another microphone in another room makes them: reverberation, frequency response, noise, clipping."""

import random

import numpy as np
import numpy.typing as npt
from scipy.signal import fftconvolve

from shared.audio.samples import SAMPLE_RATE, Samples

# How often each is applied, and within which limits; decibels, seconds and hertz.
SHARE_REVERBERANT, REVERBERATION_TIME, DIRECT_TO_REVERBERANT = 0.4, (0.1, 0.5), (3.0, 15.0)
SHARE_COLOURED, RESPONSE_NODES, MAX_RESPONSE = 0.7, (50, 200, 700, 2000, 4500, 8000), 10.0
SHARE_NOISY, SIGNAL_TO_NOISE, MAX_SLOPE = 0.6, (10.0, 40.0), 1.0
SHARE_CLIPPED, CLIPPED = 0.3, (3.0, 20.0)
PEAK = 0.7

Floats = npt.NDArray[np.float64]


def through_microphone(audio: Samples, chance: random.Random) -> Samples:
    """Returns float32 [samples] as another microphone records them."""
    recorded = audio.astype(np.float64)
    if chance.random() < SHARE_REVERBERANT:
        recorded = reverberant(recorded, chance)
    if chance.random() < SHARE_COLOURED:
        recorded = coloured(recorded, chance)
    if chance.random() < SHARE_NOISY:
        recorded = noisy(recorded, chance)
    if chance.random() < SHARE_CLIPPED:
        limit = np.abs(recorded).max() * _gain(-chance.uniform(*CLIPPED))
        recorded = recorded.clip(-limit, limit)
    peak = max(float(np.abs(recorded).max()), float(np.finfo(np.float32).tiny))
    result: Samples = (recorded * (PEAK / peak)).astype(np.float32)
    return result


def reverberant(audio: Floats, chance: random.Random) -> Floats:
    """Returns [samples] with exponentially decaying noise as a room's response (Polack 1988)."""
    length = round(chance.uniform(*REVERBERATION_TIME) * SAMPLE_RATE)
    response = _white(length, chance) * 10 ** (-3 * np.arange(length) / length)
    tail = fftconvolve(audio, response / np.sqrt(np.square(response).sum()))[: len(audio)]
    result: Floats = audio + tail * _gain(-chance.uniform(*DIRECT_TO_REVERBERANT))
    return result


def coloured(audio: Floats, chance: random.Random) -> Floats:
    """Returns [samples] through a frequency response that is linear in decibels between a few frequencies."""
    decibels = [chance.uniform(-MAX_RESPONSE, MAX_RESPONSE) for _ in RESPONSE_NODES]
    frequencies = np.log(_frequencies(len(audio)))
    response = _gain(np.interp(frequencies, np.log(RESPONSE_NODES), decibels))
    result: Floats = np.fft.irfft(np.fft.rfft(audio) * response, len(audio))
    return result


def noisy(audio: Floats, chance: random.Random) -> Floats:
    """Returns [samples] with noise from white to brown."""
    slope = chance.uniform(0.0, MAX_SLOPE)
    spectrum = np.fft.rfft(_white(len(audio), chance)) * _frequencies(len(audio)) ** -slope
    noise = np.fft.irfft(spectrum, len(audio))
    level = np.sqrt(np.square(audio).mean() / max(np.square(noise).mean(), np.finfo(np.float64).tiny))
    result: Floats = audio + noise * level * _gain(-chance.uniform(*SIGNAL_TO_NOISE))
    return result


def _white(length: int, chance: random.Random) -> Floats:
    return np.random.default_rng(chance.getrandbits(32)).standard_normal(length)


def _frequencies(length: int) -> Floats:
    return np.fft.rfftfreq(length, 1 / SAMPLE_RATE).clip(RESPONSE_NODES[0])


def _gain(decibels: float | Floats) -> Floats:
    return np.asarray(10 ** (np.asarray(decibels) / 20), dtype=np.float64)
