"""Target-aware decoding: the phones pronounced are the best CTC path through a network built from the target."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from alignment.network import Network, build_network
from alignment.segments import Segment
from shared.ctc.posteriors import BLANK, Posteriors
from shared.errors import AlignmentFailedError
from shared.recognizers.calibration import Penalties
from shared.variation.american_english import AMERICAN_ENGLISH
from shared.variation.phonology import Phonology
from shared.variation.variant import Variant

BLOCK_FRAMES = 4096  # a longer recording is decoded twice, to keep the scores of one block of frames at a time
MAX_PENALTY = 1e5  # stands for an infinite one: more than any recording's log-likelihood

INSERTED, FILLER = 1, 2
LAYERS = 3

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Decoding:
    """The segments of the best path, in order, its log-likelihood less penalties, and that of the free best path."""

    segments: tuple[Segment, ...]
    log_likelihood: float
    free_log_likelihood: float

    @property
    def phones(self) -> list[str]:
        """The phones pronounced."""
        return [phone for segment in self.segments for phone in segment.phones]


def decode(
    posteriors: Posteriors,
    words: Sequence[Sequence[str]],
    penalties: Penalties,
    variants: Sequence[Variant] = (),
    phonology: Phonology = AMERICAN_ENGLISH,
) -> Decoding:
    """Returns the best path through the network of a target's words.

    Each phone is pronounced as written, as another or not at all, and any phone may stand between two. Whole words that
    are omitted, and phones in a row between words, as a restart inserts them, cost less than each phone apart; a filled
    pause between words costs no more than a substitution. Variants cost nothing, nor
    does what the `phonology` takes for the same phone.
    Viterbi over frames, vectorised over the network's states and the labels: time and memory are linear in frames times
    target phones. Raises AlignmentFailedError where no path fits in the frames.
    """
    emitted = _pruned(posteriors.log_probs.astype(np.float64), penalties)
    network = build_network(
        words, variants, posteriors.labels, emitted.max(axis=0, initial=-np.inf) > -np.inf, phonology
    )
    steps, log_likelihood = _Search(network, emitted[:, network.columns], penalties).run()
    free = float(posteriors.log_probs.max(axis=1).sum(dtype=np.float64))
    target = list(itertools.chain.from_iterable(words))
    return Decoding(tuple(_segments(network, target, steps)), log_likelihood, free)


def _pruned(emitted: Floats, penalties: Penalties) -> Floats:
    """Returns log-probabilities [frames, labels] without labels far below a frame's best one, -inf, and fewer frames.

    So far is more than all penalties together, which pay for deleting its phone, for another in its place, or for one
    inserted beside it. Frames that are left with the blank alone are one where they meet. 520 decodings of native
    speech and learners', by own targets and others, have the same path without it.
    """
    margin = penalties.substitution + penalties.deletion + penalties.insertion
    pruned = np.where(emitted < emitted.max(axis=1, keepdims=True) - margin, -np.inf, emitted)
    is_blank = pruned[:, BLANK + 1 :].max(axis=1, initial=-np.inf) == -np.inf
    continues = np.zeros(len(emitted), dtype=bool)
    continues[1:] = is_blank[1:] & is_blank[:-1]
    firsts = np.flatnonzero(~continues)
    joined: Floats = pruned[firsts]
    joined[:, BLANK] = np.add.reduceat(emitted[:, BLANK], firsts)
    return joined


@dataclass(frozen=True)
class _Scores:
    """The best log-likelihoods of paths that end in each state of the network after a frame.

    `scores` [labels, 3, states] are by the last frame's label, of `labels`, the blank first. The second index is
    `INSERTED` where the last phone was inserted, `FILLER` where it is one of a filled pause. `entries` [labels - 1,
    states] are of paths that are in a state, deletions made, before a phone in that frame.
    """

    labels: tuple[int, ...]
    scores: Floats
    entries: Floats

    def before(self, labels: Sequence[int]) -> Floats:
        """Returns the best scores [labels, 3, states] of paths whose last label is another, or both are the blank."""
        result = np.empty((len(labels), *self.scores.shape[1:]))
        result[:] = np.maximum.reduce(self.scores)
        for row, own in self.shared(labels):
            np.maximum.reduce(self.scores[[k for k in range(len(self.labels)) if k != own]], out=result[row])
        return result

    def shared(self, labels: Sequence[int]) -> list[tuple[int, int]]:
        """Returns the place in `labels`, and the one here, of each phone that is in both."""
        return [(k, self.labels.index(label)) for k, label in enumerate(labels) if label and label in self.labels]

    def ending_in(self, place: tuple[int, int, int]) -> float:
        """Returns the score of a place (layer, state, label)."""
        layer, state, label = place
        return float(self.scores[self.labels.index(label), layer, state]) if label in self.labels else -np.inf


@dataclass(frozen=True)
class _Step:
    """What a path does between two states: a phone of an arc, an insertion (`arc` None) or a deletion (no `label`)."""

    source: int
    target: int
    label: int | None
    arc: int | None


class _Search:
    """Viterbi search of a network over emitted log-probabilities [frames, labels]."""

    def __init__(self, network: Network, emitted: Floats, penalties: Penalties) -> None:
        self._network = network
        self._emitted = emitted
        substitution, deletion, insertion, extension = (
            min(p, MAX_PENALTY)
            for p in (penalties.substitution, penalties.deletion, penalties.insertion, penalties.extension)
        )
        self._costs = np.where(network.free, 0.0, np.where(network.substitutable[:, None], substitution, np.inf)).T
        self._deletions = np.concatenate([[0], np.cumsum(~network.elidable)])  # of the chain up to each of its states
        self._deletion, self._further_deletion = deletion, min(extension, deletion)
        self._edges = np.flatnonzero(network.between_words[network.chain])  # of words, in the chain
        self._deletion_sums = deletion * self._deletions
        # What is saved up to each edge where its words are omitted, but for what the first phone costs more.
        self._savings = (deletion - self._further_deletion) * self._deletions[self._edges]
        words_are_known = network.between_words.sum() > 2
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
        for first, block_start in zip(reversed(blocks), reversed(starts[:-1]), strict=True):
            if first != blocks[-1]:
                history = self._forward(block_start, first)
            for after, before in itertools.pairwise(reversed(history)):
                place = self._back(before, after, place, steps)
        return steps[::-1], log_likelihood

    def _start(self) -> _Scores:
        scores = np.full((1, LAYERS, len(self._network.positions)), -np.inf)
        scores[0, 0, 0] = 0.0
        return _Scores((BLANK,), scores, scores[1:, 0])

    def _forward(self, start: _Scores, first: int) -> list[_Scores]:
        """Returns the scores before and after each frame of a block."""
        history = [start]
        for emitted in self._emitted[first : first + BLOCK_FRAMES]:
            history.append(self._advance(history[-1], emitted))
        return history

    def _advance(self, before: _Scores, emitted: Floats) -> _Scores:
        """Returns the scores after one frame more."""
        network = self._network
        labels = [BLANK, *(np.flatnonzero(emitted[BLANK + 1 :] > -np.inf) + BLANK + 1).tolist()]
        scores = before.before(labels)
        phones, entered = labels[1:], scores[1:]
        entries = entered.max(axis=1)
        if phones:
            entries = self._with_all_deletions(entries)
            is_filler = network.fillers[phones].astype(np.intp)
            entered -= self._extension.take(is_filler, axis=0)
            np.maximum(entered, entries[:, None] - self._insertion.take(is_filler, axis=0), out=entered)
            ways = entries.take(network.sources, axis=1) - self._costs[phones]
            np.maximum.reduceat(ways, network.first_arcs, axis=1, out=entered[:, 0, 1:])
            for row, own in before.shared(labels):
                np.maximum(scores[row], before.scores[own], out=scores[row])
        scores += emitted[labels, None, None]
        return _Scores(tuple(labels), scores, entries)

    def _with_all_deletions(self, entries: Floats) -> Floats:
        """Returns the best score [labels, states] of a path that is in a state, from those without deletions."""
        chain, edges = self._network.chain, self._edges
        links = np.maximum.accumulate(entries.take(chain, axis=1) + self._deletion_sums, axis=1)
        at_edges = links.take(edges, axis=1)
        omitted = np.maximum.accumulate(at_edges - self._savings, axis=1) + self._savings
        omitted -= self._deletion - self._further_deletion
        links[:, edges] = np.maximum(at_edges, omitted)
        entries[:, chain] = np.maximum.accumulate(links, axis=1) - self._deletion_sums
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

    def _back(
        self, before: _Scores, after: _Scores, place: tuple[int, int, int], steps: list[_Step]
    ) -> tuple[int, int, int]:
        """Returns the place (layer, state, label) one frame earlier, and adds the steps that lie between."""
        layer, state, label = place
        if label == BLANK:
            return self._last(before, state, label, layers=slice(layer, layer + 1))
        entries = after.entries[after.labels.index(label) - 1]
        back = self._back_from_insertion if layer else self._back_from_arc
        return back(before, entries, place, steps)

    def _back_from_insertion(
        self, before: _Scores, entries: Floats, place: tuple[int, int, int], steps: list[_Step]
    ) -> tuple[int, int, int]:
        layer, state, label = place
        is_filler = int(self._network.fillers[label])
        run = before.before((label,))[0, layer, state] - self._extension[is_filler, layer, state]
        opened = entries[state] - self._insertion[is_filler, layer, state]
        if before.ending_in(place) >= max(run, opened):
            return place
        steps.append(_Step(state, state, label, None))
        if run >= opened:
            return self._last(before, state, label, layers=slice(layer, layer + 1))
        return self._enter(before, state, label, float(entries[state]), steps)

    def _back_from_arc(
        self, before: _Scores, entries: Floats, place: tuple[int, int, int], steps: list[_Step]
    ) -> tuple[int, int, int]:
        _, state, label = place
        arcs = self._network.arcs_into(state)
        ways = entries[self._network.sources[arcs]] - self._costs[label, arcs]
        best = int(ways.argmax()) if len(ways) else 0
        if not len(ways) or before.ending_in(place) >= ways[best]:
            return place
        arc = int(arcs[best])
        source = int(self._network.sources[arc])
        steps.append(_Step(source, state, label, arc))
        return self._enter(before, source, label, float(entries[source]), steps)

    def _enter(self, before: _Scores, state: int, label: int, score: float, steps: list[_Step]) -> tuple[int, int, int]:
        """Returns where a path was before the deletions that brought it to a state, and adds those as steps."""
        chain = self._network.chain
        entries = before.before((label,))[0].max(axis=0)
        link = int(np.searchsorted(chain, state))
        if link < len(chain) and chain[link] == state and entries[state] < score:
            origins = np.append(entries[chain[:link]] - self._deletion_costs(link), entries[state])
            origin = int(np.flatnonzero(origins == origins.max())[-1])
            steps += [_Step(int(chain[k]), int(chain[k + 1]), None, None) for k in range(link - 1, origin - 1, -1)]
            state = int(chain[origin])
        return self._last(before, state, label, layers=slice(0, LAYERS))

    def _last(self, before: _Scores, state: int, label: int, layers: slice) -> tuple[int, int, int]:
        """Returns the best place in a state whose label is not the one that comes next; a blank may follow a blank."""
        scores = before.scores[:, layers, state].T.copy()
        if label != BLANK and label in before.labels:
            scores[:, before.labels.index(label)] = -np.inf
        layer, last = np.unravel_index(int(scores.argmax()), scores.shape)
        return int(layer) + (layers.start or 0), state, before.labels[int(last)]


def _segments(network: Network, target: Sequence[str], steps: Sequence[_Step]) -> list[Segment]:
    """Returns the steps of a path as segments between whole target phones."""
    segments: list[Segment] = []
    part: list[_Step] = []
    for step in steps:
        part.append(step)
        if network.positions[step.target] >= 0:
            segments.append(_segment(network, target, part))
            part = []
    return segments


def _segment(network: Network, target: Sequence[str], steps: Sequence[_Step]) -> Segment:
    start, end = int(network.positions[steps[0].source]), int(network.positions[steps[-1].target])
    labels = [step.label for step in steps if step.label is not None]
    columns = tuple(int(network.columns[label]) for label in labels)
    phones = tuple(phone for label in labels for phone in network.phones[label])
    first = steps[0]
    if first.label is None:
        explained_by = network.elision_names.get(first.source)
        return Segment(start, end, (), (), (), "variant" if explained_by else "deviation", explained_by)
    if first.arc is None or not network.free[first.arc, first.label]:
        return Segment(start, end, phones, phones, columns, "deviation")
    if network.names[first.arc]:
        return Segment(start, end, phones, phones, columns, "variant", network.names[first.arc])
    expected = tuple(target[start:end])
    return Segment(start, end, expected, phones if len(phones) == len(expected) else expected, columns, "match")
