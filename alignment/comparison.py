"""A target beside the phones pronounced: what matches, what differs, and what explains a difference."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal

from alignment.connected_speech import explanations
from alignment.edit_distance import EditOperation, edit_operations
from alignment.gop import PhoneGop, gop
from alignment.phone_set import match_target_notation
from shared.phonology.equivalence import normalize
from shared.recognizers.base import Posteriors

Status = Literal["match", "substitute", "insert", "delete", "variant"]
ERRORS: tuple[Status, ...] = ("substitute", "insert", "delete")

MIN_EVIDENCE = 1e-6


@dataclass(frozen=True)
class PhonePair:
    """A target phone and the phone pronounced in its place; None where there is none.

    `position` counts the target phones before it, `actual_index` the phones pronounced before it, as in an
    `EditOperation`. A `variant` differs from the target and is no error: `explained_by` names the process or the
    form of the word. `evidence` is the posterior probability, in (0, 1], that the recording differs from the target
    here, and 0 where there is no error; `posterior` that of the phone pronounced, 0 where there is none.
    """

    expected: str | None
    actual: str | None
    position: int
    actual_index: int
    status: Status
    explained_by: str | None = None
    evidence: float = 0.0
    posterior: float = 0.0


@dataclass(frozen=True)
class Comparison:
    """The pairs of a whole target and of all phones pronounced, in order.

    `transcribed` has each phone pronounced as the recognizer writes it: for what must not depend on the target's
    notation, such as forced alignment.
    """

    pairs: list[PhonePair]
    transcribed: list[str]

    @property
    def actual(self) -> list[str]:
        """The phones pronounced."""
        return [pair.actual for pair in self.pairs if pair.actual is not None]

    @property
    def errors(self) -> list[PhonePair]:
        """The pairs that differ with no explanation."""
        return [pair for pair in self.pairs if pair.status in ERRORS]


def pair_phones(
    operations: Sequence[EditOperation],
    actual: Sequence[str],
    target: Sequence[str],
    explained_by: Mapping[EditOperation, str] = MappingProxyType({}),
) -> list[PhonePair]:
    """Returns each target phone beside the phone pronounced in its place, given the operations between them.

    The operations may be on other notations of the same phones. Of two ways to write one phone the target's is taken:
    the phone pronounced in a matching pair is written as the target writes it.

    >>> operations = edit_operations(["ð", "ə", "n"], ["ð", "ə"])
    >>> [(pair.expected, pair.actual, pair.status) for pair in pair_phones(operations, ["ð", "ɐ", "n"], ["ð", "ə"])]
    [('ð', 'ð', 'match'), ('ə', 'ə', 'match'), (None, 'n', 'insert')]
    """
    pairs: list[PhonePair] = []
    i = j = 0
    for operation in operations:
        pairs += _matching_pairs(target, j, operation.position, i)
        i, j = operation.actual_index, operation.position
        expected = None if operation.expected is None else target[j]
        pronounced = None if operation.actual is None else actual[i]
        explanation = explained_by.get(operation)
        pairs.append(PhonePair(expected, pronounced, j, i, "variant" if explanation else operation.type, explanation))
        i, j = i + (pronounced is not None), j + (expected is not None)
    return pairs + _matching_pairs(target, j, len(target), i)


def _matching_pairs(target: Sequence[str], start: int, end: int, actual_index: int) -> list[PhonePair]:
    """Returns the pairs of target phones `start` up to `end` that were pronounced."""
    return [
        PhonePair(target[position], target[position], position, actual_index + position - start, "match")
        for position in range(start, end)
    ]


def compare(
    posteriors: Posteriors,
    transcribed: Sequence[str],
    words: Sequence[Sequence[str]],
    pronunciations: Sequence[Sequence[Sequence[str]]] = (),
) -> Comparison:
    """Returns the phones transcribed beside a target's words.

    Differences of notation and allophones are none; those that connected speech makes, or that another of the
    `pronunciations` [words][pronunciations] of a word has, are variants.
    """
    target = list(itertools.chain.from_iterable(words))
    actual = match_target_notation(transcribed, target)
    normalized_words = [[normalize(phone) for phone in word] for word in words]
    normalized_target = list(itertools.chain.from_iterable(normalized_words))
    normalized_actual = [normalize(phone) for phone in actual]
    operations = edit_operations(normalized_actual, normalized_target)
    explained_by = explanations(operations, normalized_actual, normalized_words, pronunciations)
    target_gop, actual_gop = gop(posteriors, normalized_target), gop(posteriors, normalized_actual)
    pairs = pair_phones(operations, actual, target, explained_by)
    return Comparison([_with_evidence(pair, target_gop, actual_gop) for pair in pairs], actual)


def _with_evidence(pair: PhonePair, target_gop: Sequence[PhoneGop], actual_gop: Sequence[PhoneGop]) -> PhonePair:
    posterior = 0.0 if pair.actual is None else actual_gop[pair.actual_index].posterior
    if pair.status not in ERRORS:
        return replace(pair, posterior=posterior)
    return replace(pair, posterior=posterior, evidence=evidence_of(pair, target_gop, actual_gop))


def evidence_of(pair: PhonePair, target_gop: Sequence[PhoneGop], actual_gop: Sequence[PhoneGop]) -> float:
    """Returns the posterior probability, in (0, 1], that the recording differs from the target as a pair does.

    Of a target phone that it was not pronounced, of an inserted phone that it was.
    """
    inserted = pair.expected is None
    as_in_target = actual_gop[pair.actual_index].deletion if inserted else target_gop[pair.position].posterior
    return max(1.0 - as_in_target, MIN_EVIDENCE)
