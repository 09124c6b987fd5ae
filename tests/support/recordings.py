"""Recordings in every format that is read, made by real encoders."""

import base64
import io
from collections.abc import Mapping
from fractions import Fraction
from types import MappingProxyType
from typing import NamedTuple

import av
import numpy as np
import numpy.typing as npt
import soundfile
import soxr

from shared.audio import load_audio
from shared.audio.limits import DEFAULT_LIMITS, AudioLimits
from shared.audio.samples import SAMPLE_RATE, Samples


class Format(NamedTuple):
    """A container and a codec, by the names of the library that writes them, and a sample rate in Hz."""

    container: str
    codec: str
    rate: int = SAMPLE_RATE
    options: Mapping[str, str] = MappingProxyType({})


SOUNDFILE_FORMATS = {
    "wav": Format("WAV", "PCM_16"),
    "flac": Format("FLAC", "PCM_16"),
    "mp3": Format("MP3", "MPEG_LAYER_III"),
    "vorbis": Format("OGG", "VORBIS"),
    "opus": Format("OGG", "OPUS"),
}
FFMPEG_FORMATS = {
    "webm": Format("webm", "libopus", 48_000),
    "mp4": Format("mp4", "aac", 48_000),
    "fragmented-mp4": Format("mp4", "aac", 48_000, {"movflags": "frag_keyframe+empty_moov"}),
    "mp3-no-lame": Format("mp3", "libmp3lame", 44_100, {"write_xing": "0", "id3v2_version": "0"}),
    "mp3-in-wav": Format("wav", "libmp3lame", 44_100),
    "adts": Format("adts", "aac", 44_100),
    "amr": Format("amr", "libopencore_amrnb", 8_000),
    "3gp": Format("3gp", "libopencore_amrnb", 8_000),
    "caf": Format("caf", "pcm_s16be", 44_100),
    "caf-alac": Format("caf", "alac", 44_100),
}
FORMATS = SOUNDFILE_FORMATS | FFMPEG_FORMATS


def encode(audio: Samples, name: str) -> bytes:
    """Returns a recording in one of the `FORMATS`."""
    if name in SOUNDFILE_FORMATS:
        return soundfile_bytes(audio, *SOUNDFILE_FORMATS[name][:3])
    return ffmpeg_bytes(FFMPEG_FORMATS[name], audio)


def wav(samples: npt.NDArray[np.floating], rate: int = SAMPLE_RATE) -> bytes:
    """Returns [samples] or [samples, channels] as WAV, exactly."""
    file = io.BytesIO()
    soundfile.write(file, samples, rate, format="WAV", subtype="FLOAT")
    return file.getvalue()


def soundfile_bytes(audio: Samples, container: str, encoding: str, rate: int, channels: int = 1) -> bytes:
    """Returns a recording as libsndfile writes it."""
    samples = soxr.resample(audio, SAMPLE_RATE, rate)
    file = io.BytesIO()
    soundfile.write(file, np.stack([samples] * channels, axis=1), rate, format=container, subtype=encoding)
    return file.getvalue()


def ffmpeg_bytes(form: Format, *streams: Samples, start: float = 0.0) -> bytes:
    """Returns audio streams in a file as FFmpeg writes it, their first timestamp at `start` seconds."""
    file = io.BytesIO()
    with av.open(file, "w", format=form.container, options=dict(form.options)) as output:
        encoders = [output.add_stream(form.codec, rate=form.rate, layout="mono") for _ in streams]
        for encoder, audio in zip(encoders, streams, strict=True):
            assert isinstance(encoder, av.AudioStream)
            samples = soxr.resample(audio, SAMPLE_RATE, form.rate)
            frame = av.AudioFrame.from_ndarray(samples[None], format="flt", layout="mono")
            frame.rate, frame.pts, frame.time_base = form.rate, round(start * form.rate), Fraction(1, form.rate)
            frame_size = encoder.frame_size or len(samples)
            resampler = av.AudioResampler(encoder.format.name, "mono", form.rate, frame_size=frame_size)
            for part in [*resampler.resample(frame), *resampler.resample(None)]:
                output.mux(encoder.encode(part))
            output.mux(encoder.encode(None))
    return file.getvalue()


def shift(decoded: Samples, original: Samples) -> int:
    """Returns how many samples later speech is in a decoded recording, where the two are most alike."""
    length = len(decoded) + len(original)
    correlation = np.fft.irfft(np.fft.rfft(decoded, length) * np.conj(np.fft.rfft(original, length)), length)
    return (int(np.abs(correlation).argmax()) + len(original)) % length - len(original)


def decode_audio(recording: bytes, limits: AudioLimits = DEFAULT_LIMITS) -> Samples:
    """Returns what a recording's bytes are decoded to, as float32 [samples]. Raises as `load_audio`."""
    return load_audio("data:;base64," + base64.b64encode(recording).decode(), limits)
