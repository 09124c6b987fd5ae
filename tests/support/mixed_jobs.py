"""Jobs for `assessment`: valid ones among broken and hostile ones."""

import base64
import functools
import io
import json
import random
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import soundfile

from shared.audio.samples import SAMPLE_RATE
from tests.support.data import DATA

RECORDING = DATA / "librivox_0880.wav"
TARGET = "hi wəz nɑt ən ɪl dɪspoʊzd jʌŋ mæn"
GOOD = 0.2  # the share of jobs that have nothing wrong


def mixed_jobs(seed: int = 0) -> Iterator[tuple[Any, bool]]:
    """Yields the `input` of one job after the other, without end, and whether it is a good one."""
    chance = random.Random(seed)  # noqa: S311
    while True:
        if chance.random() < GOOD:
            seconds = chance.choice([1.0, 1.5, 2.0, 2.9])
            yield {"audio_uri": speech(seconds), "target_ipa": TARGET, "detail": chance.random() < 0.5}, True
        else:
            yield chance.choice(HOSTILE)(chance), False


@functools.cache
def speech(seconds: float) -> str:
    """Returns the beginning of a LibriVox recording as a data: URI."""
    samples, _ = soundfile.read(RECORDING, dtype="int16")
    return wav(samples[: int(seconds * SAMPLE_RATE)])


def wav(samples: Any, rate: int = SAMPLE_RATE, subtype: str = "PCM_16") -> str:
    """Returns samples as a WAV file in a data: URI."""
    file = io.BytesIO()
    soundfile.write(file, samples, rate, format="WAV", subtype=subtype)
    return data_uri(file.getvalue())


def data_uri(content: bytes) -> str:
    """Returns any bytes as an audio file in a data: URI."""
    return "data:audio/wav;base64," + base64.b64encode(content).decode()


def truncated(chance: random.Random) -> Any:
    content = RECORDING.read_bytes()
    return {"audio_uri": data_uri(content[: chance.randrange(1, 1000)]), "target_ipa": TARGET}


def mutated(chance: random.Random) -> Any:
    content = bytearray(RECORDING.read_bytes()[:30_000])
    for _ in range(20):
        content[chance.randrange(60)] = chance.randrange(256)
    return {"audio_uri": data_uri(bytes(content)), "target_ipa": TARGET}


def claims_4_gigabytes(_: random.Random) -> Any:
    content = bytearray(RECORDING.read_bytes()[:30_000])
    content[4:8] = content[40:44] = b"\xff\xff\xff\xff"
    return {"audio_uri": data_uri(bytes(content)), "target_ipa": TARGET}


def random_text(chance: random.Random) -> Any:
    letters = [0, 10, 0x202E, 0xD800, 0x1F600, 97, chance.randrange(0x110000)]
    text = "".join(map(chr, chance.choices(letters, k=99)))
    return {"audio_uri": speech(1.0), "target_ipa": text}


HOSTILE: list[Callable[[random.Random], Any]] = [
    lambda _: None,
    lambda _: [],
    lambda _: {},
    lambda _: json.loads("[" * 90 + "]" * 90),
    lambda _: {"audio_uri": speech(1.0)},
    lambda _: {"audio_uri": speech(1.0), "target_ipa": ""},
    lambda _: {"audio_uri": speech(1.0), "target_ipa": "<speak>{{7*7}}</speak>../../etc/passwd"},
    lambda _: {"audio_uri": speech(1.0), "target_ipa": TARGET * 1000},
    lambda _: {"audio_uri": speech(1.0), "target_ipa": TARGET, "language": "xxx"},
    lambda _: {"audio_uri": speech(1.0), "target_ipa": TARGET, "\ud800\n": 1},
    lambda _: {"audio_uri": "A" * 1_000_000, "target_ipa": TARGET},
    lambda _: {"audio_uri": "data:audio/wav;base64,%%%", "target_ipa": TARGET},
    lambda _: {"audio_uri": "data:audio/wav,hello", "target_ipa": TARGET},
    lambda _: {"audio_uri": "/etc/passwd", "target_ipa": TARGET},
    lambda _: {"audio_uri": "file:///etc/passwd", "target_ipa": TARGET},
    lambda _: {"audio_uri": "http://127.0.0.1:1/?X-Amz-Signature=signed", "target_ipa": TARGET},
    lambda _: {"audio_uri": "http://[::ffff:169.254.169.254]/latest/meta-data", "target_ipa": TARGET},
    lambda _: {"audio_uri": wav(np.zeros(SAMPLE_RATE)), "target_ipa": TARGET},
    lambda _: {"audio_uri": wav(np.zeros(0)), "target_ipa": TARGET},
    lambda _: {"audio_uri": wav(np.full(SAMPLE_RATE, np.nan), subtype="FLOAT"), "target_ipa": TARGET},
    lambda _: {"audio_uri": wav(np.zeros((100, 64)), rate=384_000), "target_ipa": TARGET},
    lambda _: {"audio_uri": wav(np.zeros(70 * 8000), rate=8000), "target_ipa": TARGET},
    lambda chance: {"audio_uri": data_uri(chance.randbytes(5000)), "target_ipa": TARGET},
    lambda chance: {"audio_uri": data_uri(b"\x1a\x45\xdf\xa3" + chance.randbytes(5000)), "target_ipa": TARGET},
    lambda chance: {"audio_uri": data_uri(b"\0\0\0\x20ftypisom" + chance.randbytes(5000)), "target_ipa": TARGET},
    lambda chance: {"audio_uri": wav(np.frombuffer(chance.randbytes(2 * SAMPLE_RATE), np.int16)), "target_ipa": TARGET},
    truncated,
    mutated,
    claims_4_gigabytes,
    random_text,
]
