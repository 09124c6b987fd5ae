"""How often good and spoilt recordings have which warnings: `python -m tests.benchmarks.recording_warnings`."""

import random
from collections.abc import Iterator

import numpy as np

from shared.audio.load import load_audio
from shared.audio.quality import RecordingWarning, recording_warnings
from shared.audio.samples import SAMPLE_RATE, Samples
from shared.audio.vad import FRAME_SAMPLES, MARGIN, Speech, find_speech
from shared.errors import NoSpeechError
from tests.support.data import SHARED_DATA, require_shared_data
from tests.support.recordings import decode_audio, encode

FOLDERS = ("native_prompts", "native_words", "so762_dev", "so762_train")
RECORDINGS = 100  # of each folder
CUT = SAMPLE_RATE // 10


def copies(audio: Samples, speech: Speech) -> Iterator[tuple[str, Samples, RecordingWarning | None]]:
    """Yields copies of a recording, and what each should be told."""
    yield "as they are", audio, None
    full = audio / np.abs(audio).max()
    noise = np.random.default_rng(0).standard_normal(len(audio)) * speech.level
    for gain in (2, 4, 12):
        yield f"clipped x{gain}", np.clip(gain * full, -1, 1), "clipped"
    yield "clipped x4, then Opus", decode_audio(encode(0.8 * np.clip(4 * full, -1, 1), "opus")), "clipped"
    for decibels in (30, 25, 20, 10):
        noisy = (audio + noise * 10 ** (-decibels / 20)).astype(np.float32)
        yield f"white noise, {decibels} dB", noisy, "noisy" if decibels <= 20 else None
    for level in (-30, -40):
        quiet = (np.round(audio * 10 ** (level / 20) / speech.level * 2**15) / 2**15).astype(np.float32)
        yield f"{level} dBFS, 16 bits", quiet, "too_quiet" if level < -38 else None
    margin = MARGIN * FRAME_SAMPLES
    yield (
        "without 0.1 s of the speech's beginning",
        audio[speech.start + (margin if speech.start else 0) + CUT :],
        "cut_off",
    )
    whole = speech.end == len(audio)
    yield "without 0.1 s of its end", audio[: speech.end - (0 if whole else margin) - CUT], "cut_off"


def main() -> None:
    """Prints of each kind of copy, for each folder, the share with its warning, and that with any other."""
    require_shared_data(*FOLDERS)
    shares: dict[str, list[str]] = {}
    for folder in FOLDERS:
        paths = sorted(path for path in (SHARED_DATA / folder).iterdir() if path.suffix in (".flac", ".opus"))
        told: dict[str, list[tuple[bool, bool]]] = {}
        for path in random.Random(0).sample(paths, min(len(paths), RECORDINGS)):  # noqa: S311
            audio = load_audio(str(path))
            for kind, copy, right in copies(audio, find_speech(audio)):
                try:
                    found = set(recording_warnings(find_speech(copy)))
                except NoSpeechError:
                    continue
                told.setdefault(kind, []).append((right in found, bool(found - {right})))
        for kind, pairs in told.items():
            right, other = np.mean(pairs, axis=0)
            shares.setdefault(kind, []).append(f"{right:.0%}, {other:.0%}")
    print("| |", " | ".join(FOLDERS), "|\n| --- |" + " ---: |" * len(FOLDERS))
    for kind, cells in shares.items():
        print(f"| {kind} |", " | ".join(cells), "|")


if __name__ == "__main__":
    main()
