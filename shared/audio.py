"""A recording from where it lies to samples: fetched, decoded, mono, 16 kHz, within limits all the way."""

import base64
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import librosa
import numpy as np
import numpy.typing as npt
import soundfile

from shared.download import download, too_large
from shared.errors import AudioForbiddenError, AudioTooLongError, AudioUndecodableError, AudioUnreachableError
from shared.runpod_sdk import local_files_allowed

SAMPLE_RATE = 16_000

Samples = npt.NDArray[np.float32]
"""Mono audio at `SAMPLE_RATE`: float32 [samples] in [-1, 1]."""

BLOCK_SAMPLES = 1 << 14
MIN_RATE, MAX_RATE = 4_000, 384_000  # what recorders write; others are damage or an attack
MAX_CHANNELS = 32

# A file is what its first bytes say. FFmpeg is told which container it opens, so that no playlist or script can make
# it open anything else; libsndfile gets no other than these, of the twenty formats that it would read.
MATROSKA = b"\x1a\x45\xdf\xa3"
MP4_BRAND = b"ftyp"
SOUNDFILE = (b"RIFF", b"fLaC", b"OggS", b"ID3", *(bytes((0xFF, layer)) for layer in range(0xE0, 0x100)))

Block = npt.NDArray[np.float32]


@dataclass(frozen=True)
class AudioLimits:
    """How much of a recording is read: bytes as it lies, seconds as it sounds, seconds to fetch it."""

    max_bytes: int = 10 * 1024 * 1024
    max_seconds: float = 60.0
    download_timeout_seconds: float = 20.0


DEFAULT_LIMITS = AudioLimits()


def load_audio(uri: str, limits: AudioLimits = DEFAULT_LIMITS) -> Samples:
    """Returns the recording at a URI as float32 [samples], mono, 16 kHz, in [-1, 1].

    `https:` and `http:` are fetched from public servers, `data:` is base64, anything else is a local path, forbidden
    where other machines may send requests. Raises AudioUnreachableError, AudioForbiddenError, AudioTooLargeError,
    AudioTooLongError or AudioUndecodableError.
    """
    return decode_audio(_fetch(uri, limits), limits)


def decode_audio(data: bytes, limits: AudioLimits = DEFAULT_LIMITS) -> Samples:
    """Returns the recording in a file's bytes, as `load_audio` does.

    libsndfile reads WAV, FLAC, MP3 and OGG; FFmpeg reads WebM and MP4. Raises AudioTooLongError as soon as that many
    seconds are decoded, or AudioUndecodableError.
    """
    rate, blocks = _open(data)
    if not MIN_RATE <= rate <= MAX_RATE:
        raise AudioUndecodableError(f"the sample rate is {rate} Hz; send {MIN_RATE} to {MAX_RATE} Hz")
    decoded = list(_up_to(limits.max_seconds, rate, blocks))
    samples = np.concatenate(decoded) if decoded else np.zeros(0, dtype=np.float32)
    if not len(samples):
        raise AudioUndecodableError("the recording holds no samples")
    if not np.isfinite(samples).all():
        raise AudioUndecodableError("the recording holds samples that are not numbers")
    if rate != SAMPLE_RATE:
        samples = librosa.resample(samples, orig_sr=rate, target_sr=SAMPLE_RATE, res_type="soxr_hq")
    return np.clip(samples, -1.0, 1.0).astype(np.float32, copy=False)


def _fetch(uri: str, limits: AudioLimits) -> bytes:
    scheme, colon, _ = uri.partition(":")
    scheme = scheme.lower() if colon else ""
    if scheme in ("http", "https"):
        return download(uri, limits.max_bytes, limits.download_timeout_seconds)
    if scheme == "data":
        return _read_data_uri(uri, limits.max_bytes)
    if "://" in uri or not local_files_allowed():
        raise AudioForbiddenError("recordings are not read from there; send an https: URL, or the bytes as data:")
    return _read_file(Path(uri), limits.max_bytes)


def _read_data_uri(uri: str, max_bytes: int) -> bytes:
    header, _, payload = uri.partition(",")
    if not header.endswith(";base64"):
        raise AudioUndecodableError("a data: URI has to be base64: data:audio/wav;base64,…")
    if len(payload) // 4 * 3 > max_bytes + 3:
        raise too_large(max_bytes)
    try:
        data = base64.b64decode(payload, validate=True)
    except ValueError as error:
        raise AudioUndecodableError("the data: URI is not valid base64") from error
    if len(data) > max_bytes:
        raise too_large(max_bytes)
    return data


def _read_file(path: Path, max_bytes: int) -> bytes:
    try:
        if not path.is_file():
            raise AudioUnreachableError("there is no such file here")
        if path.stat().st_size > max_bytes:
            raise too_large(max_bytes)
        return path.read_bytes()
    except (OSError, ValueError) as error:
        raise AudioUnreachableError("the file can't be read") from error


def _open(data: bytes) -> tuple[int, Iterator[Block]]:
    """Returns the sample rate of an audio file and its samples, mono, block by block."""
    if data.startswith(MATROSKA):
        return _open_container(data, "matroska")
    if data[4:8] == MP4_BRAND:
        return _open_container(data, "mp4")
    if not data.startswith(SOUNDFILE):
        raise _undecodable()
    try:
        file = soundfile.SoundFile(io.BytesIO(data))
    except soundfile.SoundFileError as error:
        raise _undecodable() from error
    return file.samplerate, _soundfile_blocks(file)


def _soundfile_blocks(file: soundfile.SoundFile) -> Iterator[Block]:
    _check_channels(file.channels)
    try:
        with file:
            while len(block := file.read(BLOCK_SAMPLES, dtype="float32", always_2d=True)):
                yield block.mean(axis=1)
    except soundfile.SoundFileError as error:
        raise _undecodable() from error


def _open_container(data: bytes, container_format: str) -> tuple[int, Iterator[Block]]:
    try:
        container = av.open(io.BytesIO(data), "r", format=container_format, metadata_errors="ignore")
        if not container.streams.audio:
            raise AudioUndecodableError("the recording holds no audio")
        stream = container.streams.audio[0]
        if not stream.codec_context:  # of no codec that FFmpeg knows
            raise _undecodable()
        return stream.rate, _container_blocks(container)
    except av.FFmpegError as error:
        raise _undecodable() from error


def _container_blocks(container: av.container.InputContainer) -> Iterator[Block]:
    to_float = av.AudioResampler(format="fltp")
    try:
        with container:
            for frame in container.decode(audio=0):
                for converted in to_float.resample(frame):
                    block = converted.to_ndarray()
                    _check_channels(len(block))
                    yield block.mean(axis=0)
    except av.FFmpegError as error:
        raise _undecodable() from error


def _check_channels(channels: int) -> None:
    if channels > MAX_CHANNELS:
        raise AudioUndecodableError(f"the recording has {channels} channels; send one or two")


def _up_to(max_seconds: float, rate: int, blocks: Iterable[Block]) -> Iterator[Block]:
    """Yields blocks. Raises AudioTooLongError at the first past so many seconds, before the next is decoded."""
    samples = 0
    for block in blocks:
        samples += len(block)
        if samples > max_seconds * rate:
            raise AudioTooLongError(f"the recording is longer than {max_seconds:g} seconds; send a shorter one")
        yield block


def _undecodable() -> AudioUndecodableError:
    return AudioUndecodableError("the recording is no audio that can be read; send WAV, FLAC, MP3, OGG, WebM or MP4")
