"""Recordings in every format that is read, made by real encoders."""

import io

import av
import librosa
import numpy as np
import soundfile

from shared.audio import SAMPLE_RATE, Samples

FORMATS = {
    "wav": ("WAV", "PCM_16", SAMPLE_RATE),
    "flac": ("FLAC", "PCM_16", SAMPLE_RATE),
    "mp3": ("MP3", "MPEG_LAYER_III", SAMPLE_RATE),
    "vorbis": ("OGG", "VORBIS", SAMPLE_RATE),
    "opus": ("OGG", "OPUS", SAMPLE_RATE),
    "webm": ("webm", "libopus", 48_000),
    "mp4": ("mp4", "aac", 48_000),
}
"""Container, encoding and sample rate: the last two are what browsers record."""
BROWSER_FORMATS = ("webm", "mp4")


def encode(audio: Samples, name: str) -> bytes:
    """Returns a recording in one of the `FORMATS`."""
    return browser_bytes(audio, *FORMATS[name]) if name in BROWSER_FORMATS else soundfile_bytes(audio, *FORMATS[name])


def soundfile_bytes(audio: Samples, container: str, encoding: str, rate: int, channels: int = 1) -> bytes:
    """Returns a recording as libsndfile writes it."""
    samples = librosa.resample(audio, orig_sr=SAMPLE_RATE, target_sr=rate)
    file = io.BytesIO()
    soundfile.write(file, np.stack([samples] * channels, axis=1), rate, format=container, subtype=encoding)
    return file.getvalue()


def browser_bytes(audio: Samples, container: str, codec: str, rate: int) -> bytes:
    """Returns a recording as a browser's MediaRecorder writes it."""
    samples = librosa.resample(audio, orig_sr=SAMPLE_RATE, target_sr=rate)
    file = io.BytesIO()
    with av.open(file, "w", format=container) as output:
        stream = output.add_stream(codec, rate=rate, layout="mono")
        assert isinstance(stream, av.AudioStream)
        frame = av.AudioFrame.from_ndarray(samples[None], format="flt", layout="mono")
        frame.rate, frame.pts = rate, 0
        resampler = av.AudioResampler(stream.format.name, "mono", rate, frame_size=stream.frame_size)
        for part in [*resampler.resample(frame), *resampler.resample(None)]:
            output.mux(stream.encode(part))
        output.mux(stream.encode(None))
    return file.getvalue()
