"""The frame headers of MP3 and ADTS AAC streams, which have no signature: ISO/IEC 11172-3, 13818-3 and 13818-7."""

from collections.abc import Callable
from typing import Literal

ID3, ID3_HEADER = b"ID3", 10  # bytes
SYNC = b"\xff"
SEARCH_BYTES = 4096  # where a stream that starts in the middle of a frame has the next one's header
MIN_FRAMES = 3  # so many headers, each where the frame before ends, are no coincidence

MPEG_1, MPEG_2, MPEG_2_5 = 3, 2, 0
RATES = (44_100, 48_000, 32_000)  # Hz, of MPEG-1
RATE_DIVISORS = {MPEG_1: 1, MPEG_2: 2, MPEG_2_5: 4}
LAYER_3_KBITS = (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)  # per second, MPEG-1
LOW_RATE_LAYER_3_KBITS = (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)


def find_mpeg_stream(data: bytes) -> Literal["aac", "mp3"] | None:
    """Returns FFmpeg's name for the stream that a file is, after its ID3 tags: `aac` for ADTS, `mp3`.

    An MP3 stream may start in the middle of a frame, as one that was cut from a longer one does.
    """
    start = _after_id3(data)
    if _is_stream(data, start, _adts_frame_bytes):
        return "aac"
    head = data[: start + SEARCH_BYTES]
    while (start := head.find(SYNC, start)) >= 0:
        if _is_stream(data, start, _mp3_frame_bytes):
            return "mp3"
        start += 1
    return None


def _after_id3(data: bytes) -> int:
    """Returns where the ID3v2 tags at a file's start end; their sizes have seven bits a byte."""
    start = 0
    while data.startswith(ID3, start) and len(data) >= start + ID3_HEADER:
        a, b, c, d = data[start + 6 : start + ID3_HEADER]
        start += ID3_HEADER + ((a & 127) << 21 | (b & 127) << 14 | (c & 127) << 7 | d & 127)
    return start


def _is_stream(data: bytes, start: int, frame_bytes: Callable[[bytes], int]) -> bool:
    """Returns whether frames follow one another from a byte on: `MIN_FRAMES`, or one and more up to the file's end."""
    for frames in range(MIN_FRAMES):
        if start >= len(data) and frames:
            return True
        length = frame_bytes(data[start : start + 7])
        if not length:
            return False
        start += length
    return True


def _adts_frame_bytes(header: bytes) -> int:
    """Returns the length of an ADTS frame, 0 for what is no header of one."""
    if len(header) < 7 or header[0] != 0xFF or header[1] & 0xF6 != 0xF0:
        return 0
    return (header[3] & 3) << 11 | header[4] << 3 | header[5] >> 5


def _mp3_frame_bytes(header: bytes) -> int:
    """Returns the length of a layer III frame, 0 for what is no header of one."""
    if len(header) < 4 or header[0] != 0xFF or header[1] & 0xE6 != 0xE2:
        return 0
    version, bitrate, rate, padding = header[1] >> 3 & 3, header[2] >> 4, header[2] >> 2 & 3, header[2] >> 1 & 1
    if version not in RATE_DIVISORS or not 0 < bitrate <= len(LAYER_3_KBITS) or rate == len(RATES):
        return 0
    kbits = (LAYER_3_KBITS if version == MPEG_1 else LOW_RATE_LAYER_3_KBITS)[bitrate - 1]
    samples = 1152 if version == MPEG_1 else 576
    return samples // 8 * kbits * 1000 * RATE_DIVISORS[version] // RATES[rate] + padding
