"""A recording as pages and figures show it: sound, waveform, spectrogram, pitch."""

import base64
import io
import math

import numpy as np
import numpy.typing as npt
import parselmouth
import soundfile
from PIL import Image
from scipy.signal import ShortTimeFFT, lfilter
from scipy.signal.windows import hann

from shared.audio.samples import SAMPLE_RATE, Samples

# Praat's way to show speech: windows of 10 ms, short enough to show single glottal pulses, high frequencies raised
# by 6 dB an octave, and 50 dB from white to black.
WINDOW, HOP, FFT = SAMPLE_RATE // 100, SAMPLE_RATE // 200, 256
RANGE_DB = 50
PRE_EMPHASIS = 0.97
MIN_POWER = 1e-10  # in place of 0, so that its logarithm is finite
WAVEFORM_COLUMNS = 800
MIN_PITCH, MAX_PITCH, PITCH_STEP = 75.0, 500.0, SAMPLE_RATE // 100  # hertz, hertz, samples
MIN_RANGE = 2**0.5  # half an octave, so that a monotone voice looks like one

Pitches = list[tuple[int, float]]
"""The samples of voiced frames, and their pitch in hertz."""

Ink = npt.NDArray[np.uint8]


def flac(audio: Samples) -> str:
    """Returns a recording as a `data:` URI, 16 bits a sample, without loss."""
    file = io.BytesIO()
    soundfile.write(file, audio, SAMPLE_RATE, format="FLAC", subtype="PCM_16")
    return _data_uri("audio/flac", file)


def waveform(audio: Samples, loudest: float) -> str:
    """Returns an SVG path around the least and the greatest sample of each column.

    Its box is 0 to the number of samples by -1 to 1; `loudest` is the amplitude that fills it.
    """
    columns = np.array_split(audio / (loudest or 1), min(WAVEFORM_COLUMNS, len(audio)))
    x = np.linspace(0, len(audio), len(columns))
    # In SVG, y grows downwards.
    upper = [f"{at:.0f},{-column.max():.3f}" for at, column in zip(x, columns, strict=True)]
    lower = [f"{at:.0f},{-column.min():.3f}" for at, column in zip(x, columns, strict=True)]
    return f"M{' '.join(upper + lower[::-1])}Z"


def spectrogram(audio: Samples) -> Ink:
    """Returns how dark each frequency [129, frames] is, from 8 kHz down to 0, of frames `HOP` samples apart."""
    raised = lfilter([1, -PRE_EMPHASIS], [1], audio)
    power = ShortTimeFFT(hann(WINDOW, sym=False), HOP, SAMPLE_RATE, mfft=FFT).spectrogram(
        raised, p0=0, p1=len(audio) // HOP + 1
    )
    decibels = 10 * np.log10(np.maximum(power, MIN_POWER) / max(power.max(), MIN_POWER))
    ink: Ink = np.rint((decibels[::-1].clip(-RANGE_DB, 0) / RANGE_DB + 1) * 255).astype(np.uint8)
    return ink


def pitch(audio: Samples) -> Pitches:
    """Returns the samples of the voiced frames of a recording, and their pitch in hertz, by Praat's method.

    Boersma (1993), "Accurate short-term analysis of the fundamental frequency and the harmonics-to-noise ratio of a
    sampled sound". There is none in a recording of less than three of the longest periods.
    """
    if len(audio) <= 3 * SAMPLE_RATE / MIN_PITCH:
        return []
    found = parselmouth.Sound(audio.astype(np.float64), SAMPLE_RATE).to_pitch_ac(
        time_step=PITCH_STEP / SAMPLE_RATE, pitch_floor=MIN_PITCH, pitch_ceiling=MAX_PITCH
    )
    frames = zip(found.xs(), found.selected_array["frequency"], strict=True)
    return [(round(seconds * SAMPLE_RATE), float(hertz)) for seconds, hertz in frames if hertz > 0]


def pitch_range(pitches: Pitches) -> tuple[float, float]:
    """Returns the range of a voice in hertz: all but a twentieth at either end, at least `MIN_RANGE` wide.

    >>> pitch_range([(0, 100.0), (160, 200.0)]), [round(hertz) for hertz in pitch_range([(0, 100.0)])]
    ((105.0, 195.0), [84, 119])
    """
    low, high = np.percentile([hertz for _, hertz in pitches] or [MIN_PITCH, MAX_PITCH], [5, 95])
    wider = max(1.0, math.sqrt(MIN_RANGE * low / high))
    return float(low / wider), float(high * wider)


def contour(pitches: Pitches, start: int, end: int) -> str:
    """Returns an SVG path of the pitch from sample `start` to `end`, a line for each run of voiced frames.

    Its box is 0 to the number of samples by 0, for the top of the voice's range, to 1: octaves are of one height.

    >>> contour([(160, 200.0), (320, 100.0), (1600, 50.0), (4000, 50.0)], 0, 3200)
    'M160,0.000L320,0.470M1600,1.000'
    """
    low, high = pitch_range(pitches)
    path, previous = "", -math.inf
    for sample, hertz in pitches:
        if start <= sample < end:
            y = min(max(math.log(high / hertz) / math.log(high / low), 0.0), 1.0)
            path += f"{'L' if sample - previous <= PITCH_STEP else 'M'}{sample - start},{y:.3f}"
            previous = sample
    return path


def png(ink: Ink, start: int, end: int) -> str:
    """Returns the samples `start` to `end` of a spectrogram as a `data:` URI, black on white."""
    file = io.BytesIO()
    Image.fromarray(255 - ink[:, start // HOP : end // HOP + 1]).save(file, "PNG", optimize=True)
    return _data_uri("image/png", file)


def _data_uri(media_type: str, file: io.BytesIO) -> str:
    return f"data:{media_type};base64,{base64.b64encode(file.getvalue()).decode()}"
