"""A recording from where it lies to samples: fetched, decoded, mono, 16 kHz, within limits all the way."""

import base64
import math
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import unquote_to_bytes

import numpy as np
import soxr

from shared.audio.containers import Block, Stream, decode_stream
from shared.audio.download import download, too_large
from shared.audio.limits import DEFAULT_LIMITS, OWN_SOURCES, AudioLimits, AudioSources
from shared.audio.samples import SAMPLE_RATE, Samples
from shared.errors import AudioForbiddenError, AudioUndecodableError, AudioUnreachableError

BASE64_MARK = re.compile(r";\s*base64\s*(,|%2C)", re.IGNORECASE)
MAX_HEADER = 1_000  # characters of a data: URI before its base64
MIN_BARE_BASE64 = 1_000  # characters; no recording has fewer
FROM_URL_ALPHABET = bytes.maketrans(b"-_", b"+/")
LINE_BREAKS = b"\t\r\n\v\f"
JOINED_LINES = re.compile(rb"(\S{76} )+\S{1,76}|(\S{64} )+\S{1,64}")  # MIME's and PEM's, by a space for each line break
WEB_PAGE = re.compile(rb"(\xef\xbb\xbf)?\s*<")  # no audio file begins so

# The mean of the channels loses what is out of phase: of two inverted microphones everything. Where it has less than
# this share of the energy of the strongest channel, that one is taken instead.
MIN_MEAN_ENERGY = 0.1

# Floats can be beyond full scale, up to that of the integers of 32 bits that some programs write as floats. What is so
# many times, 20 dB, as much as 99.9 % of the magnitudes is no sound: a damaged sample of 1e34 would leave none of it.
MAX_FULL_SCALE = 2.0**31
MAX_CREST, CREST_QUANTILE = 10, 0.999


def load_audio(uri: str, limits: AudioLimits = DEFAULT_LIMITS, sources: AudioSources = OWN_SOURCES) -> Samples:
    """Returns the recording at a URI as float32 [samples], mono, 16 kHz, in [-1, 1]: its first stream.

    `https:` and `http:` are fetched from public servers, `data:` is base64, anything else is a local path; whitespace
    around it is no part of it. `sources` may forbid or allow more. Sample points are those of the file's own timeline.
    Raises AudioUnreachableError, AudioForbiddenError, AudioTooLargeError, AudioTooLongError or AudioUndecodableError.
    """
    return next(load_streams(uri, limits, sources))


def load_streams(uri: str, limits: AudioLimits, sources: AudioSources) -> Iterator[Samples]:
    """Yields every audio stream of the recording at a URI, decoded when asked for. Raises as `load_audio`."""
    data = _fetch(uri, limits, sources)
    if WEB_PAGE.match(data):
        raise AudioUndecodableError("that looks like a web page; send the URL of the recording itself, open to all")
    first = decode_stream(data, 0, limits.max_seconds)
    yield _decode(data, 0, limits.max_seconds, first)
    for index in range(1, first.num_streams):
        yield _decode(data, index, limits.max_seconds, decode_stream(data, index, limits.max_seconds))


def _decode(data: bytes, index: int, max_seconds: float, stream: Stream) -> Samples:
    samples, channel = _mix(stream.blocks)
    if channel is not None:  # once more: all channels in memory may be a gigabyte
        samples = np.concatenate([block[channel] for block in decode_stream(data, index, max_seconds).blocks])
    samples = _within_full_scale(samples)
    if stream.rate != SAMPLE_RATE:
        samples = soxr.resample(samples, stream.rate, SAMPLE_RATE, quality="HQ")
    return np.clip(samples, -1.0, 1.0).astype(np.float32, copy=False)


def _within_full_scale(samples: Samples) -> Samples:
    """Returns float32 [samples] divided by the power of 2 that brings them into [-1, 1]: that rounds none."""
    magnitudes = np.abs(samples)
    if magnitudes.max() <= 1:
        return samples
    crest = MAX_CREST * np.quantile(magnitudes.astype(np.float64), CREST_QUANTILE)
    peak = min(magnitudes.max(), crest, MAX_FULL_SCALE)
    scaled: Samples = np.clip(samples * np.float32(0.5 ** math.ceil(math.log2(max(1, peak)))), -1, 1)
    return scaled


def _mix(blocks: Iterable[Block]) -> tuple[Samples, int | None]:
    """Returns the mean of the channels, float32 [samples], and the channel to take instead, if the mean is too weak.

    Energy is counted without DC. Raises AudioUndecodableError.
    """
    means: list[Samples] = []
    total = squares = np.zeros(1)  # of the mean and of each channel
    for block in blocks:
        means.append(block.mean(axis=0))
        signals = np.vstack([means[-1], block]).astype(np.float64)
        total, squares = total + signals.sum(axis=1), squares + np.square(signals).sum(axis=1)
    mean = np.concatenate(means) if means else np.zeros(0, dtype=np.float32)
    if not len(mean):
        raise AudioUndecodableError("the recording holds no samples")
    if not np.isfinite(total).all():
        raise AudioUndecodableError("the recording holds samples that are not numbers")
    of_mean, *of_channels = squares - total**2 / len(mean)
    strongest = int(np.argmax(of_channels))
    return mean, strongest if of_mean < MIN_MEAN_ENERGY * of_channels[strongest] else None


def _fetch(uri: str, limits: AudioLimits, sources: AudioSources) -> bytes:
    uri = uri.strip()
    scheme, colon, _ = uri.partition(":")
    scheme = scheme.lower() if colon else ""
    if scheme in ("http", "https"):
        return download(uri, limits.max_bytes, limits.download_timeout_seconds, sources)
    if scheme == "data":
        return _read_data_uri(uri, limits.max_bytes)
    if _is_bare_base64(uri):
        raise AudioUndecodableError("that is base64 alone; put data:audio/wav;base64, before it, with its own format")
    if "://" in uri or not sources.local_files:
        raise AudioForbiddenError("recordings are not read from there; send an https: URL, or the bytes as data:")
    return _read_file(Path(uri), limits.max_bytes)


def _read_data_uri(uri: str, max_bytes: int) -> bytes:
    mark = BASE64_MARK.search(uri, 0, MAX_HEADER)
    if not mark:
        raise AudioUndecodableError("a data: URI has to be base64: data:audio/wav;base64,…")
    if len(uri) - mark.end() > 4 * max_bytes + MAX_HEADER:  # percent-encoded, a byte of base64 has three characters
        raise too_large(max_bytes)
    data = decode_base64(uri[mark.end() :])
    if len(data) > max_bytes:
        raise too_large(max_bytes)
    return data


def decode_base64(text: str) -> bytes:
    """Returns the bytes of base64 as encoders write it: in lines, without padding, for URLs, percent-encoded.

    A form's encoding turns each `+` into a space, which is undone; the length, with its padding, shows whether a space
    was anything else. Raises AudioUndecodableError.

    >>> decode_base64("_-8"), decode_base64("/+\\n8="), decode_base64("%2F%2B8%3D"), decode_base64("/ 8=")
    (b'\\xff\\xef', b'\\xff\\xef', b'\\xff\\xef', b'\\xff\\xef')
    """
    symbols = unquote_to_bytes(text.strip()).translate(FROM_URL_ALPHABET, LINE_BREAKS)
    if JOINED_LINES.fullmatch(symbols):
        symbols = symbols.replace(b" ", b"")
    padding = b"" if b" " in symbols else b"=" * (-len(symbols) % 4)
    try:
        return base64.b64decode(symbols.replace(b" ", b"+") + padding, validate=True)
    except ValueError as error:
        raise AudioUndecodableError("the base64 of the data: URI is damaged; send all of it, unchanged") from error


def _is_bare_base64(text: str) -> bool:
    """Returns whether a text is a recording in base64 without `data:` before it: no path is so long without a dot."""
    try:
        return len(text) >= MIN_BARE_BASE64 and decode_base64(text) != b""
    except AudioUndecodableError:
        return False


def _read_file(path: Path, max_bytes: int) -> bytes:
    try:
        if not path.is_file():
            raise AudioUnreachableError("there is no such file here")
        if path.stat().st_size > max_bytes:
            raise too_large(max_bytes)
        return path.read_bytes()
    except (OSError, ValueError) as error:
        raise AudioUnreachableError("the file can't be read") from error
