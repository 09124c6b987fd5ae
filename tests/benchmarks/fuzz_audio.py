"""Damaged recordings through the decoders, in a process of their own with limits: `make fuzz`.

A mutation is known by its format and number. It is the same each time, but for Ogg and WebM, into which encoders write
random identifiers.
"""

import argparse
import faulthandler
import multiprocessing
import random
import resource
import signal
import sys
import time
import zlib
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

import soundfile

from shared.audio.limits import AudioLimits
from shared.errors import AudioTooLongError, AudioUndecodableError, ServiceError
from tests.support.data import DATA
from tests.support.recordings import FORMATS, decode_audio, encode

SPEECH = DATA / "librivox_0880.wav"
SAMPLES = 8_000  # half a second: damage finds the headers
HEADER = 512  # bytes
OGG_PAGE, OGG_CHECKSUM = b"OggS", slice(18, 22)  # how a page begins, and its checksum after that
MIRRORED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))
CPU_SECONDS_PER_FILE = 20  # of the process: a busy machine takes nothing away
BYTES_PER_PROCESS = 512 << 20  # over what a process has with its libraries loaded
LIMITS = AudioLimits(max_seconds=60)
DECODED = "decoded"
EXPECTED = (DECODED, AudioUndecodableError.code, AudioTooLongError.code)

INTERESTING = (
    b"\0",
    b"\xff",
    b"\x7f",
    b"\x80",
    b"\0\0\0\0",
    b"\xff\xff\xff\xff",
    b"\x7f\xff\xff\xff",
    b"\xff\xff\xff\x7f",
)


@dataclass
class Outcome:
    """How often each outcome came, the slowest file, and the mutations that were neither decoded nor refused."""

    counts: Counter[str]
    unexpected: list[tuple[int, str]]
    slowest_seconds: float


def recording(name: str) -> bytes:
    """Returns half a second of speech in one of the formats."""
    return encode(soundfile.read(SPEECH, dtype="float32")[0][4_000 : 4_000 + SAMPLES], name)


def mutate(data: bytes, number: int) -> bytes:
    """Returns a file with some damage, the same for the same number: at its start, at its end, or anywhere."""
    chance = random.Random(number)  # noqa: S311 (no secret)
    damaged = bytearray(data)
    where = chance.choice((slice(0, HEADER), slice(-HEADER, None), slice(0, None)))
    for _ in range(chance.choice((1, 1, 2, 4))):
        places = range(len(damaged))[where]
        chance.choice(DAMAGE)(damaged, chance.choice(places) if places else 0, chance)
    return with_ogg_checksums(damaged)


def with_ogg_checksums(data: bytearray) -> bytes:
    """Returns a file with the checksum of every Ogg page made right, so that damage gets past it to the decoder."""
    pages = data.split(OGG_PAGE)
    for page in pages[1:]:
        if len(page) >= OGG_CHECKSUM.stop:
            page[OGG_CHECKSUM] = bytes(4)
            page[OGG_CHECKSUM] = ogg_checksum(OGG_PAGE + page).to_bytes(4, "little")
    return OGG_PAGE.join(pages)


def ogg_checksum(page: bytes) -> int:
    """Returns the CRC of an Ogg page (RFC 3533): zlib's polynomial with the bits the other way round, from 0."""
    crc = zlib.crc32(page.translate(MIRRORED), 0xFFFFFFFF) ^ 0xFFFFFFFF
    return int(f"{crc:032b}"[::-1], 2)


def _flip(data: bytearray, place: int, chance: random.Random) -> None:
    data[place : place + 1] = bytes(byte ^ 1 << chance.randrange(8) for byte in data[place : place + 1])


def _overwrite(data: bytearray, place: int, chance: random.Random) -> None:
    value = chance.choice((*INTERESTING, chance.randbytes(chance.randint(1, 16))))
    data[place : place + len(value)] = value


def _insert(data: bytearray, place: int, chance: random.Random) -> None:
    data[place:place] = chance.choice((*INTERESTING, chance.randbytes(chance.randint(1, 64))))


def _remove(data: bytearray, place: int, chance: random.Random) -> None:
    del data[place : place + chance.randint(1, 64)]


def _cut(data: bytearray, place: int, _: random.Random) -> None:
    del data[place:]


def _repeat(data: bytearray, place: int, chance: random.Random) -> None:
    data[place:place] = data[place : place + chance.randint(1, 512)] * chance.randint(1, 8)


DAMAGE: tuple[Callable[[bytearray, int, random.Random], None], ...] = (
    *(_flip, _overwrite, _insert, _remove, _repeat) * 3,
    _cut,
)


def fuzz(name: str, mutations: int) -> Outcome:
    """Decodes mutations of a format's recording; one that ends the process is noted, and the rest goes on."""
    outcome = Outcome(Counter(), [], 0.0)
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.benchmarks.fuzz_audio", "soxr"])
    data, first = recording(name), 0
    while first < mutations:
        results, sender = context.Pipe(duplex=False)
        process = context.Process(target=_decode_all, args=(data, first, mutations, sender))
        process.start()
        sender.close()
        with suppress(EOFError):
            while True:
                what, seconds = results.recv()
                outcome.counts[what] += 1
                outcome.slowest_seconds = max(outcome.slowest_seconds, seconds)
                if what not in EXPECTED:
                    outcome.unexpected.append((first, what))
                first += 1
        process.join()
        if first < mutations:
            outcome.unexpected.append((first, f"the process ended with {process.exitcode}"))
            first += 1
    return outcome


def _decode_all(data: bytes, first: int, last: int, results: Connection) -> None:
    for undamaged in (data, recording("webm")):
        decode_audio(undamaged)  # every library loaded
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    limit = pages * resource.getpagesize() + BYTES_PER_PROCESS
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    faulthandler.register(signal.SIGPROF, chain=True)  # and then the process ends
    for number in range(first, last):
        signal.setitimer(signal.ITIMER_PROF, CPU_SECONDS_PER_FILE)
        start = time.perf_counter()
        try:
            decode_audio(mutate(data, number), LIMITS)
            what = DECODED
        except ServiceError as error:
            what = error.code
        except Exception as error:
            what = repr(error)
        results.send((what, time.perf_counter() - start))
    signal.setitimer(signal.ITIMER_PROF, 0)


def main() -> None:
    """Prints what became of each format's mutations. Exits with 1 where one was neither decoded nor refused."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mutations", type=int, default=10_000)
    parser.add_argument("--formats", nargs="+", choices=FORMATS, default=list(FORMATS))
    arguments = parser.parse_args()
    unexpected = 0
    for name in arguments.formats:
        outcome = fuzz(name, arguments.mutations)
        print(f"{name:8}{dict(outcome.counts)}, slowest {outcome.slowest_seconds:.2f} s", flush=True)
        unexpected += len(outcome.unexpected)
        for number, what in outcome.unexpected:
            print(f"{name} {number}: {what}", flush=True)
    sys.exit(unexpected > 0)


if __name__ == "__main__":
    main()
