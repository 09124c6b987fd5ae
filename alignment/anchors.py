"""Where a recording is cut: between words that are sure to be there.

Where the phones around a boundary are the target's, what comes before it and what comes after it need not be known
together: Moreno et al. (1998), "A recursive algorithm for the forced alignment of very long audio segments".
"""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from alignment.edit_distance import edit_operations
from alignment.phone_set import parse_label
from shared.audio.samples import SAMPLE_RATE
from shared.ctc.posteriors import BLANK, Posteriors
from shared.phonology.equivalence import NormalForms

CONTEXT_PHONES = 4  # that match before an anchor, and after it
MIN_DECODED = 3 * SAMPLE_RATE // 2  # samples of a piece that is decoded by itself

DIFFERS = -1


class Anchor(NamedTuple):
    """A boundary of two words: how many target phones are before it, and the frame in the middle of its pause."""

    position: int
    frame: int


BEGINNING = Anchor(0, 0)


class Piece(NamedTuple):
    """A part of a recording and of its target, from one anchor up to another; its ends are anchors, too."""

    start: Anchor
    end: Anchor


def pieces(anchors: Iterable[Anchor], num_phones: int, num_frames: int, min_frames: float) -> list[Piece]:
    """Returns the pieces, in order, of a recording of `num_frames` with a target of `num_phones`.

    They are cut at anchors, where both sides have `min_frames`.

    >>> [tuple(piece.end) for piece in pieces([Anchor(40, 500), Anchor(45, 510)], 90, 1200, 100)]
    [(40, 500), (90, 1200)]
    """
    edges = [BEGINNING]
    for anchor in anchors:
        if anchor.frame - edges[-1].frame >= min_frames <= num_frames - anchor.frame:
            edges.append(anchor)
    return [Piece(*pair) for pair in itertools.pairwise([*edges, Anchor(num_phones, num_frames)])]


class _Phone(NamedTuple):
    """A canonical phone of the free best path, and the frames of its label, from `start` up to `end`."""

    sound: str
    start: int
    end: int


def find_anchors(posteriors: Posteriors, words: Sequence[Sequence[str]], normal_forms: NormalForms) -> list[Anchor]:
    """Returns each boundary of words around which the free best path has the target's phones, in order.

    None of a recording that is too short for two pieces.
    """
    if len(posteriors.log_probs) * posteriors.frame_stride < 2 * MIN_DECODED:
        return []
    phones = list(_free_phones(posteriors, normal_forms))
    sounds = [normal_forms.canonical_form(word) for word in words]
    places = _places([phone.sound for phone in phones], list(itertools.chain(*sounds))).tolist()
    boundaries, positions = (itertools.accumulate(map(len, each)) for each in (sounds, words))
    anchors: list[Anchor] = []
    for boundary, position in zip(boundaries, positions, strict=True):
        around = places[max(boundary - CONTEXT_PHONES, 0) : boundary + CONTEXT_PHONES]
        first, *_ = around or [DIFFERS]
        if first != DIFFERS and around == list(range(first, first + 2 * CONTEXT_PHONES)):
            before, after = (phones[place] for place in around[CONTEXT_PHONES - 1 : CONTEXT_PHONES + 1])
            if after.start >= before.end:  # of one label of two phones they are the same frames
                anchors.append(Anchor(position, (before.end + after.start) // 2))
    return anchors


def _free_phones(posteriors: Posteriors, normal_forms: NormalForms) -> Iterator[_Phone]:
    """Yields the canonical phones of the free best path."""
    best = posteriors.log_probs.argmax(axis=1)
    starts = np.flatnonzero(np.diff(best, prepend=DIFFERS))
    sounds = {k: normal_forms.canonical_form(parse_label(posteriors.labels[k])) for k in set(best.tolist()) - {BLANK}}
    for start, end in itertools.pairwise([*starts.tolist(), len(best)]):
        if best[start] != BLANK:
            for sound in sounds[best[start]]:
                yield _Phone(sound, start, end)


def _places(actual: Sequence[str], target: Sequence[str]) -> npt.NDArray[np.int64]:
    """Returns the place [target] in the phones pronounced of each target phone, `DIFFERS` of one that is not there.

    >>> _places(["k", "l", "æ", "s"], ["k", "æ", "t", "s"]).tolist()
    [0, 2, -1, 3]
    """
    operations = edit_operations(actual, target)
    of = {kind: [o.position for o in operations if o.type == kind] for kind in ("insert", "delete", "substitute")}
    phones = np.arange(len(target))
    places = phones + np.searchsorted(of["insert"], phones, "right") - np.searchsorted(of["delete"], phones, "left")
    places[of["delete"] + of["substitute"]] = DIFFERS
    return places
