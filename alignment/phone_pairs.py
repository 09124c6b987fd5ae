"""Each target phone beside the phone pronounced in its place."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from alignment.edit_distance import align
from alignment.segments import Segment
from shared.phonology.equivalence import ENGLISH_FORMS, NormalForms

Status = Literal["match", "substitute", "insert", "delete", "variant"]
ERRORS: tuple[Status, ...] = ("substitute", "insert", "delete")


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


def pair_phones(
    segments: Sequence[Segment], target: Sequence[str], normal_forms: NormalForms = ENGLISH_FORMS
) -> list[PhonePair]:
    """Returns each target phone beside the phone pronounced in its place, in order, as they were decoded.

    Within a segment phones pair by `align`; so no operation crosses what matches.
    """
    pairs: list[PhonePair] = []
    pronounced = 0
    for index, segment in enumerate(segments):
        pairs += _segment_pairs(segment, target[segment.start : segment.end], pronounced, index, normal_forms)
        pronounced += len(segment.phones)
    return pairs


def _segment_pairs(
    segment: Segment, expected: Sequence[str], pronounced: int, index: int, normal_forms: NormalForms
) -> Iterator[PhonePair]:
    """Yields the pairs of a segment that has a number of phones `pronounced` before it."""
    actual_forms, expected_forms = (
        [normal_forms.normalize(phone) for phone in phones] for phones in (segment.phones, expected)
    )
    for operation in align(actual_forms, expected_forms):
        i, j, is_match = operation.actual_index, operation.position, operation.type == "match"
        explained_by = None if is_match else segment.explained_by
        yield PhonePair(
            expected=None if operation.type == "insert" else expected[j],
            actual=None if operation.type == "delete" else expected[j] if is_match else segment.phones[i],
            position=segment.start + j,
            actual_index=pronounced + i,
            status="variant" if explained_by else operation.type,
            explained_by=explained_by,
            segment=index,
        )
