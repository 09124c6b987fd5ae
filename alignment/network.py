"""The network of a target: its phones as labels of a recogniser, and what may be pronounced in their place at no cost."""

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from alignment.ctc import BLANK
from alignment.phone_set import phone_set_of, read_label
from shared.phonology.equivalence import canonical_form


@dataclass(frozen=True)
class Variant:
    """Phones that may be pronounced for target phones `start` up to `end`, and what explains them."""

    start: int
    end: int
    phones: tuple[str, ...]
    explained_by: str


@dataclass(frozen=True)
class Network:
    """States, and arcs between them that carry labels.

    States are the boundaries between a target's canonical phones, in order, and after them those inside variants.
    `positions` [states] is the target phone that a state stands before, -1 inside one. `sources` [arcs] are the states
    that arcs leave; arcs are in the order of the states that they enter, `first_arcs` are the first ones into each.
    `free` [arcs, labels] are the labels of an arc at no cost; any other label is a substitution where the arc is
    `substitutable` [arcs]. `names` [arcs] tells what explains an arc of a variant. `chain` are the states between which
    deletions lead, `elidable` which of those are free, `elision_names` what explains them, by state.
    `columns` [labels] are the recogniser's labels in use, `phones` what each stands for.
    """

    positions: npt.NDArray[np.int64]
    sources: npt.NDArray[np.int64]
    first_arcs: npt.NDArray[np.int64]
    free: npt.NDArray[np.bool_]
    substitutable: npt.NDArray[np.bool_]
    names: list[str | None]
    chain: npt.NDArray[np.int64]
    elidable: npt.NDArray[np.bool_]
    elision_names: dict[int, str]
    columns: npt.NDArray[np.int64]
    phones: list[tuple[str, ...]]

    @property
    def num_positions_state(self) -> int:
        """The state after the last target phone."""
        return int(self.chain[-1])

    def arcs_into(self, state: int) -> npt.NDArray[np.int64]:
        """Returns the arcs that enter a state."""
        if state == 0:
            return np.arange(0)
        edges = [*self.first_arcs.tolist(), len(self.sources)]
        return np.arange(edges[state - 1], edges[state])


@dataclass(frozen=True)
class _Arc:
    source: int
    target: int
    columns: frozenset[int]
    substitutable: bool = False
    name: str | None = None


@functools.lru_cache(maxsize=8)
def _columns_by_sound(labels: tuple[str, ...]) -> dict[tuple[str, ...], frozenset[int]]:
    """Returns the columns of labels that count as the same, by their canonical phones."""
    columns: dict[tuple[str, ...], set[int]] = {}
    for column, label in enumerate(labels):
        phones = read_label(label) if column != BLANK else []
        if phones:
            columns.setdefault(tuple(canonical_form(phones)), set()).add(column)
    return {sound: frozenset(members) for sound, members in columns.items()}


def same_sound_labels(labels: tuple[str, ...], column: int) -> frozenset[int]:
    """Returns the columns of labels that count as the same as one of them."""
    sound = tuple(canonical_form(read_label(labels[column])))
    return _columns_by_sound(labels).get(sound, frozenset({column}))


def build_network(
    target: Sequence[str],
    variants: Sequence[Variant],
    labels: tuple[str, ...],
    active: npt.NDArray[np.bool_],
) -> Network:
    """Returns the network of a target's phones with variants, for a recogniser's labels, column 0 the blank.

    Of labels that are not `active` [labels], only those of the target and its variants are in it.
    """
    sounds = [canonical_form([phone]) for phone in target]
    boundaries = [0, *np.cumsum([len(sound) for sound in sounds]).tolist()]
    canonical = [part for sound in sounds for part in sound]
    by_sound = _columns_by_sound(labels)

    spans = phone_set_of(labels[1:]).label_spans(target)
    ends = np.cumsum([len(span.phones) for span in spans])
    chain = np.array([0, *(boundaries[end] for end in ends)])
    arcs = [
        _Arc(source, end, by_sound.get(tuple(canonical[source:end]), frozenset({labels.index(span.label)})), True)
        for span, source, end in zip(spans, chain[:-1].tolist(), chain[1:].tolist(), strict=True)
    ]
    in_chain = {(arc.source, arc.target) for arc in arcs}
    arcs += [
        arc
        for arc in _spellings(canonical, list(range(len(canonical) + 1)), by_sound, None)
        if (arc.source, arc.target) not in in_chain
    ]
    positions = np.full(len(canonical) + 1, -1)
    positions[boundaries] = np.arange(len(boundaries))
    num_states = len(positions)
    elisions: dict[int, str] = {}
    for variant in variants:
        first, last = boundaries[variant.start], boundaries[variant.end]
        source, end = int(chain[chain <= first].max()), int(chain[chain >= last].min())
        parts = [*canonical[source:first], *canonical_form(variant.phones), *canonical[last:end]]
        if not parts:
            elisions |= {int(state): variant.explained_by for state in chain[(chain >= source) & (chain < end)]}
            continue
        inner = list(range(num_states, num_states + len(parts) - 1))
        spelled = _spellings(parts, [source, *inner, end], by_sound, variant.explained_by)
        if _connects(spelled, source, end):
            arcs += spelled
            num_states += len(inner)
    return _assemble(arcs, positions, num_states, chain, elisions, labels, active)


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
    """Whether arcs, in order, lead from a state to another."""
    reached = {source}
    found = False
    for arc in arcs:
        if arc.source in reached:
            found = found or arc.target == end
            if arc.target != end:
                reached.add(arc.target)
    return found


def _assemble(
    arcs: Sequence[_Arc],
    positions: npt.NDArray[np.int64],
    num_states: int,
    chain: npt.NDArray[np.int64],
    elisions: dict[int, str],
    labels: tuple[str, ...],
    active: npt.NDArray[np.bool_],
) -> Network:
    entered = {arc.target for arc in arcs}
    unreachable = [_Arc(0, state, frozenset()) for state in range(1, num_states) if state not in entered]
    arcs = sorted([*arcs, *unreachable], key=lambda arc: arc.target)
    arcs = [arc for arc in arcs if arc.target > 0]
    used = set().union(*(arc.columns for arc in arcs))
    phones = {column: tuple(read_label(label)) for column, label in enumerate(labels) if column != BLANK}
    columns = [0, *(c for c in range(1, len(labels)) if (active[c] and phones[c]) or c in used)]
    place = {column: index for index, column in enumerate(columns)}
    free = np.zeros((len(arcs), len(columns)), dtype=bool)
    for index, arc in enumerate(arcs):
        free[index, [place[column] for column in arc.columns]] = True
    targets = np.array([arc.target for arc in arcs])
    return Network(
        positions=np.concatenate([positions, np.full(num_states - len(positions), -1)]),
        sources=np.array([arc.source for arc in arcs]),
        first_arcs=np.searchsorted(targets, np.arange(1, num_states)),
        free=free,
        substitutable=np.array([arc.substitutable for arc in arcs]),
        names=[arc.name for arc in arcs],
        chain=chain,
        elidable=np.array([int(state) in elisions for state in chain[:-1]], dtype=bool),
        elision_names=elisions,
        columns=np.array(columns),
        phones=[(), *(phones[column] for column in columns[1:])],
    )
