"""Everything that is measured, in one table, against what one would otherwise use: `make bench`.

POWSM has its real size and random weights. Without this repository one would call ESPnet's `Speech2Text` as it comes,
the command `mfa align_one` for each request, and gruut. Processes start with the embedded engine.
"""

import logging
import os
import platform
import tempfile
from collections.abc import Iterator
from datetime import date
from functools import partial
from pathlib import Path
from statistics import median
from typing import NamedTuple

import numpy as np
import soundfile

from alignment.mfa import MfaAligner
from assessment.assess import Assessor
from shared.audio.samples import SAMPLE_RATE
from shared.audio.vad import load_speech
from shared.g2p.dictionary import Dictionary
from shared.recognizers.loader import load_recognizer
from shared.serving.settings import Settings
from tests.benchmarks import g2p, powsm, score, start
from tests.benchmarks.alignment import ALIGN_ONE_SECONDS, milliseconds
from tests.support.data import CLIP_IPA, DATA, from_mfa, read_clip, require_shared_data
from tests.support.powsm_checkpoints import write_random_checkpoint

CLIP = DATA / "librivox_0880.wav"  # 3 s, as long as the recording that POWSM is measured with
# Recordings of 3 to 60 s, the longer ones of several clips.
HALF_A_MINUTE = ("librivox_0870", "librivox_0880", "librivox_0890", "librivox_0920", "librivox_0930", "librivox_0890")
ASSESSED = {3: ("librivox_0880",), 10: HALF_A_MINUTE[:2], 30: HALF_A_MINUTE, 60: 2 * HALF_A_MINUTE}
RUNS = 7


class Row(NamedTuple):
    """A figure, the one of what people would otherwise use, and the ratio in our favour."""

    what: str
    ours: str
    otherwise: str
    ratio: str


def rows() -> Iterator[Row]:
    """Yields the table's rows, measured one after another."""
    clip = read_clip(CLIP)
    phones = from_mfa(clip.phones)
    aligner = MfaAligner(runtime="viter")
    aligning = milliseconds(lambda: aligner.align_phonemes(clip.audio, phones)) / 1000
    yield Row("aligning the phones of 3 s", f"{aligning:.3f} s", *against(ALIGN_ONE_SECONDS, aligning, measured=False))
    yield from assessing(aligner)

    with tempfile.TemporaryDirectory() as folder:
        write_random_checkpoint(Path(folder), vocabulary=40_000)
        seconds = powsm.measure(folder, "cpu")
    transcribing, default = seconds["transcribe, ctc"], seconds["Speech2Text, defaults"]
    yield Row("transcribing 3 s, POWSM's size", f"{transcribing:.2f} s", *against(default, transcribing))
    both = transcribing + aligning
    naive = default + ALIGN_ONE_SECONDS
    yield Row("transcribing and aligning, POWSM's size", f"{both:.2f} s", *against(naive, both, measured=False))

    ours_ms, gruut_ms = g2p.sentence_milliseconds(Dictionary())
    yield Row(
        "the IPA of a sentence of 16 words", f"{ours_ms:.1f} ms", f"{gruut_ms:.1f} ms", f"{gruut_ms / ours_ms:.1f}"
    )
    for worker in start.WORKERS:
        yield Row(f"{worker}, start to first answer", f"{start.seconds_to_first_answer(worker):.1f} s", "", "")

    ours, free = score.agreement(score.read_learners(load_recognizer(Settings(recognizer="moonshine"))))
    yield Row("score with experts' phones, Pearson", f"{ours:.2f}", f"{free:.2f}", f"{ours / free:.1f}")


def assessing(aligner: MfaAligner) -> Iterator[Row]:
    """Yields an assessment's milliseconds by stage, as multiples of recognition, and beside the sum its bound.

    The bound is recognition and alignment alone. The last rows are how much each stage grows from 10 to 60 s.
    """
    by_length: dict[int, dict[str, float]] = {}
    assessor = Assessor(Settings(recognizer="moonshine", mfa_runtime="viter"))
    recognizer = load_recognizer(Settings(recognizer="moonshine"))
    with tempfile.TemporaryDirectory() as folder:
        for seconds, names in ASSESSED.items():
            path = Path(folder, f"{seconds}.wav")
            clips = [read_clip(DATA / f"{name}.wav").audio for name in names]
            soundfile.write(path, np.concatenate(clips)[: seconds * SAMPLE_RATE], SAMPLE_RATE)
            ipa = " ".join(CLIP_IPA[name] for name in names)
            timings = [assessor.assess(str(path), ipa).timings for _ in range(1 + RUNS)][1:]
            stages = {stage: 1000 * median(timing[stage] for timing in timings) for stage in timings[0]}
            audio = load_speech(str(path)).samples
            phones = recognizer.transcribe(audio).phones
            bounds = {
                "recognition": milliseconds(partial(recognizer.transcribe, audio)),
                "alignment": milliseconds(partial(aligner.align_phonemes, audio, phones)),
            }
            by_length[seconds] = stages
            for stage, taken in stages.items():
                bound = f"{bounds[stage]:.0f} ms" if stage in bounds else ""
                yield Row(f"  {stage}", f"{taken:.0f} ms", bound, f"{taken / stages['recognition']:.1f}")
            whole, least = sum(stages.values()), sum(bounds.values())
            name = f"assessing {seconds} s, and its bound"
            yield Row(name, f"{whole:.0f} ms", f"{least:.0f} ms", f"{least / whole:.1f}")
    for stage, taken in by_length[10].items():
        yield Row(f"  {stage}, 60 s over 10 s", f"{by_length[60][stage] / taken:.1f}", "", "")


def against(otherwise: float, ours: float, measured: bool = True) -> tuple[str, str]:
    """Returns the seconds of what one would otherwise use, marked where `mfa align_one` is in them, and the ratio."""
    return f"{otherwise:.2f} s{'' if measured else ' *'}", f"{otherwise / ours:.1f}"


def main() -> None:
    """Prints the table."""
    require_shared_data("so762_dev", "so762_train")
    logging.disable(logging.WARNING)
    table = list(rows())
    print(f"\n{date.today()}, {processor()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(f"{'':36}{'ours':>10}{'otherwise':>14}{'ratio':>8}")
    for row in table:
        print(f"{row.what:36}{row.ours:>10}{row.otherwise:>14}{row.ratio:>8}")
    print(f"* with {ALIGN_ONE_SECONDS} s for `mfa align_one`, measured once on another machine of 2 cores")


def processor() -> str:
    """Returns the processor's name on Linux, else its architecture."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    return next((line.partition(": ")[2] for line in lines if line.startswith("model name")), platform.machine())


if __name__ == "__main__":
    main()
