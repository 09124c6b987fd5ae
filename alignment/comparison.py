"""A target beside the phones pronounced: what matches, what differs, and what explains a difference."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from alignment.connected_speech import connected_speech, word_variants
from alignment.decoding import Segment, decode
from alignment.edit_distance import edit_operations
from alignment.gop import evidence_against
from shared.phonology.equivalence import normalize
from shared.recognizers.base import ENGLISH, Posteriors
from shared.recognizers.calibration import Penalties

Status = Literal["match", "substitute", "insert", "delete", "variant"]
ERRORS: tuple[Status, ...] = ("substitute", "insert", "delete")
ANOTHER_FORM = "another form of the word"


@dataclass(frozen=True)
class Comparison:
    """How a recording was decoded with its target in mind, and what its posteriors have against the target.

    `evidence` [segments] are log-odds that what the target has was not pronounced. `log_likelihood_ratio` is that of
    the free best path to the best path through the target's network, penalties included, in nats a target phone: 0
    where the recording is the target.
    """

    target: list[str]
    segments: list[Segment]
    evidence: list[float]
    log_likelihood_ratio: float


def compare(
    posteriors: Posteriors,
    words: Sequence[Sequence[str]],
    forms: Sequence[Sequence[Sequence[str]]],
    penalties: Penalties,
    language: str = ENGLISH,
) -> Comparison:
    """Returns how a recording compares with a target's words.

    Differences of notation and allophones are none; those that connected speech makes, or that another of the `forms`
    [words][forms] of a word has, are variants. `language` is an ISO 639-3 code: the processes of connected speech are
    those of English alone. Raises AlignmentFailedError where no path fits in the recording.
    """
    target = list(itertools.chain.from_iterable(words))
    processes = connected_speech(words) if language == ENGLISH else []
    variants = [*processes, *word_variants(words, forms, ANOTHER_FORM)]
    decoding = decode(posteriors, target, penalties, variants)
    return Comparison(
        target,
        list(decoding.segments),
        evidence_against(posteriors, target, decoding.segments),
        (decoding.free_log_likelihood - decoding.log_likelihood) / len(target),
    )


@dataclass(frozen=True)
class PhonePair:
    """A target phone and the phone pronounced in its place; None where there is none.

    `position` counts the target phones before it, `actual_index` the phones pronounced before it, as in an
    `EditOperation`. A `variant` differs from the target and is no error: `explained_by` names the process or the
    form of the word. `segment` is the index of the segment that the pair is of.
    """

    expected: str | None
    actual: str | None
    position: int
    actual_index: int
    status: Status
    explained_by: str | None
    segment: int


def pair_phones(segments: Sequence[Segment], target: Sequence[str]) -> list[PhonePair]:
    """Returns each target phone beside the phone pronounced in its place, in order, as they were decoded.

    Within a segment phones pair by `edit_operations`; so no operation crosses what matches.
    """
    pairs: list[PhonePair] = []
    pronounced = 0
    for index, segment in enumerate(segments):
        pairs += _segment_pairs(segment, target[segment.start : segment.end], pronounced, index)
        pronounced += len(segment.phones)
    return pairs


def _segment_pairs(segment: Segment, expected: Sequence[str], pronounced: int, index: int) -> Iterator[PhonePair]:
    """Yields the pairs of a segment that has a number of phones `pronounced` before it."""
    operations = edit_operations([*map(normalize, segment.phones)], [*map(normalize, expected)])
    by_place = {(operation.position, operation.actual_index): operation for operation in operations}
    i = j = 0
    while i < len(segment.phones) or j < len(expected):
        operation = by_place.get((j, i))
        status: Status = operation.type if operation else "match"
        phone = None if status == "delete" else segment.phones[i] if operation else expected[j]
        explained_by = segment.explained_by if operation else None
        yield PhonePair(
            expected=None if status == "insert" else expected[j],
            actual=phone,
            position=segment.start + j,
            actual_index=pronounced + i,
            status="variant" if explained_by else status,
            explained_by=explained_by,
            segment=index,
        )
        i, j = i + (status != "delete"), j + (status != "insert")
