"""Goodness of pronunciation: the evidence of a recognizer's posteriors against a target's phones."""

import functools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from alignment.accents import LabelsAt
from alignment.ctc import edges_of
from alignment.network import labels_of, same_sound_labels
from alignment.phone_set import posterior_columns
from alignment.segments import Segment
from shared.ctc.alignment import Emission, Paths, forced_alignment, forward
from shared.ctc.posteriors import BLANK, Posteriors
from shared.phonology.equivalence import ENGLISH_FORMS, NormalForms

# A replaced phone moves its neighbours too. With so many phones before and after, no probability differs by more than
# 0.014 from one with the whole sentence (46 learners' sentences).
CONTEXT_PHONES = 3
# A sentence is scored in pieces, so that the time is linear in its length.
PIECE_PHONES, CONTEXT_OF_PIECE = 24, 8

DELETION = BLANK  # the column of `alternatives` for no phone
MAX_EVIDENCE = 30.0  # nats: more is no more certain

LogLikelihoods = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Place:
    """A label in a segment of a decoding, and every other label in its place.

    `label` is the one pronounced; of a deletion, the target's. `expected` are those that count as what the target has
    there. `log_posteriors` [labels] are of each label in this place, column `DELETION` none, all else as it is.
    `samples` are how long the label is on the best path, with half the blanks beside it.
    """

    segment: int
    label: int
    expected: frozenset[int]
    log_posteriors: LogLikelihoods
    samples: float

    @functools.cached_property
    def evidence(self) -> float:
        """The log-odds that what the target has here was not pronounced."""
        against = np.ones(len(self.log_posteriors), dtype=bool)
        against[list(self.expected)] = False
        odds = np.logaddexp.reduce(self.log_posteriors[against]) - np.logaddexp.reduce(self.log_posteriors[~against])
        return float(np.clip(odds, -MAX_EVIDENCE, MAX_EVIDENCE))


def find_places(
    posteriors: Posteriors,
    target: Sequence[str],
    segments: Sequence[Segment],
    normal_forms: NormalForms = ENGLISH_FORMS,
    right_labels: LabelsAt = lambda start, end: frozenset(),
) -> list[Place]:
    """Returns the places of a decoding's segments, in order: one for each label pronounced, and for each deleted.

    `right_labels` are those of other accents that are as right as the target's.

    Compares the likelihood of the phones with that of each sequence in which one is replaced or deleted: goodness of
    pronunciation without segmentation (Cao et al., A Framework for Phoneme-Level Pronunciation Assessment Using CTC,
    Interspeech 2024). All other phones stay as they were decoded, deleted ones as the target has them. Raises
    AlignmentFailedError where there are too few frames.
    """
    places = [
        (index, label, expected)
        for index, segment in enumerate(segments)
        for label, expected in _labels(posteriors.labels, target, segment, normal_forms, right_labels)
    ]
    labels = [label for _, label, _ in places]
    emissions = forced_alignment(posteriors.log_probs, labels)
    rows = alternatives(posteriors.log_probs, labels, emissions)
    rows -= np.logaddexp.reduce(rows, axis=1, keepdims=True)
    samples = np.diff(edges_of(emissions, posteriors)).ravel().tolist()
    return [Place(*place, row, length) for place, row, length in zip(places, rows, samples, strict=True)]


def evidence_against(places: Iterable[Place], num_segments: int) -> list[float]:
    """Returns, for each segment of a decoding, the log-odds that what the target has there was not pronounced.

    For a target phone these are the odds that another phone or none was, for an insertion that a phone was. A segment
    of several labels has the most of theirs, an elided one none.
    """
    evidence = [-MAX_EVIDENCE] * num_segments
    for place in places:
        evidence[place.segment] = max(evidence[place.segment], place.evidence)
    return evidence


def _labels(
    labels: tuple[str, ...],
    target: Sequence[str],
    segment: Segment,
    normal_forms: NormalForms,
    right_labels: LabelsAt,
) -> list[tuple[int, frozenset[int]]]:
    """Returns the labels that stand at a segment's place, each with those that the target has there."""
    if segment.start == segment.end and segment.status == "deviation":
        return [(label, frozenset({DELETION})) for label in segment.labels]
    phones = target[segment.start : segment.end]
    alike = labels_of(labels, phones, normal_forms)
    if segment.status != "deviation":
        is_whole = alike.issuperset(segment.labels)
        return [(k, alike if is_whole else same_sound_labels(labels, k, normal_forms)) for k in segment.labels]
    _, [expected] = posterior_columns(labels, phones, normal_forms.fallbacks)
    right = alike or same_sound_labels(labels, expected, normal_forms)
    right |= right_labels(segment.start, segment.end)
    return [(label, right) for label in segment.labels or (expected,)]


def alternatives(
    log_probs: npt.NDArray[np.float32], labels: Sequence[int], emissions: Sequence[Emission]
) -> LogLikelihoods:
    """Returns the log-likelihoods [phones, labels] of a sentence with each of its phones replaced by each label.

    `log_probs` is [frames, labels], and the sentence is columns of it, with the `emissions` of its best path. Column 0
    of the result is the sentence without the phone. A replacement is sought from where the best path has the phone
    `CONTEXT_PHONES` before to where it has the one `CONTEXT_PHONES` after.

    Sums over the CTC paths through this lattice; its lower arcs are absent between equal phones (Graves et al.,
    Connectionist Temporal Classification, 2006, section 4.1):

        phone i-1 ──► blank i ──► phone i ──► blank i+1 ──► phone i+1
            └────────────────────────┴─┴────────────────────────┘
        before: up to here        replaced        after: from here on
    """
    scores = log_probs.astype(np.float64)
    pieces = []
    for first in range(0, len(labels), PIECE_PHONES):
        last = min(first + PIECE_PHONES, len(labels))
        before, after = max(first - CONTEXT_OF_PIECE, 0), min(last + CONTEXT_OF_PIECE, len(labels))
        start = emissions[before].start if before else 0
        end = emissions[after - 1].end if after < len(labels) else len(scores)
        frames = [(emission.start - start, emission.end - start) for emission in emissions[before:after]]
        pieces.append(_Piece(scores[start:end], labels[before:after], frames, range(first - before, last - before)))
    paths = forward(
        [(piece.scores[::step], piece.labels[::step]) for step in (1, -1) for piece in pieces]  # forward and backward
    )
    rows = [_alternatives(*each) for each in zip(pieces, paths[: len(pieces)], paths[len(pieces) :], strict=True)]
    return np.concatenate([np.empty((0, scores.shape[1])), *rows])


class _Piece(NamedTuple):
    """A part of a sentence: log-probabilities [frames, labels], its labels, their frames, and which are no context."""

    scores: LogLikelihoods
    labels: Sequence[int]
    emissions: Sequence[tuple[int, int]]
    own: range


def _alternatives(piece: _Piece, before: Paths, mirrored: Paths) -> LogLikelihoods:
    """Returns the log-likelihoods [phones, labels] of a piece, given the paths through its first frames.

    The `mirrored` ones are those through its last frames, which begin at the end.
    """
    scores, labels, emissions, own = piece
    after = Paths(*(array[::-1, ::-1] for array in mirrored))  # column `i` is of label `i`, and of the blank after it
    starts = [0] * CONTEXT_PHONES + [start for start, _ in emissions]
    ends = [end for _, end in emissions] + [len(scores)] * CONTEXT_PHONES

    rows = np.empty((len(own), scores.shape[1]))
    for row, index in zip(rows, own, strict=True):
        previous = labels[index - 1] if index else None
        following = labels[index + 1] if index + 1 < len(labels) else None
        frames = slice(starts[index], ends[index + CONTEXT_PHONES])
        later = slice(frames.start + 1, frames.stop + 1)
        entering = _beside(before, frames, index, previous, len(row))
        leaving = _beside(after, later, index + 1, following, len(row))
        row[:] = _replaced(scores[frames], entering, leaving)

        to_deleted = (before.either if previous != following else before.blank)[:, index]
        is_last = following is None
        row[DELETION] = to_deleted[-1] if is_last else np.logaddexp.reduce(to_deleted + after.label[:, index + 1])
    return rows


def _beside(paths: Paths, frames: slice, index: int, label: int | None, num_labels: int) -> LogLikelihoods:
    """Returns the log-likelihoods [frames, labels] of the paths beside each label, the blank alone beside `label`."""
    result = np.repeat(paths.either[frames, index, None], num_labels, axis=1)
    if label is not None:
        result[:, label] = paths.blank[frames, index]
    return result


def _replaced(scores: LogLikelihoods, entering: LogLikelihoods, leaving: LogLikelihoods) -> LogLikelihoods:
    """Returns the log-likelihood [labels] of each label over all stretches of frames.

    `scores`, `entering` and `leaving` are [frames, labels]: of the label, of the paths before a stretch that begins in
    a frame, of those after one that ends in it.
    """
    alone = scores.cumsum(axis=0)  # up to a frame
    begun: LogLikelihoods = np.logaddexp.accumulate(entering + scores - alone, axis=0)
    total: LogLikelihoods = np.logaddexp.reduce(begun + alone + leaving, axis=0)
    return total
