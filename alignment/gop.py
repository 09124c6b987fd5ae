"""Goodness of pronunciation: the evidence of a recognizer's posteriors against a target's phones."""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from alignment.accents import LabelsAt
from alignment.ctc import CONTEXT_LABELS, edges_of, emissions_near
from alignment.network import labels_of, same_sound_labels
from alignment.phone_set import posterior_columns
from alignment.segments import Segment
from shared.ctc.alignment import (
    LOGARITHMIC,
    NO_PATH,
    REAL,
    Emission,
    Likelihoods,
    LogProbs,
    Paths,
    Semiring,
    forward,
    log_likelihood,
)
from shared.ctc.posteriors import BLANK, Posteriors
from shared.errors import AlignmentFailedError
from shared.phonology.equivalence import ENGLISH_FORMS, NormalForms

# A replaced phone moves its neighbours too. With so many phones before and after, no probability differs by more than
# 0.014 from one with the whole sentence (46 learners' sentences).
CONTEXT_PHONES = 3
# A sentence is scored in pieces with `CONTEXT_LABELS` around, so that the time is linear in its length.
PIECE_PHONES = 24
BLOCK_NUMBERS = 15_000  # of phones times labels that are scored at once: what a processor's cache holds

DELETION = BLANK  # the column of `alternatives` for no phone
MAX_EVIDENCE = 30.0  # nats: more is no more certain
MAX_LIKELIHOOD = 1e100  # of paths over the best one's, in real numbers
TINY = 1e-300  # instead of no likelihood, whose logarithm is infinite

LogLikelihoods = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Place:
    """A label in a segment of a decoding, and every other label in its place.

    `label` is the one pronounced; of a deletion, the target's. `expected` are those that count as what the target has
    there. `log_posteriors` [labels] are of each label in this place, column `DELETION` none, all else as it is.
    `samples` are how long the label is on the best path, with half the blanks beside it. `evidence` are the log-odds
    that what the target has here was not pronounced.
    """

    segment: int
    label: int
    expected: frozenset[int]
    log_posteriors: LogLikelihoods
    samples: float
    evidence: float


class Reading(NamedTuple):
    """Segments of a target's phones, decoded in a recording or expected in it.

    `right_labels` are those of other accents that are as right as the target's.
    """

    posteriors: Posteriors
    target: Sequence[str]
    segments: Sequence[Segment]
    right_labels: LabelsAt = lambda start, end: frozenset()


def find_places(readings: Sequence[Reading], normal_forms: NormalForms = ENGLISH_FORMS) -> list[list[Place] | None]:
    """Returns the places of each reading's segments, in order: one for each label pronounced, and for each deleted.

    Compares the likelihood of the phones with that of each sequence in which one is replaced or deleted: goodness of
    pronunciation without segmentation (Cao et al., A Framework for Phoneme-Level Pronunciation Assessment Using CTC,
    Interspeech 2024). All other phones stay as they were decoded, deleted ones as the target has them. None where
    there are too few frames.
    """
    labels = [
        [
            (index, label, expected)
            for index, segment in enumerate(reading.segments)
            for label, expected in _labels(reading, segment, normal_forms)
        ]
        for reading in readings
    ]
    aligned = [
        _aligned(reading, [label for _, label, _ in of_reading])
        for reading, of_reading in zip(readings, labels, strict=True)
    ]
    sentences = [
        Sentence(reading.posteriors.log_probs, [label for _, label, _ in of_reading], emissions)
        for reading, of_reading, emissions in zip(readings, labels, aligned, strict=True)
        if emissions is not None
    ]
    rows = iter(alternatives(sentences))
    return [
        None if emissions is None else _places(reading, of_reading, next(rows), emissions)
        for reading, of_reading, emissions in zip(readings, labels, aligned, strict=True)
    ]


def _aligned(reading: Reading, labels: Sequence[int]) -> list[Emission] | None:
    """Returns the frames of a reading's labels on the best path; None where there are too few."""
    known = [
        emission
        for segment in reading.segments
        for emission in segment.emissions or [None] * (len(segment.labels) or segment.status == "deviation")
    ]
    try:
        return emissions_near(reading.posteriors.log_probs, labels, known)
    except AlignmentFailedError:
        return None


def _places(
    reading: Reading,
    labels: Sequence[tuple[int, int, frozenset[int]]],
    rows: LogLikelihoods,
    emissions: Sequence[Emission],
) -> list[Place]:
    """Returns the places of a reading's labels, given the log-likelihoods [places, labels] of others."""
    log_posteriors = rows - rows.max(axis=1, keepdims=True)
    log_posteriors -= np.log(np.exp(log_posteriors).sum(axis=1, keepdims=True))
    expected = np.zeros(rows.shape, dtype=bool)
    for row, (*_, right) in zip(expected, labels, strict=True):
        row[list(right)] = True
    likelihoods = np.exp(log_posteriors)
    likelihoods_of = [np.where(which, likelihoods, TINY).sum(axis=1) for which in (~expected, expected)]
    evidence = np.subtract(*np.log(likelihoods_of)).clip(-MAX_EVIDENCE, MAX_EVIDENCE).tolist()
    samples = np.diff(edges_of(emissions, reading.posteriors)).ravel().tolist()
    return [
        Place(*label, row, length, against)
        for label, row, length, against in zip(labels, log_posteriors, samples, evidence, strict=True)
    ]


def evidence_against(places: Iterable[Place], num_segments: int) -> list[float]:
    """Returns, for each segment of a decoding, the log-odds that what the target has there was not pronounced.

    For a target phone these are the odds that another phone or none was, for an insertion that a phone was. A segment
    of several labels has the most of theirs, an elided one none.
    """
    evidence = [-MAX_EVIDENCE] * num_segments
    for place in places:
        evidence[place.segment] = max(evidence[place.segment], place.evidence)
    return evidence


def evidence_of_omission(reading: Reading, start: int, end: int, normal_forms: NormalForms = ENGLISH_FORMS) -> float:
    """Returns the log-odds, in nats a label, that nothing was pronounced of segments `start` up to `end` of a decoding.

    Compares the likelihood of the phones decoded around them with that of the same phones and theirs between. One phone
    of them alone tells nothing: of a phrase that a text has twice, either may have the frames of the one read.
    """
    posteriors, _, segments, _ = reading
    before, after = (
        [pair for segment in part for pair in zip(segment.labels, segment.emissions, strict=True)]
        for part in (segments[:start], segments[end:])
    )
    starts = [0] * CONTEXT_LABELS + [emission.start for _, emission in before]
    ends = [emission.end for _, emission in after] + [len(posteriors.log_probs)] * CONTEXT_LABELS
    frames = posteriors.log_probs[starts[-CONTEXT_LABELS] : ends[CONTEXT_LABELS - 1]]
    around = [label for label, _ in before[-CONTEXT_LABELS:]], [label for label, _ in after[:CONTEXT_LABELS]]
    omitted = [label for segment in segments[start:end] for label, _ in _labels(reading, segment, normal_forms)]
    without, within = (log_likelihood(frames, [*around[0], *labels, *around[1]]) for labels in ([], omitted))
    return float(np.clip((without - within) / len(omitted), -MAX_EVIDENCE, MAX_EVIDENCE))


def _labels(reading: Reading, segment: Segment, normal_forms: NormalForms) -> list[tuple[int, frozenset[int]]]:
    """Returns the labels that stand at a segment's place, each with those that the target has there."""
    if segment.start == segment.end and segment.status == "deviation":
        return [(label, frozenset({DELETION})) for label in segment.labels]
    labels, phones = reading.posteriors.labels, reading.target[segment.start : segment.end]
    alike = labels_of(labels, phones, normal_forms)
    if segment.status != "deviation":
        is_whole = alike.issuperset(segment.labels)
        return [(k, alike if is_whole else same_sound_labels(labels, k, normal_forms)) for k in segment.labels]
    _, [expected] = posterior_columns(labels, phones, normal_forms.fallbacks)
    right = alike or same_sound_labels(labels, expected, normal_forms)
    right |= reading.right_labels(segment.start, segment.end)
    return [(label, right) for label in segment.labels or (expected,)]


class Sentence(NamedTuple):
    """Log-probabilities [frames, labels], phones, which are columns of them, and the emissions of their best path."""

    log_probs: LogProbs
    labels: Sequence[int]
    emissions: Sequence[Emission]


def alternatives(sentences: Sequence[Sentence]) -> list[LogLikelihoods]:
    """Returns the log-likelihoods [phones, labels] of sentences with each of their phones replaced by each label.

    They are ratios: to the likelihood of the best path, in the piece of a sentence that is scored at once. Column 0 is
    the sentence without the phone. A replacement is sought from where the best path has the phone `CONTEXT_PHONES`
    before to where it has the one `CONTEXT_PHONES` after.

    Sums over the CTC paths through this lattice; its lower arcs are absent between equal phones (Graves et al.,
    Connectionist Temporal Classification, 2006, section 4.1):

        phone i-1 ──► blank i ──► phone i ──► blank i+1 ──► phone i+1
            └────────────────────────┴─┴────────────────────────┘
        before: up to here        replaced        after: from here on
    """
    result = [np.empty((len(sentence.labels), sentence.log_probs.shape[1])) for sentence in sentences]
    alike: dict[Hashable, list[_Piece]] = {}
    for sentence, rows in zip(sentences, result, strict=True):
        for piece in _pieces(sentence, rows):
            alike.setdefault(piece.key, []).append(piece)
    pieces = [first for first, *_ in alike.values()]
    while pieces:
        size = max(BLOCK_NUMBERS // pieces[0].rows.size, 1)
        _fill(pieces[:size])
        pieces = pieces[size:]
    for first, *others in alike.values():
        for other in others:
            other.rows[:] = first.rows
    return result


class _Piece(NamedTuple):
    """A part of a sentence: scores [frames, labels], its labels, their frames, and which are no context.

    The scores are log-probabilities less those of the best path. `rows` [own, labels] are where the log-likelihoods of
    these go, the same in all pieces of one `key`.
    """

    scores: LogLikelihoods
    labels: Sequence[int]
    emissions: Sequence[tuple[int, int]]
    own: range
    rows: LogLikelihoods
    key: Hashable


def _pieces(sentence: Sentence, rows: LogLikelihoods) -> Iterator[_Piece]:
    log_probs, labels, emissions = sentence
    scores = np.maximum(log_probs, NO_PATH, dtype=np.float64)
    best = np.full((len(scores), 1), BLANK)
    for label, emission in zip(labels, emissions, strict=True):
        best[emission.start : emission.end] = label
    scores -= np.take_along_axis(scores, best, axis=1)
    for first in range(0, len(labels), PIECE_PHONES):
        last = min(first + PIECE_PHONES, len(labels))
        before, after = max(first - CONTEXT_LABELS, 0), min(last + CONTEXT_LABELS, len(labels))
        start = emissions[before].start if before else 0
        end = emissions[after - 1].end if after < len(labels) else len(scores)
        frames = [(emission.start - start, emission.end - start) for emission in emissions[before:after]]
        own = range(first - before, last - before)
        key = id(log_probs), start, end, *labels[before:after], *frames, own
        yield _Piece(scores[start:end], labels[before:after], frames, own, rows[first:last], key)


def _fill(pieces: Sequence[_Piece]) -> None:
    """Fills the rows of pieces.

    Real numbers take a quarter of the time of logarithms, but those below 1e-308 are lost. The best path has a
    likelihood of 1 here: so what is lost changes nothing, unless other paths to or from a frame are much likelier.
    """
    for semiring in (REAL, LOGARITHMIC):
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            recordings = [(semiring.of_logarithms(piece.scores), piece.labels) for piece in pieces]
            mirrored = [(likelihoods[::-1], labels[::-1]) for likelihoods, labels in recordings]
            paths = forward([*recordings, *mirrored], semiring)
            rows = _replaced(pieces, [likelihoods for likelihoods, _ in recordings], paths, semiring)
            rows[:, DELETION] = np.concatenate(
                [_without(pieces, index, paths, semiring) for index in range(len(pieces))]
            )
            logarithms = np.maximum(semiring.logarithms_of(rows), NO_PATH)
        if np.max([rows.max(), *(of_paths.max() for of_paths in paths)]) < MAX_LIKELIHOOD:
            break
    ends = np.cumsum([len(piece.own) for piece in pieces])
    for piece, own in zip(pieces, np.split(logarithms, ends[:-1]), strict=True):
        piece.rows[:] = own


def _without(pieces: Sequence[_Piece], index: int, paths: Paths, semiring: Semiring) -> Likelihoods:
    """Returns the likelihoods [phones] of a piece without each of its phones."""
    frames, labels, own = len(pieces[index].scores), pieces[index].labels, pieces[index].own
    label, blank = (of_paths[: frames + 1, index, own.start : own.stop] for of_paths in paths)
    after = paths.label[frames::-1, index - len(pieces), len(labels) :: -1]  # column `i` is of label `i`
    around = np.array([BLANK, *labels, BLANK])
    alike = (around[:-2] == around[2:])[own.start : own.stop]
    to_deleted = np.where(alike, blank, semiring.add(label, blank))
    ways = semiring.multiply(to_deleted, after[:, own.start + 1 : own.stop + 1])
    if own.stop == len(labels):
        ways[-1, -1] = to_deleted[-1, -1]
    total: Likelihoods = semiring.add.reduce(ways)
    return total


def _windows(pieces: Sequence[_Piece]) -> Iterator[tuple[int, ...]]:
    """Yields where any label may stand in place of a phone: its piece, its index and how many labels are after it.

    Then the frames, from one up to another, and the labels before and after the phone.
    """
    for number, (scores, labels, emissions, own, *_) in enumerate(pieces):
        starts = [0] * CONTEXT_PHONES + [start for start, _ in emissions]
        ends = [end for _, end in emissions] + [len(scores)] * CONTEXT_PHONES
        around = [BLANK, *labels, BLANK]
        for index in own:
            frames = starts[index], ends[index + CONTEXT_PHONES]
            yield number, index, len(labels) - 1 - index, *frames, around[index], around[index + 2]


def _replaced(pieces: Sequence[_Piece], scores: Sequence[Likelihoods], paths: Paths, semiring: Semiring) -> Likelihoods:
    """Returns the likelihood [own phones, labels] of each label over all stretches of frames in each phone's window.

    `scores` [pieces][frames, labels] are the likelihoods of the labels, `paths` those from the pieces' starts, and from
    their ends. All windows take a step at once, the shorter ones fewer.
    """
    windows = np.array(list(_windows(pieces)))
    order = np.argsort(windows[:, 3] - windows[:, 4], kind="stable")
    piece, index, from_end, start, end, previous, following = windows[order].T
    frames = np.minimum(start + np.arange((end - start).max())[:, None], end)
    sizes = np.array(list(map(len, scores)))
    left = sizes[piece] - 1 - frames
    from_label, from_blank = (of_paths[frames, piece, index] for of_paths in paths)
    to_label, to_blank = (of_paths[left, piece - len(pieces), from_end] for of_paths in paths)
    entering, leaving = semiring.add(from_label, from_blank), semiring.add(to_label, to_blank)
    every, emitted = np.concatenate(scores), (np.cumsum(sizes) - sizes)[piece] + frames
    rows = np.arange(len(windows))
    begun, total, ways = np.full((3, len(windows), every.shape[1]), semiring.of_logarithms(-np.inf))
    for step, longer in enumerate((frames < end).sum(axis=1).tolist()):
        still = slice(longer)
        own, now, here = rows[still], begun[still], ways[still]
        here[:] = entering[step, still, None]
        here[own, previous[still]] = from_blank[step, still]
        semiring.add(now, here, out=now)
        semiring.multiply(now, every.take(emitted[step, still], axis=0), out=now)
        semiring.multiply(now, leaving[step, still, None], out=here)
        here[own, following[still]] = semiring.multiply(now[own, following[still]], to_blank[step, still])
        semiring.add(total[still], here, out=total[still])
    result = np.empty_like(total)
    result[order] = total
    return result
