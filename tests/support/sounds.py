"""Synthesized sounds without speech, three seconds each, with a peak of 1."""

import numpy as np
import numpy.typing as npt
from scipy import signal

from shared.audio.samples import SAMPLE_RATE, Samples

SECONDS = 3
LENGTH = SECONDS * SAMPLE_RATE
SCALE = (60, 62, 64, 65, 67, 69, 71, 72, 71, 69, 67, 65)  # MIDI notes
TRIAD = (48, 52, 55)
RESONANCES = ((300, 900), (1200, 2000), (2200, 3200))  # Hz

Sound = npt.NDArray[np.float64]


def time(seconds: float = SECONDS) -> Sound:
    """Returns the time in seconds of each sample."""
    return np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE


def mix(*sounds: Sound) -> Sound:
    """Returns the sum of sounds."""
    mixture: Sound = np.add.reduce(sounds)
    return mixture


def noise(power: float, chance: np.random.Generator) -> Sound:
    """Returns noise whose power falls with the frequency to so many: 0 is white, 1 pink, 2 brown."""
    frequencies = np.maximum(np.fft.rfftfreq(LENGTH, 1 / SAMPLE_RATE), 20)
    spectrum = np.fft.rfft(chance.standard_normal(LENGTH)) * frequencies ** (-power / 2)
    return np.fft.irfft(spectrum, LENGTH).astype(np.float64)


def hum(frequency: float) -> Sound:
    """Returns a mains hum with its overtones."""
    return mix(*(np.sin(2 * np.pi * frequency * k * time()) / k for k in (1, 2, 3, 5, 7)))


def tone(note: float, seconds: float, overtones: int = 8, decay: float = 0.0) -> Sound:
    """Returns a note of an instrument: its overtones, and how fast it dies away."""
    t, frequency = time(seconds), 440 * 2 ** ((note - 69) / 12)
    partials = [k for k in range(1, overtones + 1) if k * frequency < SAMPLE_RATE / 2]
    envelope = np.exp(-decay * t) * np.minimum(1, np.minimum(t / 0.01, (seconds - t) / 0.02))
    sound = mix(*(np.sin(2 * np.pi * k * frequency * t) / k for k in partials))
    return np.asarray(sound * envelope)


def melody(transposed: int, overtones: int, decay: float = 0.0) -> Sound:
    """Returns a scale up and down."""
    return np.concatenate([tone(note + transposed, 0.25, overtones, decay) for note in SCALE])


def chords() -> Sound:
    """Returns four chords."""
    return np.concatenate([mix(*(tone(note + step, 0.75) for note in TRIAD)) for step in (0, 5, 7, 0)])


def pluck(note: float, chance: np.random.Generator) -> Sound:
    """Returns a plucked string of 0.25 s (Karplus and Strong 1983)."""
    period = round(SAMPLE_RATE / (440 * 2 ** ((note - 69) / 12)))
    excitation = np.zeros(SAMPLE_RATE // 4)
    excitation[:period] = chance.uniform(-1, 1, period)
    string: Sound = signal.lfilter([1], [1, *[0] * (period - 1), -0.498, -0.498], excitation)
    return string


def drums(chance: np.random.Generator) -> Sound:
    """Returns a beat of four strokes a second, kick and snare in turn."""
    t = time(0.25)
    kick = np.sin(2 * np.pi * (50 + 100 * np.exp(-30 * t)) * t) * np.exp(-12 * t)
    snare = chance.standard_normal(len(t)) * np.exp(-25 * t)
    return np.tile(np.concatenate([kick, snare]), 2 * SECONDS)


def clicks() -> Sound:
    """Returns eight clicks a second."""
    sound = np.zeros(LENGTH)
    sound[:: SAMPLE_RATE // 8] = 1
    return sound


def breath(chance: np.random.Generator) -> Sound:
    """Returns two breaths: noise through three resonances of an open vocal tract."""
    heard = [signal.lfilter(*signal.butter(1, band, "band", fs=SAMPLE_RATE), noise(0, chance)) for band in RESONANCES]
    waves: Sound = mix(*heard) * np.abs(np.sin(2 * np.pi * time() / SECONDS)) ** 2
    return waves


def keys(chance: np.random.Generator) -> Sound:
    """Returns the strokes of a keyboard, each a burst of noise and a knock."""
    t, sound = time(0.05), np.zeros(LENGTH)
    for start in chance.integers(0, LENGTH - len(t), 12):
        burst = chance.standard_normal(len(t)) + np.sin(2 * np.pi * chance.uniform(100, 2000) * t)
        sound[start : start + len(t)] += burst * np.exp(-chance.uniform(30, 300) * t)
    return sound


def sounds() -> dict[str, Samples]:
    """Returns every sound by its name."""
    chance = np.random.default_rng(0)
    t = time()
    beat, harmony, piano = drums(chance), chords(), melody(0, 8, decay=6)
    made = {
        "silence": np.zeros(LENGTH),
        "DC": np.ones(LENGTH),
        "hum at 50 Hz": hum(50),
        "hum at 60 Hz, and hiss": hum(60) + 0.1 * noise(0, chance),
        "white noise": noise(0, chance),
        "pink noise": noise(1, chance),
        "brown noise": noise(2, chance),
        "noise in waves": noise(1, chance) * (1 + np.sin(2 * np.pi * 4 * t)),
        "tone of 200 Hz": np.sin(2 * np.pi * 200 * t),
        "tone of 1 kHz": np.sin(2 * np.pi * 1000 * t),
        "rising tone": signal.chirp(t, 80, SECONDS, 7000, method="logarithmic"),
        "siren": np.sin(2 * np.pi * np.cumsum(800 + 400 * np.sin(np.pi * t)) / SAMPLE_RATE),
        "dial tone": np.sin(2 * np.pi * 350 * t) + np.sin(2 * np.pi * 440 * t),
        "buzzer": signal.sawtooth(2 * np.pi * 120 * t),
        "clicks": clicks(),
        "chords": harmony,
        "piano": piano,
        "organ": melody(0, 15),
        "flute": melody(12, 2),
        "bass": melody(-24, 12, decay=4),
        "guitar": np.concatenate([pluck(note - 12, chance) for note in SCALE]),
        "drums": beat,
        "band": beat + 0.3 * harmony + 0.3 * piano,
        "breath": breath(chance),
        "keyboard": keys(chance),
        "a click": np.eye(1, LENGTH, LENGTH // 2)[0],
    }
    return {name: (sound / max(np.abs(sound).max(), 1e-9)).astype(np.float32) for name, sound in made.items()}
