"""A recording as pages and figures show it: sound, waveform, spectrogram."""

import base64
import io

import numpy as np
import numpy.typing as npt
import soundfile
from PIL import Image
from scipy.signal import ShortTimeFFT, lfilter
from scipy.signal.windows import hann

from shared.audio import SAMPLE_RATE, Samples

# Praat's way to show speech: windows of 10 ms, short enough to show single glottal pulses, high frequencies raised
# by 6 dB an octave, and 50 dB from white to black.
WINDOW, HOP, FFT = SAMPLE_RATE // 100, SAMPLE_RATE // 200, 256
RANGE_DB = 50
PRE_EMPHASIS = 0.97
MIN_POWER = 1e-10  # in place of 0, so that its logarithm is finite
WAVEFORM_COLUMNS = 800

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


def png(ink: Ink, start: int, end: int) -> str:
    """Returns the samples `start` to `end` of a spectrogram as a `data:` URI, black on white."""
    file = io.BytesIO()
    Image.fromarray(255 - ink[:, start // HOP : end // HOP + 1]).save(file, "PNG", optimize=True)
    return _data_uri("image/png", file)


def _data_uri(media_type: str, file: io.BytesIO) -> str:
    return f"data:{media_type};base64,{base64.b64encode(file.getvalue()).decode()}"
