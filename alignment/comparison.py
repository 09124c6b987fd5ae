"""A target beside the phones pronounced: what matches, what differs, and what explains a difference."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from alignment.connected_speech import connected_speech, word_variants
from alignment.decoding import Segment, decode
from alignment.edit_distance import edit_operations
from alignment.gop import evidence_against
from shared.phonology.equivalence import normalize
from shared.recognizers.base import Posteriors
from shared.recognizers.calibration import Penalties

Status = Literal["match", "substitute", "insert", "delete", "variant"]
ANOTHER_FORM = "another form of the word"
ERRORS: tuple[Status, ...] = ("substitute", "insert", "delete")


@dataclass(frozen=True)
class PhonePair:
    """A target phone and the phone pronounced in its place; None where there is none.

    `position` counts the target phones before it, `actual_index` the phones pronounced before it, as in an
    `EditOperation`. A `variant` differs from the target and is no error: `explained_by` names the process or the
    form of the word. `segment` is the index of the decoded segment that the pair is from.
    """

    expected: str | None
    actual: str | None
    position: int
    actual_index: int
    status: Status
    explained_by: str | None
    segment: int


@dataclass(frozen=True)
class Comparison:
    """How a recording was decoded with its target in mind, and what the posteriors have against the target.

    `evidence` [segments] are log-odds. `log_likelihood_ratio` is that of the free best path to the best path through
    the target's network, penalties included, in nats a target phone: 0 where the recording is the target.
    """

    target: list[str]
    segments: tuple[Segment, ...]
    evidence: list[float]
    log_likelihood_ratio: float


def compare(
    posteriors: Posteriors,
    words: Sequence[Sequence[str]],
    forms: Sequence[Sequence[Sequence[str]]],
    penalties: Penalties,
) -> Comparison:
    """Returns how a recording compares with a target's words, any of their other `forms` [words, forms, phones] allowed.

    Raises AlignmentFailedError where the recording is too short for the target.
    """
    target = list(itertools.chain.from_iterable(words))
    variants = [*connected_speech(words), *word_variants(words, forms, ANOTHER_FORM)]
    decoding = decode(posteriors, target, penalties, variants)
    return Comparison(
        target,
        decoding.segments,
        evidence_against(posteriors, target, decoding.segments),
        (decoding.free_log_likelihood - decoding.log_likelihood) / len(target),
    )


def pair_phones(segments: Sequence[Segment], target: Sequence[str]) -> list[PhonePair]:
    """Returns each target phone beside the phone pronounced in its place, in order, as a path has decoded them.

    Within a segment that differs, phones pair by `edit_operations`; so no operation crosses what matches.
    """
    pairs: list[PhonePair] = []
    pronounced = 0
    for index, segment in enumerate(segments):
        expected = target[segment.start : segment.end]
        operations = {
            (o.position, o.actual_index): o
            for o in edit_operations([*map(normalize, segment.phones)], [*map(normalize, expected)])
        }
        i = j = 0
        while (operation := operations.get((j, i))) or j < len(expected):
            status: Status = operation.type if operation else "match"
            pairs.append(
                PhonePair(
                    expected=None if status == "insert" else expected[j],
                    actual=None if status == "delete" else segment.phones[i] if operation else expected[j],
                    position=segment.start + j,
                    actual_index=pronounced + i,
                    status="variant" if operation and segment.explained_by else status,
                    explained_by=segment.explained_by if operation else None,
                    segment=index,
                )
            )
            j += status != "insert"
            i += status != "delete"
        pronounced += i
    return pairs


def phones_of(pairs: Sequence[PhonePair]) -> list[str]:
    """Returns the phones pronounced."""
    return [pair.actual for pair in pairs if pair.actual is not None]
