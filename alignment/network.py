"""The network of a target: its phones as labels of a recognizer, and what may stand in their place at no cost."""

import functools
import itertools
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from alignment.phone_set import parse_label, posterior_columns
from shared.ctc.posteriors import BLANK
from shared.phonology.equivalence import NormalForms
from shared.variation.languages import AMERICAN_ENGLISH
from shared.variation.phonology import Phonology
from shared.variation.variant import Variant


@dataclass(frozen=True)
class Network:
    """States, and arcs between them that carry labels.

    States are the boundaries between a target's labels, in order: the chain, between which deletions lead, up to the
    `final_state`. After them are those inside a label of two canonical phones, and inside variants. `positions`
    [states] is the target phone that a state stands before, -1 inside one. `between_words` [states] are those at which
    a word begins or ends, `fillers` [labels] the labels of filled pauses. `sources` [arcs] are the states that arcs
    leave; arcs are in the order of the states that they enter, `first_arcs` are the first ones into each, one without
    labels where no other is. `free` [arcs,
    labels] are the labels of an arc at no cost; any other label is a substitution where the arc is `substitutable`
    [arcs]. `names` [arcs] is what explains an arc of a variant. `elidable` [final_state] is which deletions are free,
    `elision_names` what explains them, by state. `columns` [labels] are the recognizer's labels in use, `phones` what
    each stands for.
    """

    positions: npt.NDArray[np.int64]
    between_words: npt.NDArray[np.bool_]
    fillers: npt.NDArray[np.bool_]
    sources: npt.NDArray[np.int64]
    first_arcs: npt.NDArray[np.int64]
    free: npt.NDArray[np.bool_]
    substitutable: npt.NDArray[np.bool_]
    names: list[str | None]
    final_state: int
    elidable: npt.NDArray[np.bool_]
    elision_names: dict[int, str]
    columns: npt.NDArray[np.int64]
    phones: list[tuple[str, ...]]

    def arcs_into(self, state: int) -> range:
        """Returns the arcs that enter a state."""
        return range(*self._arc_edges[state : state + 2])

    @functools.cached_property
    def _arc_edges(self) -> list[int]:
        return [*self.first_arcs.tolist(), len(self.sources)]


class _Arc(NamedTuple):
    source: int
    target: int
    columns: frozenset[int]
    substitutable: bool = False
    name: str | None = None


@functools.lru_cache(maxsize=8)
def _columns_by_sound(labels: tuple[str, ...], normal_forms: NormalForms) -> dict[tuple[str, ...], frozenset[int]]:
    """Returns the columns of labels that count as the same, by their canonical phones; else those of fallbacks."""
    columns: dict[tuple[str, ...], set[int]] = {}
    for column, label in enumerate(labels):
        phones = parse_label(label) if column != BLANK else []
        if phones:
            columns.setdefault(tuple(normal_forms.canonical_form(phones)), set()).add(column)
    for sound, others in normal_forms.fallbacks:
        heard = [columns.get(tuple(normal_forms.canonical_form(other)), set()) for other in others]
        columns.setdefault(sound, set().union(*heard))
    return {sound: frozenset(members) for sound, members in columns.items() if members}


def labels_of(labels: tuple[str, ...], phones: Sequence[str], normal_forms: NormalForms) -> frozenset[int]:
    """Returns the columns of the labels that each count as all of these phones."""
    sound = tuple(normal_forms.canonical_form(phones))
    return _columns_by_sound(labels, normal_forms).get(sound, frozenset())


def same_sound_labels(labels: tuple[str, ...], column: int, normal_forms: NormalForms) -> frozenset[int]:
    """Returns the columns of labels that count as the same as one of them."""
    sound = tuple(normal_forms.canonical_form(parse_label(labels[column])))
    return _columns_by_sound(labels, normal_forms).get(sound, frozenset({column}))


def build_network(
    words: Sequence[Sequence[str]],
    variants: Sequence[Variant],
    labels: tuple[str, ...],
    active: npt.NDArray[np.bool_],
    phonology: Phonology = AMERICAN_ENGLISH,
) -> Network:
    """Returns the network of a target's words with variants, for a recognizer's labels, column 0 the blank.

    Two phones are one label, as of a diphthong, within a word: *law is* has none between its words. Labels that
    are not `active` [labels] are not in it. What counts as the same phone, and
    which phones filled pauses are of, is the `phonology`'s.
    """
    builder = _Builder(words, labels, phonology)
    for variant in variants:
        builder.add(variant)
    return builder.build(active)


class _Builder:
    """A network as it grows: the target's arcs, then each variant's."""

    def __init__(self, words: Sequence[Sequence[str]], labels: tuple[str, ...], phonology: Phonology) -> None:
        sounds = [phonology.normal_forms.canonical_form([phone]) for word in words for phone in word]
        self._labels = labels
        self._phonology = phonology
        self._by_sound = _columns_by_sound(labels, phonology.normal_forms)
        self._canonical = [part for sound in sounds for part in sound]
        self._boundaries = [0, *itertools.accumulate(map(len, sounds))]  # state before each target phone
        self._num_states = len(self._canonical) + 1
        self._elisions: dict[int, str] = {}

        spelled_words = [posterior_columns(labels, word, phonology.normal_forms.fallbacks) for word in words]
        columns = [column for _, word in spelled_words for column in word]
        ends = itertools.accumulate(len(span.phones) for spans, _ in spelled_words for span in spans)
        self._chain = [0, *(self._boundaries[end] for end in ends)]
        self._word_edges = [self._boundaries[end] for end in itertools.accumulate(map(len, words), initial=0)]
        self._arcs = [
            _Arc(source, end, self._by_sound.get(tuple(self._canonical[source:end]), frozenset({column})), True)
            for column, (source, end) in zip(columns, itertools.pairwise(self._chain), strict=True)
        ]
        in_chain = {(arc.source, arc.target) for arc in self._arcs}
        spelled = _spellings(self._canonical, range(self._num_states), self._by_sound, None)
        self._arcs += [arc for arc in spelled if (arc.source, arc.target) not in in_chain]

    def add(self, variant: Variant) -> None:
        """Adds a variant, from a state of the chain to another; one that the labels can't spell is left out."""
        first, last = self._boundaries[variant.start], self._boundaries[variant.end]
        chain = self._chain
        before, after = bisect_right(chain, first) - 1, bisect_left(chain, last)
        source, end = chain[before], chain[after]
        parts = [
            *self._canonical[source:first],
            *self._phonology.normal_forms.canonical_form(variant.phones),
            *self._canonical[last:end],
        ]
        if not parts:
            self._elisions = dict.fromkeys(chain[before:after], variant.explained_by) | self._elisions
            return
        inner = range(self._num_states, self._num_states + len(parts) - 1)
        spelled = _spellings(parts, [source, *inner, end], self._by_sound, variant.explained_by)
        if _connects(spelled, source, end):
            self._arcs += spelled
            self._num_states += len(inner)

    def build(self, active: npt.NDArray[np.bool_]) -> Network:
        """Returns the network, with labels that are `active`."""
        chain = self._chain
        inside = sorted(set(range(self._num_states)) - set(chain))
        number = {state: index for index, state in enumerate([*chain, *inside])}
        into_others = [arc for arc in self._arcs if arc.target]
        unreachable = set(range(self._num_states)) - {arc.target for arc in into_others}
        no_ways = [_Arc(0, state, frozenset()) for state in unreachable]
        arcs = sorted([*into_others, *no_ways], key=lambda arc: number[arc.target])
        phones = {column: parse_label(self._labels[column]) for column in np.flatnonzero(active).tolist()}
        columns = [BLANK, *(column for column in phones if column != BLANK and phones[column])]
        place = {column: index for index, column in enumerate(columns)}
        free = np.zeros((len(arcs), len(columns)), dtype=bool)
        ways = [(index, place[column]) for index, arc in enumerate(arcs) for column in arc.columns if column in place]
        free[tuple(np.array(ways, dtype=np.intp).reshape(-1, 2).T)] = True
        positions = np.full(self._num_states, -1)
        positions[[number[state] for state in self._boundaries]] = np.arange(len(self._boundaries))
        used_sounds = [tuple(self._phonology.normal_forms.canonical_form(phones.get(column, ()))) for column in columns]
        between_words = np.zeros(self._num_states, dtype=bool)
        between_words[[number[state] for state in self._word_edges]] = True
        return Network(
            positions=positions,
            between_words=between_words,
            fillers=np.array([sound in self._phonology.filled_pauses for sound in used_sounds]),
            sources=np.array([number[arc.source] for arc in arcs]),
            first_arcs=np.searchsorted([number[arc.target] for arc in arcs], np.arange(self._num_states)),
            free=free,
            substitutable=np.array([arc.substitutable for arc in arcs]),
            names=[arc.name for arc in arcs],
            final_state=len(chain) - 1,
            elidable=np.array([state in self._elisions for state in chain[:-1]], dtype=bool),
            elision_names={number[state]: name for state, name in self._elisions.items()},
            columns=np.array(columns),
            phones=[(), *(phones[column] for column in columns[1:])],
        )


def _spellings(
    sounds: Sequence[str], states: Sequence[int], by_sound: dict[tuple[str, ...], frozenset[int]], name: str | None
) -> list[_Arc]:
    """Returns an arc for every label that stands for one of the sounds in a row, or two."""
    return [
        _Arc(states[start], states[end], by_sound[tuple(sounds[start:end])], name=name)
        for start in range(len(sounds))
        for end in range(start + 1, min(start + 2, len(sounds)) + 1)
        if tuple(sounds[start:end]) in by_sound
    ]


def _connects(arcs: Sequence[_Arc], source: int, end: int) -> bool:
    """Returns whether arcs, in order, lead from a state to another."""
    reached = {source}
    found = False
    for arc in arcs:
        if arc.source in reached:
            found = found or arc.target == end
            if arc.target != end:
                reached.add(arc.target)
    return found
