"""Target-aware decoding: the phones pronounced are the best CTC path through a network built from the target."""

import functools
import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from alignment.anchors import BEGINNING, Anchor
from alignment.network import Network, build_network
from alignment.segments import Segment
from shared.ctc.alignment import Emission
from shared.ctc.posteriors import BLANK, Posteriors
from shared.errors import AlignmentFailedError
from shared.recognizers.calibration import Penalties
from shared.variation.languages import AMERICAN_ENGLISH
from shared.variation.phonology import Phonology
from shared.variation.variant import Variant

BLOCK_FRAMES = 4096  # a longer recording is decoded twice, to keep the scores of one block of frames at a time
MAX_PENALTY = 1e5  # stands for an infinite one: more than any recording's log-likelihood

INSERTED, FILLER = 1, 2
LAYERS = 3

Floats = npt.NDArray[np.float64]
_Place = tuple[int, int, int]
"""Layer, state and label of a path after a frame."""


@dataclass(frozen=True)
class Decoding:
    """The segments of the best path, in order, and its log-likelihood less penalties."""

    segments: tuple[Segment, ...]
    log_likelihood: float

    @property
    def phones(self) -> list[str]:
        """The phones pronounced."""
        return [phone for segment in self.segments for phone in segment.phones]


def decode(  # noqa: PLR0913 (a target is three of them)
    posteriors: Posteriors,
    words: Sequence[Sequence[str]],
    penalties: Penalties,
    variants: Sequence[Variant] = (),
    phonology: Phonology = AMERICAN_ENGLISH,
    *,
    words_are_known: bool = True,
    start: Anchor = BEGINNING,
) -> Decoding:
    """Returns the best path through the network of a target's words, or of all its phones, where none are known.

    Each phone is pronounced as written, as another or not at all, and any phone may stand between two. Whole words that
    are omitted, and phones in a row between words, as a restart inserts them, cost less than each phone apart; a filled
    pause between words costs no more than a substitution. Variants cost nothing, nor
    does what the `phonology` takes for the same phone.
    Viterbi over frames, vectorised over the network's states and the labels: time and memory are linear in frames times
    target phones. Raises AlignmentFailedError where no path fits in the frames.
    """
    emitted, frames = _pruned(posteriors.log_probs.astype(np.float64), penalties)
    network = build_network(
        words, variants, posteriors.labels, emitted.max(axis=0, initial=-np.inf) > -np.inf, phonology
    )
    steps, log_likelihood = _Search(network, emitted[:, network.columns], penalties, words_are_known).run()
    target = list(itertools.chain.from_iterable(words))
    segments = _segments(network, target, steps, (frames + start.frame).tolist(), start.position)
    return Decoding(tuple(segments), log_likelihood)


def _pruned(emitted: Floats, penalties: Penalties) -> tuple[Floats, npt.NDArray[np.intp]]:
    """Returns log-probabilities [frames, labels] without labels far below a frame's best one, -inf, and fewer frames.

    Beside them is the first frame that each is made of.

    So far is more than twice the dearest penalty: to do without a label in a frame takes a substitution, two deletions,
    where two labels of a kind beside it become one, or two insertions, where it stands before and after, too. Frames
    that are left with the blank alone are one where they meet.
    """
    margin = 2 * max(penalties.substitution, penalties.deletion, penalties.insertion)
    pruned = np.where(emitted < emitted.max(axis=1, keepdims=True) - margin, -np.inf, emitted)
    is_blank = pruned[:, BLANK + 1 :].max(axis=1, initial=-np.inf) == -np.inf
    continues = np.zeros(len(emitted), dtype=bool)
    continues[1:] = is_blank[1:] & is_blank[:-1]
    firsts = np.flatnonzero(~continues)
    joined: Floats = pruned[firsts]
    joined[:, BLANK] = np.add.reduceat(emitted[:, BLANK], firsts)
    return joined, firsts


class _Scores(NamedTuple):
    """The best log-likelihoods of paths that end in each state of the network after a frame.

    `scores` [labels, 3, states] are by the last frame's label, of `labels`, the blank first. The second index is
    `INSERTED` where the last phone was inserted, `FILLER` where it is one of a filled pause. `entries` [labels - 1,
    states] are of paths that are in a state, deletions made, before a phone in that frame.
    """

    labels: list[int]
    scores: Floats
    entries: Floats

    def before(self, label: int) -> Floats:
        """Returns the best scores [layers, states] of paths whose last label is another, or both are the blank."""
        if label == BLANK or label not in self.labels:
            best: Floats = np.maximum.reduce(self.scores)
            return best
        return functools.reduce(
            np.maximum, [row for last, row in zip(self.labels, self.scores, strict=True) if last != label]
        )

    def ending_in(self, place: _Place) -> float:
        """Returns the score of a place."""
        layer, state, label = place
        return self.scores.item(self.labels.index(label), layer, state) if label in self.labels else -np.inf

    def best(self, layers: Iterable[int], state: int, label: int) -> _Place:
        """Returns the best place in a state whose label is not the one that comes next; a blank may follow a blank."""
        labels = [last for last in self.labels if last != label or label == BLANK]
        return max(((layer, state, last) for layer in layers for last in labels), key=self.ending_in)


class _Step(NamedTuple):
    """What a path does between two states: a phone of an arc, an insertion (`arc` None) or a deletion (no `label`).

    A phone has frames from `start` up to `end`.
    """

    source: int
    target: int
    label: int | None
    arc: int | None
    start: int = 0
    end: int = 0


class _Search:
    """Viterbi search of a network over emitted log-probabilities [frames, labels]."""

    def __init__(self, network: Network, emitted: Floats, penalties: Penalties, words_are_known: bool) -> None:
        self._network = network
        self._emitted = emitted
        self._sources: list[int] = network.sources.tolist()
        self._alive = emitted > -np.inf
        self._alive[:, BLANK] = True
        substitution, deletion, insertion, extension = (
            min(p, MAX_PENALTY)
            for p in (penalties.substitution, penalties.deletion, penalties.insertion, penalties.extension)
        )
        self._costs = np.where(network.free, 0.0, np.where(network.substitutable[:, None], substitution, np.inf)).T
        self._deletions = np.concatenate([[0], np.cumsum(~network.elidable)])  # up to each state of the chain
        self._deletion, self._further_deletion = deletion, min(extension, deletion)
        self._edges = np.flatnonzero(network.between_words)  # of words, in the chain
        self._deletion_sums = deletion * self._deletions
        # What is saved up to each edge where its words are omitted, but for what the first phone costs more.
        self._savings = (deletion - self._further_deletion) * self._deletions[self._edges]
        self._saved = self._savings - (deletion - self._further_deletion)
        inside = max(insertion, extension) if words_are_known else extension
        # [2, 3, states], of labels that are of no filled pause, and of those that are, by layer
        self._insertion, self._extension = np.full((2, 2, LAYERS, len(network.positions)), np.inf)
        self._insertion[:, INSERTED] = np.where(network.positions >= 0, insertion, np.inf)
        self._extension[:, INSERTED] = np.where(network.between_words, extension, inside)
        self._insertion[1, FILLER] = np.where(network.between_words, min(substitution, insertion), np.inf)
        self._extension[1, FILLER] = np.where(network.between_words, extension, np.inf)

    def run(self) -> tuple[list[_Step], float]:
        """Returns the steps of the best path, and its log-likelihood less penalties."""
        start = self._start()
        starts = [start]
        frames = len(self._emitted)
        blocks = range(0, frames, BLOCK_FRAMES)
        history: list[_Scores] = [start]
        for first in blocks:
            history = self._forward(starts[-1], first)
            starts.append(history[-1])
        entry = self._with_all_deletions(history[-1].scores.max(axis=(0, 1))[None])[0]  # as if a blank came last
        final = self._network.final_state
        log_likelihood = float(entry[final])
        if log_likelihood < -MAX_PENALTY / 2 or not np.isfinite(log_likelihood):
            raise AlignmentFailedError(f"{frames} frames are too few for the target; send a longer recording")
        steps: list[_Step] = []
        place = self._enter(history[-1], final, BLANK, log_likelihood, steps)
        end = frames  # of the label that the path has in a frame
        for first, block_start in zip(reversed(blocks), reversed(starts[:-1]), strict=True):
            if first != blocks[-1]:
                history = self._forward(block_start, first)
            for frame in range(len(history) - 2, -1, -1):
                taken = len(steps)
                is_blank = place[2] == BLANK
                place = self._back(history[frame], history[frame + 1], place, steps)
                if steps[taken:]:
                    steps[taken] = steps[taken]._replace(start=first + frame, end=end)
                if is_blank or steps[taken:]:
                    end = first + frame
        return steps[::-1], log_likelihood

    def _start(self) -> _Scores:
        scores = np.full((1, LAYERS, len(self._network.positions)), -np.inf)
        scores[0, 0, 0] = 0.0
        return _Scores([BLANK], scores, scores[1:, 0])

    def _forward(self, start: _Scores, first: int) -> list[_Scores]:
        """Returns the scores before and after each frame of a block."""
        history = [start]
        block = slice(first, first + BLOCK_FRAMES)
        frames, labels = self._alive[block].nonzero()
        emitted = self._emitted[block][frames, labels][:, None, None]
        kinds = self._network.fillers[labels].view(np.int8)
        edges = np.searchsorted(frames, np.arange(len(self._emitted[block]) + 1)).tolist()
        for edge, end in itertools.pairwise(edges):
            phones = slice(edge + 1, end)
            history.append(self._advance(history[-1], labels[phones], kinds[phones], emitted[edge:end]))
        return history

    def _advance(
        self, before: _Scores, phones: npt.NDArray[np.intp], kinds: npt.NDArray[np.int8], emitted: Floats
    ) -> _Scores:
        """Returns the scores after one frame more, in which labels are alive: the blank and `phones`."""
        labels = phones.tolist()
        scores = np.empty((len(emitted), *before.scores.shape[1:]))
        scores[:] = np.maximum.reduce(before.scores)
        entered = scores[1:]
        continued = [(row, label) for row, label in zip(entered, labels, strict=True) if label in before.labels]
        for row, label in continued:
            row[:] = before.before(label)
        entries = np.maximum.reduce(entered, axis=1)
        if labels:
            self._with_all_deletions(entries)
            entered -= self._extension.take(kinds, axis=0)
            np.maximum(entered, entries[:, None] - self._insertion.take(kinds, axis=0), out=entered)
            ways = entries.take(self._network.sources, axis=1)
            ways -= self._costs.take(phones, axis=0)
            np.maximum.reduceat(ways, self._network.first_arcs, axis=1, out=entered[:, 0])
            for row, label in continued:
                np.maximum(row, before.scores[before.labels.index(label)], out=row)
        scores += emitted
        return _Scores([BLANK, *labels], scores, entries)

    def _with_all_deletions(self, entries: Floats) -> Floats:
        """Returns the best score [labels, states] of a path that is in a state, made in place from those without."""
        chain = entries[:, : len(self._deletions)]
        chain += self._deletion_sums
        np.maximum.accumulate(chain, axis=1, out=chain)
        at_edges = chain.take(self._edges, axis=1)
        omitted = at_edges - self._savings
        np.maximum.accumulate(omitted, axis=1, out=omitted)
        omitted += self._saved
        chain[:, self._edges] = np.maximum(at_edges, omitted, out=omitted)
        np.maximum.accumulate(chain, axis=1, out=chain)
        chain -= self._deletion_sums
        return entries

    def _deletion_costs(self, link: int) -> Floats:
        """Returns what it costs to get from each earlier state of the chain to one of them, whole words cheaper."""
        edges, counts = self._edges, self._deletions
        next_edge = edges[np.searchsorted(edges, np.arange(link))]
        last_edge = edges[np.searchsorted(edges, link, side="right") - 1]
        whole = np.maximum(counts[last_edge] - counts[next_edge], 0)
        others = counts[link] - counts[:link] - whole
        costs: Floats = self._deletion * (others + (whole > 0)) + self._further_deletion * np.maximum(whole - 1, 0)
        return costs

    def _back(self, before: _Scores, after: _Scores, place: _Place, steps: list[_Step]) -> _Place:
        """Returns the place one frame earlier, and adds the steps that lie between."""
        layer, state, label = place
        if label == BLANK:
            return before.best((layer,), state, BLANK) if len(before.labels) > 1 else (layer, state, BLANK)
        entries = after.entries[after.labels.index(label) - 1]
        back = self._back_from_insertion if layer else self._back_from_arc
        return back(before, entries, place, steps)

    def _back_from_insertion(self, before: _Scores, entries: Floats, place: _Place, steps: list[_Step]) -> _Place:
        layer, state, label = place
        is_filler = int(self._network.fillers[label])
        last = before.best((layer,), state, label)
        run = before.ending_in(last) - self._extension[is_filler, layer, state]
        opened = entries[state] - self._insertion[is_filler, layer, state]
        if before.ending_in(place) >= max(run, opened):
            return place
        steps.append(_Step(state, state, label, None))
        return last if run >= opened else self._enter(before, state, label, float(entries[state]), steps)

    def _back_from_arc(self, before: _Scores, entries: Floats, place: _Place, steps: list[_Step]) -> _Place:
        _, state, label = place
        sources, arcs = self._sources, self._network.arcs_into(state)
        ways = {arc: entries.item(sources[arc]) - self._costs.item(label, arc) for arc in arcs}
        arc = max(ways, key=ways.__getitem__)
        if before.ending_in(place) >= ways[arc]:
            return place
        steps.append(_Step(sources[arc], state, label, arc))
        return self._enter(before, sources[arc], label, entries.item(sources[arc]), steps)

    def _enter(self, before: _Scores, state: int, label: int, score: float, steps: list[_Step]) -> _Place:
        """Returns where a path was before the deletions that brought it to a state, and adds those as steps."""
        place = before.best(range(LAYERS), state, label)
        if state > self._network.final_state or before.ending_in(place) >= score:
            return place
        entries = before.before(label).max(axis=0)
        origins = np.append(entries[:state] - self._deletion_costs(state), entries[state])
        origin = int(np.flatnonzero(origins == origins.max())[-1])
        steps += [_Step(link, link + 1, None, None) for link in range(state - 1, origin - 1, -1)]
        return before.best(range(LAYERS), origin, label)


def _segments(
    network: Network, target: Sequence[str], steps: Sequence[_Step], frames: Sequence[int], position: int
) -> list[Segment]:
    """Returns the steps of a path as segments between whole target phones, given the recording's frame of each."""
    segments: list[Segment] = []
    part: list[_Step] = []
    for step in steps:
        part.append(step)
        if network.positions[step.target] >= 0:
            segments.append(_segment(network, target, part, frames, position))
            part = []
    return segments


def _segment(
    network: Network, target: Sequence[str], steps: Sequence[_Step], frames: Sequence[int], position: int
) -> Segment:
    start, end = int(network.positions[steps[0].source]), int(network.positions[steps[-1].target])
    expected = tuple(target[start:end])
    start, end = start + position, end + position
    labels = [step.label for step in steps if step.label is not None]
    emissions = tuple(Emission(frames[s.start], frames[s.end - 1] + 1) for s in steps if s.label is not None)
    columns = tuple(int(network.columns[label]) for label in labels)
    phones = tuple(phone for label in labels for phone in network.phones[label])
    first = steps[0]
    if first.label is None:
        explained_by = network.elision_names.get(first.source)
        return Segment(start, end, (), (), (), "variant" if explained_by else "deviation", explained_by)
    if first.arc is None or not network.free[first.arc, first.label]:
        return Segment(start, end, phones, phones, columns, "deviation", None, emissions)
    if network.names[first.arc]:
        return Segment(start, end, phones, phones, columns, "variant", network.names[first.arc], emissions)
    transcribed = phones if len(phones) == len(expected) else expected
    return Segment(start, end, expected, transcribed, columns, "match", None, emissions)
