"""Forced alignment by a Montreal Forced Aligner acoustic model, in process and in memory."""

import functools
import itertools
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np

from alignment.mfa_runtimes import BUNDLED_MODEL, AcousticModel, Utterance, load_runtime
from alignment.phone_set import LabelSpan, PhoneSet
from alignment.timing import PhoneInterval, map_errors_to_timestamps, phone_intervals
from shared.audio.samples import SAMPLE_RATE, Samples
from shared.errors import AlignmentFailedError, ModelUnavailableError

__all__ = ["BUNDLED_MODEL", "MfaAligner", "PhoneInterval", "align_phonemes", "map_errors_to_timestamps"]

FRAME_SHIFT = SAMPLE_RATE // 100
# Noise of one step of a 16-bit recording. In exact zeros MFCCs are all alike, and the beam finds no path: a second of
# them before the speech made 20 to 28 of 28 clips fail; with this noise 10 of 10 align.
DITHER = 1 / 2**15
# A long recording is aligned in windows: an acoustic model's time grows with the square of an utterance's length.
WINDOW, CONTEXT_LABELS = 2 * SAMPLE_RATE, 3


class MfaAligner:
    """Aligns phones in any notation with recordings, by one loaded acoustic model."""

    def __init__(self, model: str | Path = "", runtime: Literal["auto", "kalpy", "viter"] = "auto") -> None:
        """Loads a model: a zip, the name of a model that `mfa model download` stored, or "" for the bundled one.

        Raises ModelUnavailableError.
        """
        acoustic_model = AcousticModel.read(_find_model(model))
        self._phone_set = PhoneSet(acoustic_model.labels)
        self._runtime = load_runtime(acoustic_model, runtime)
        self.name = f"mfa {acoustic_model.path.stem} ({self._runtime.name})"

    def align_phonemes(
        self, audio: Samples, phonemes: Sequence[str], emissions: Sequence[PhoneInterval] = ()
    ) -> list[PhoneInterval]:
        """Returns one interval for each phone, in order, in a recording of float32 [samples] at 16 kHz.

        `emissions` are the intervals of the same phones by a recognizer's posteriors: with them, a long recording is
        aligned in windows of about `WINDOW` samples, where they have the phones. They are the intervals of phones in a
        window without a path. Raises AlignmentFailedError where the recording is silent, too short, or the beam search
        finds no path.
        """
        spans = self._phone_set.label_spans(phonemes)
        _check_alignable(audio, spans)
        if not spans:
            return []
        emitted = _edges(spans, emissions)
        parts = list(windows(len(spans), emitted, len(audio)))
        dithered, labels = _dithered(audio), [span.label for span in spans]
        found = self._runtime.align(
            [Utterance(dithered[part.start : part.end], labels[slice(*part.labels)]) for part in parts]
        )
        if not any(found):
            raise AlignmentFailedError("the phones do not fit the recording")
        edges = np.array(emitted or [(0, 0)] * len(spans), dtype=np.float64)
        for (start, _, (first, _), own), segments in zip(parts, found, strict=True):
            if segments:
                aligned = np.array([(segment.start, segment.end) for segment in segments]) * SAMPLE_RATE
                edges[slice(*own)] = start + aligned[own[0] - first : own[1] - first]
        return phone_intervals(spans, edges, len(audio))


class Window(NamedTuple):
    """Samples of a recording, from `start` up to `end`, and its labels: `own` ones are those that are no context.

    Of either, these are the first one and the one after the last.
    """

    start: int
    end: int
    labels: tuple[int, int]
    own: tuple[int, int]


def windows(num_labels: int, emitted: Sequence[tuple[int, int]], num_samples: int) -> Iterator[Window]:
    """Yields the windows of a recording, in order, given the edges [labels] of labels; one where these are unknown.

    They begin and end on the acoustic model's own frames: from between two of them it places one boundary in twenty
    elsewhere.
    """
    count = max(1, round(num_samples / WINDOW)) if emitted else 1
    middles = np.mean(emitted, axis=1) if emitted else np.zeros(0)
    cuts = np.searchsorted(middles, num_samples * np.arange(1, count) / count)
    for first, last in itertools.pairwise(np.unique([0, *cuts, num_labels]).tolist()):
        before, after = max(first - CONTEXT_LABELS, 0), min(last + CONTEXT_LABELS, num_labels)
        start = emitted[before][0] // FRAME_SHIFT * FRAME_SHIFT if before else 0
        end = -(-emitted[after - 1][1] // FRAME_SHIFT) * FRAME_SHIFT if after < num_labels else num_samples
        yield Window(start, end, (before, after), (first, last))


def _edges(spans: Sequence[LabelSpan], intervals: Sequence[PhoneInterval]) -> list[tuple[int, int]]:
    """Returns the edges [labels] of labels in samples, given the intervals of their phones; none where none is."""
    ends = list(itertools.accumulate((len(span.phones) for span in spans), initial=0))
    pairs = itertools.pairwise(ends) if intervals else ()
    return [(intervals[first].start_sample, intervals[end - 1].end_sample) for first, end in pairs]


def _dithered(audio: Samples) -> Samples:
    """Returns float32 [samples] with noise, the same each time, in place of those smaller than `DITHER`."""
    noise = np.random.default_rng(0).uniform(-DITHER, DITHER, len(audio)).astype(np.float32)
    return np.where(np.abs(audio) < DITHER, noise, audio)


def _check_alignable(audio: Samples, spans: Sequence[LabelSpan]) -> None:
    """Raises AlignmentFailedError for a recording on which a runtime crashes, or returns an arbitrary alignment."""
    if len(audio) < FRAME_SHIFT * len(spans):
        raise AlignmentFailedError(f"{len(audio)} samples are too few for {len(spans)} phones")
    if not np.isfinite(audio).all() or not audio.any():
        raise AlignmentFailedError("the recording is silent")


def _find_model(model: str | Path) -> Path:
    """Returns the path of a model's zip. Raises ModelUnavailableError, which names the places it was looked for in."""
    if not model:
        return BUNDLED_MODEL
    root = Path(os.environ.get("MFA_ROOT_DIR", Path.home() / "Documents" / "MFA"))
    downloaded = root / "pretrained_models" / "acoustic" / f"{model}.zip"
    for path in (Path(model), downloaded):
        if path.is_file():
            return path
    raise ModelUnavailableError(f"MFA_ACOUSTIC_MODEL={model} is no zip, nor is {downloaded}")


@functools.cache
def _bundled_aligner() -> MfaAligner:
    return MfaAligner()


def align_phonemes(audio: Samples, phonemes: Sequence[str]) -> list[PhoneInterval]:
    """Returns one interval for each phone, by the bundled acoustic model: see `MfaAligner.align_phonemes`."""
    return _bundled_aligner().align_phonemes(audio, phonemes)
