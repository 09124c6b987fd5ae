"""The speed and the agreement of each aligner: `make bench-align`."""

import contextlib
import functools
import importlib.util
import os
import platform
import resource
import shutil
import statistics
import time
from collections.abc import Callable
from datetime import date
from typing import Literal

import numpy as np
import soundfile
import viter

from alignment.mfa import BUNDLED_MODEL, MfaAligner
from alignment.mfa_runtimes import AcousticModel, ViterRuntime
from alignment.timing import PhoneInterval, corrected
from shared.audio.samples import SAMPLE_RATE, Samples
from shared.errors import AlignmentFailedError
from shared.recognizers.base import Recognizer
from shared.recognizers.embedded.recognizer import EmbeddedRecognizer
from tests.benchmarks.synthetic import synthetic_sentences
from tests.support.boundaries import differences
from tests.support.data import DATA, LEARNERS, Clip, from_mfa, read_clip
from tests.support.posteriors import align_phones

RUNS = 9
SYNTHETIC = 120  # sentences
AGREEMENT = "boundaries within 10, 20, 50, 200 ms, mean, 95th percentile (ms)"
ALIGN_ONE_SECONDS = 5.6
"""`mfa align_one` for a clip of 3 s, as a command: measured once with MFA 3.4.3 on another machine of 2 cores."""

Align = Callable[[Samples, list[str]], list[PhoneInterval]]


def milliseconds(work: Callable[[], object]) -> float:
    """Returns the median of `RUNS` runs after a warm-up."""
    work()
    times = []
    for _ in range(RUNS):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times) * 1000


def memory_mb() -> float:
    """Returns the most memory that this process has had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def agreement(errors_ms: list[float]) -> str:
    """Returns shares of boundaries within 10, 20, 50 and 200 ms, the mean and the 95th percentile."""
    values = np.array(errors_ms)
    shares = " ".join(f"{np.mean(values <= limit):7.1%}" for limit in (10, 20, 50, 200))
    return f"{shares} {values.mean():8.1f} {np.percentile(values, 95):8.0f}"


def golden_table(ways: dict[str, Align], clips: list[Clip]) -> None:
    """Prints each way's time on each LibriVox clip and its agreement with MFA's own alignments."""
    names = " ".join(f"{clip.name}({len(clip.audio) / SAMPLE_RATE:.1f}s)" for clip in clips)
    print(f"LibriVox, median ms of {RUNS} runs for {names}; {AGREEMENT}")
    for name, align in ways.items():
        times, errors_ms = [], []
        for clip in clips:
            phones = from_mfa(clip.phones)
            times.append(milliseconds(functools.partial(align, clip.audio, phones)))
            errors_ms += differences(align(clip.audio, phones), clip.golden)
        print(f"{name:24}" + " ".join(f"{ms:8.1f}" for ms in times) + " | " + agreement(errors_ms))
        three_seconds = times[min(range(len(clips)), key=lambda k: len(clips[k].audio))]
        print(f"{'':24}{ALIGN_ONE_SECONDS * 1000 / three_seconds:8.0f} times faster than `mfa align_one` (3 s)")


def learners_table(ways: dict[str, Align], recordings: list[Samples], transcribed: list[list[str]]) -> None:
    """Prints each way's time on learners' speech, the phones transcribed, and its agreement with the first way."""
    first: list[list[PhoneInterval] | None] = []
    print(f"speechocean762, {len(recordings)} utterances: median ms, failures, agreement with {next(iter(ways))}")
    for name, align in ways.items():
        times: list[float] = []
        results: list[list[PhoneInterval] | None] = []
        for audio, phones in zip(recordings, transcribed, strict=True):
            start = time.perf_counter()
            try:
                results.append(align(audio, phones))
            except AlignmentFailedError:
                results.append(None)
            times.append(time.perf_counter() - start)
        first = first or results
        errors_ms = [
            abs(a - b) / SAMPLE_RATE * 1000
            for one, other in zip(results, first, strict=True)
            if one and other
            for x, y in zip(one, other, strict=True)
            for a, b in ((x.start_sample, y.start_sample), (x.end_sample, y.end_sample))
        ]
        print(f"{name:24}{statistics.median(times) * 1000:8.1f} {results.count(None):3} | {agreement(errors_ms)}")


def synthetic_table(aligner: MfaAligner, recognizer: Recognizer) -> None:
    """Prints how far boundaries are from those of synthesized speech: the model's, those of CTC, and both together."""
    errors_ms: dict[str, list[float]] = {}
    for audio, golden in synthetic_sentences(SYNTHETIC):
        phones = [interval.phoneme for interval in golden]
        emissions = align_phones(recognizer.transcribe(audio).posteriors, phones, len(audio))
        with contextlib.suppress(AlignmentFailedError):
            intervals = aligner.align_phonemes(audio, phones, emissions)
            ways = {aligner.name: intervals, "ctc": emissions, "corrected": corrected(intervals, emissions, len(audio))}
            for name, found in ways.items():
                errors_ms[name] = errors_ms.get(name, []) + differences(found, golden)
    print(f"{SYNTHETIC} synthesized sentences: {AGREEMENT}")
    for name, values in errors_ms.items():
        print(f"{name:24}" + agreement(values))


def ratio_to_viter(aligner: MfaAligner, clip: Clip) -> None:
    """Prints how long an alignment takes against viter called by itself, in turns."""
    runtime = ViterRuntime(AcousticModel.read(BUNDLED_MODEL))
    words = AcousticModel.read(BUNDLED_MODEL).transcript(clip.phones)
    phones = from_mfa(clip.phones)
    ratios = []
    for _ in range(RUNS):
        ours = milliseconds(lambda: aligner.align_phonemes(clip.audio, phones))
        alone = milliseconds(lambda: runtime.model.align(clip.audio, words, sample_rate=SAMPLE_RATE, refine=False))
        ratios.append(ours / alone)
    print(f"align_phonemes over viter.Model.align alone, clip {clip.name}: {statistics.median(ratios):.2f}")


def main() -> None:
    """Prints the tables."""
    print(f"{date.today()}, {platform.machine()}, {os.cpu_count()} cores, viter {viter.__version__}")
    clips = [read_clip(path) for path in sorted(DATA.glob("librivox_*.wav"))]
    learners = [soundfile.read(path, dtype="float32")[0] for path in sorted(LEARNERS.glob("*.flac"))]

    recognizer = EmbeddedRecognizer()
    transcribed = {id(audio): recognizer.transcribe(audio) for audio in [*(clip.audio for clip in clips), *learners]}

    def emitted(audio: Samples, phones: list[str]) -> list[PhoneInterval]:
        return align_phones(transcribed[id(audio)].posteriors, phones, len(audio))

    ways: dict[str, Align] = {}
    runtimes: tuple[Literal["viter", "kalpy"], ...] = ("viter", "kalpy")
    for runtime in runtimes:
        if importlib.util.find_spec(runtime):
            before = memory_mb()
            aligner = MfaAligner(runtime=runtime)
            aligner.align_phonemes(clips[0].audio, from_mfa(clips[0].phones))
            print(f"{aligner.name}: {memory_mb() - before:.0f} MB more at its first alignment")
            ways[aligner.name] = aligner.align_phonemes
    windowed = MfaAligner(runtime="viter")
    ways["viter, in windows"] = lambda audio, phones: windowed.align_phonemes(audio, phones, emitted(audio, phones))
    ways["ctc"] = emitted

    golden_table(ways, clips)
    if learners:
        learners_table(ways, learners, [transcribed[id(audio)].phones for audio in learners])
    if shutil.which("flite"):
        synthetic_table(MfaAligner(runtime="viter"), recognizer)
    ratio_to_viter(MfaAligner(runtime="viter"), next(clip for clip in clips if clip.name == "0890"))


if __name__ == "__main__":
    main()
