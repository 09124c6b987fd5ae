"""Audio files as recorders leave them: decoded by FFmpeg on their own timeline."""

import contextlib
import io
from collections.abc import Iterator
from typing import NamedTuple

import av
import numpy as np
import numpy.typing as npt
from av.container import InputContainer

from shared.errors import AudioTooLongError, AudioUndecodableError

MIN_RATE, MAX_RATE = 4_000, 384_000  # Hz; what recorders write: others are damage or an attack
MAX_CHANNELS = 32
MAX_PACKETS_PER_SECOND = 1_000  # codecs have 400 at most; a file of one sample a packet takes minutes to decode

# What FFmpeg reads of PCM at once, in bytes, and how many of these before it takes PCM for that: by default it decodes
# packets of 4 KB, and reads all of a file to see whether it is compressed after all.
PCM_PACKETS = {"max_size": "16384", "max_probe_packets": "1"}

# FFmpeg opens a file with one of these alone, so that no playlist or script can make it open anything else.
DEMUXERS = ("aac", "amr", "caf", "flac", "matroska", "mov", "mp3", "ogg", "wav")
FULL_SCALE = np.float32(2**-15)  # of samples of 16 bits
TIMESTAMPED = frozenset({"matroska", "mov", "ogg"})  # the samples of others follow one another

DECODERS = frozenset(
    "aac alac amrnb amrwb flac mp3float opus vorbis adpcm_ima_qt adpcm_ima_wav adpcm_ms gsm_ms pcm_alaw pcm_mulaw "
    "pcm_s8 pcm_u8 pcm_s16le pcm_s24le pcm_s32le pcm_f32le pcm_f64le "
    "pcm_s16be pcm_s24be pcm_s32be pcm_f32be pcm_f64be".split()
)

# Samples that come before the recording's own, where a file doesn't state how many: of AAC the overlap of the first
# frame (ISO/IEC 14496-24), of MP3 the delays of LAME, 576, and of a decoder, 529 (https://lame.sourceforge.io/tech-FAQ.txt).
PRIMING_SAMPLES = {"aac": 1024, "mp3float": 1105}
PRIMING_STATED = "skip_samples"  # FFmpeg's side data of a first packet whose priming its decoder takes off

# A timestamp is a gap where it is so many seconds after the samples before it: recorders' clocks jitter.
MIN_GAP = 0.05

MIN_BLOCK = 8_192  # samples

Block = npt.NDArray[np.float32]
"""Samples of every channel: float32 [channels, samples], full scale at -1 and 1."""


class Stream(NamedTuple):
    """One of a file's audio streams: its sample rate, in Hz, its samples, and how many streams the file has."""

    rate: int
    blocks: Iterator[Block]
    num_streams: int


def decode_stream(data: bytes, index: int, max_seconds: float) -> Stream:
    """Returns one of a file's audio streams.

    The first sample is at 0 on the file's own timeline, and there are zeros where timestamps leave a gap. Raises
    AudioUndecodableError, and AudioTooLongError before more than `max_seconds` are decoded.
    """
    container = _open(data)
    stream = container.streams.audio[index]
    if not stream.codec_context or stream.codec_context.name not in DECODERS:
        raise undecodable()
    if not MIN_RATE <= stream.rate <= MAX_RATE:
        raise AudioUndecodableError(f"the sample rate is {stream.rate} Hz; send {MIN_RATE} to {MAX_RATE} Hz")
    return Stream(stream.rate, _joined(_blocks(container, stream, max_seconds)), len(container.streams.audio))


def undecodable() -> AudioUndecodableError:
    """Returns the error for what is no audio file."""
    return AudioUndecodableError(
        "the recording is no audio that can be read; send WAV, FLAC, MP3, OGG, WebM, MP4, AAC, AMR or CAF"
    )


def _open(data: bytes) -> InputContainer:
    options = {"format_whitelist": ",".join(DEMUXERS), "codec_whitelist": ",".join(DECODERS), **PCM_PACKETS}
    try:
        container = av.open(io.BytesIO(data), "r", container_options=options, metadata_errors="ignore")
    except av.FFmpegError as error:
        raise undecodable() from error
    if not container.streams.audio:
        raise AudioUndecodableError("the recording holds no audio")
    return container


def _blocks(container: InputContainer, stream: av.AudioStream, max_seconds: float) -> Iterator[Block]:
    """Yields the samples of a stream from 0 on its timeline: without its priming, with zeros in its gaps."""
    position: int | None = None  # of the next sample
    try:
        with container:
            for start, block in _timed_blocks(container, stream, max_seconds):
                if position is None:
                    position = min(start, 0)
                gap = start - position if start - position >= MIN_GAP * stream.rate else 0
                if position + gap + block.shape[1] > max_seconds * stream.rate:
                    raise AudioTooLongError(f"the recording is longer than {max_seconds:g} seconds; send a shorter one")
                for part in (np.zeros((len(block), gap), dtype=np.float32), block):
                    yield part[:, max(0, -position) :]
                    position += part.shape[1]
    except av.FFmpegError as error:
        raise undecodable() from error


def _joined(blocks: Iterator[Block]) -> Iterator[Block]:
    """Yields blocks of `MIN_BLOCK` samples and more: each frame has a few hundred, and every call of numpy its cost."""
    parts: list[Block] = []
    num_samples = 0
    for block in blocks:
        parts.append(block)
        num_samples += block.shape[1]
        if num_samples >= MIN_BLOCK:
            yield np.concatenate(parts, axis=1)
            parts, num_samples = [], 0
    if parts:
        yield np.concatenate(parts, axis=1)


def _timed_blocks(container: InputContainer, stream: av.AudioStream, max_seconds: float) -> Iterator[tuple[int, Block]]:
    """Yields the samples of a stream and their place on its timeline, where the recording's own start at 0."""
    # Interleaved: PyAV 18.1 reads past the planes of 8 and more channels, and the process ends
    # (https://github.com/PyAV-Org/PyAV, av/audio/frame.pyx, `planes`).
    to_float = av.AudioResampler(format="flt", rate=stream.rate)
    is_timestamped = container.format.name.partition(",")[0] in TIMESTAMPED
    first_packet: av.Packet[av.AudioStream] | None = None
    kind: tuple[object, ...] = ()
    priming: int | None = None
    decoded = 0
    for index, packet in enumerate(container.demux(stream)):
        if index > max_seconds * MAX_PACKETS_PER_SECOND:
            raise undecodable()
        first_packet = first_packet or packet
        frames: list[av.AudioFrame] = []
        with contextlib.suppress(av.InvalidDataError):  # a stream may start in the middle of a frame
            frames = packet.decode()
        for frame in frames:
            if priming is None:
                priming = _unstated_priming(first_packet, frame)
            if frame.layout.nb_channels > MAX_CHANNELS:
                raise AudioUndecodableError(f"{frame.layout.nb_channels} channels are too many; send one or two")
            start = _samples(frame, frame.pts) if is_timestamped else decoded
            kind = kind or _kind(frame)
            if _kind(frame) != kind:
                raise undecodable()
            if frame.format.name == "s16":  # a converter takes 2 ms to make
                parts = [(frame.to_ndarray() * FULL_SCALE).astype(np.float32, copy=False)]
            else:
                parts = [part.to_ndarray().astype(np.float32, copy=False) for part in to_float.resample(frame)]
            for part in parts:
                block = part.reshape(-1, frame.layout.nb_channels).T
                yield start - priming, block
                decoded += block.shape[1]


def _kind(frame: av.AudioFrame) -> tuple[object, ...]:
    """Returns what all frames of a stream have in common."""
    return frame.format.name, frame.layout.name, frame.sample_rate


def _unstated_priming(first_packet: "av.Packet[av.AudioStream]", first_frame: av.AudioFrame) -> int:
    """Returns how many samples of priming are in the timestamps of a stream that doesn't state it, and none of others.

    The Opus decoder takes its own off, with or without a statement: then the first frame is later than its packet. A
    stream that starts after 0 has its priming before that, or none, as it was cut from a longer one.
    """
    stated = any(side_data.data_type == PRIMING_STATED for side_data in first_packet.iter_sidedata())
    if stated or (first_packet.pts or 0) > 0:
        return 0
    codec = first_packet.stream.codec_context.name
    if codec == "opus":
        return _samples(first_frame, first_frame.pts) - _samples(first_frame, first_packet.pts)
    return PRIMING_SAMPLES.get(codec, 0)


def _samples(frame: av.AudioFrame, timestamp: int | None) -> int:
    """Returns the sample point of a timestamp, 0 for none, in a frame's time base and rate."""
    return round((timestamp or 0) * (frame.time_base or 0) * frame.sample_rate)
