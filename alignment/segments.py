"""Segments of a target: what was pronounced in place of each of its phones, and between two."""

import itertools
from bisect import bisect_left, bisect_right
from collections.abc import Sequence, Set
from dataclasses import dataclass, field, replace
from typing import Literal

from alignment.edit_distance import edit_operations
from alignment.runs import runs
from shared.ctc.alignment import Emission
from shared.phonology.equivalence import ENGLISH_FORMS, NormalForms
from shared.phonology.ipa import is_vowel


@dataclass(frozen=True)
class Segment:
    """Target phones `start` up to `end`, and the phones pronounced in their place.

    `transcribed` are the same phones as the recognizer writes them, `labels` their columns, `emissions` their frames,
    where these are known. `explained_by` names what a variant is; a deviation is what nothing explains.
    """

    start: int
    end: int
    phones: tuple[str, ...]
    transcribed: tuple[str, ...]
    labels: tuple[int, ...]
    status: Literal["match", "variant", "deviation"]
    explained_by: str | None = None
    emissions: tuple[Emission, ...] = field(default=(), compare=False)


def is_insertion(segment: Segment) -> bool:
    """Returns whether a segment is a phone that stands between two of the target."""
    return segment.status == "deviation" and segment.start == segment.end


def segments_by_word(words: Sequence[Sequence[str]], segments: Sequence[Segment]) -> list[list[int]]:
    """Returns the indices of the segments of each word: of its phones, and of those inserted inside it.

    >>> matches = [Segment(k, k + 1, (phone,), (phone,), (), "match") for k, phone in enumerate("ɪtɪz")]
    >>> inserted = Segment(2, 2, ("d",), (), (), "deviation")
    >>> segments_by_word(["ɪt", "ɪz"], [*matches[:2], inserted, *matches[2:]])
    [[0, 1], [3, 4]]
    >>> segments_by_word(["ɪtɪz"], [*matches[:2], inserted, *matches[2:]])
    [[0, 1, 2, 3, 4]]
    """
    edges = itertools.pairwise(itertools.accumulate(map(len, words), initial=0))
    starts, ends = [segment.start for segment in segments], [segment.end for segment in segments]
    return [list(range(bisect_right(ends, start), bisect_left(starts, end))) for start, end in edges]


def is_omitted(of_word: Sequence[int], segments: Sequence[Segment]) -> bool:
    """Returns whether none of a word's segments has a phone that was pronounced."""
    return not any(segments[index].labels for index in of_word)


def omitted_segments(words: Sequence[Sequence[str]], segments: Sequence[Segment]) -> set[int]:
    """Returns the indices of the segments of omitted words, without those that variants leave out as a whole."""
    omitted = [of_word for of_word in segments_by_word(words, segments) if is_omitted(of_word, segments)]
    return {k for of_word in omitted if any(segments[m].status == "deviation" for m in of_word) for k in of_word}


def vowels_for_vowels(
    segments: Sequence[Segment], target: Sequence[str], normal_forms: NormalForms = ENGLISH_FORMS
) -> list[Segment]:
    """Returns segments in which neighbouring substitutions and deletions pair vowels with vowels where they can.

    The decoder rates all substitutions alike. A `d` that alone was pronounced of `pɪ` stands for `p`.

    >>> decoded = [Segment(0, 1, (), (), (), "deviation"), Segment(1, 2, ("d",), ("d",), (7,), "deviation")]
    >>> [("".join(s.phones), s.start, s.end) for s in vowels_for_vowels(decoded, ["p", "ɪ"])]
    [('d', 0, 1), ('', 1, 2)]
    """
    result: list[Segment] = []
    for is_run, group in itertools.groupby(segments, key=lambda s: s.status == "deviation" and s.end > s.start):
        run = list(group)
        if is_run and len(run) > 1:
            run = min(run, _paired(run, target, normal_forms), key=lambda pairs: _vowels_for_consonants(pairs, target))
        result += run
    return result


def _vowels_for_consonants(run: Sequence[Segment], target: Sequence[str]) -> int:
    return sum(is_vowel(s.phones[0]) != is_vowel(target[s.start]) for s in run if s.phones)


def _paired(run: list[Segment], target: Sequence[str], normal_forms: NormalForms) -> list[Segment]:
    """Returns a run with its phones paired by articulation, as it is where that would match or insert a phone."""
    substitutions = [segment for segment in run if segment.phones]
    operations = edit_operations(
        [normal_forms.normalize(segment.phones[0]) for segment in substitutions],
        [normal_forms.normalize(target[segment.start]) for segment in run],
    )
    pronounced = {o.position: substitutions[o.actual_index] for o in operations if o.type == "substitute"}
    if len(pronounced) < len(substitutions):
        return run
    deletion = Segment(0, 0, (), (), (), "deviation")
    return [replace(pronounced.get(place, deletion), start=s.start, end=s.end) for place, s in enumerate(run)]


def insertions_between_words(segments: Sequence[Segment], boundaries: Set[int]) -> list[Segment]:
    """Returns segments with each run of inserted phones moved to a word's boundary, where the same phones allow it.

    A restart may be decoded inside a word: of "was not was", `wə` and then `z nɑt wə` inserted before `z`. The same
    phones are `wəz` and then `nɑt wəz` inserted. `boundaries` are the target phones at which words begin, and the end.

    >>> match = [Segment(k, k + 1, (p,), (p,), (k,), "match") for k, p in enumerate("wəz")]
    >>> run = [Segment(2, 2, (p,), (p,), (k,), "deviation") for p, k in [("z", 2), ("w", 0), ("ə", 1)]]
    >>> moved = insertions_between_words([*match[:2], *run, match[2]], {0, 3})
    >>> [("".join(s.phones), s.status) for s in moved]
    [('w', 'match'), ('ə', 'match'), ('z', 'match'), ('w', 'deviation'), ('ə', 'deviation'), ('z', 'deviation')]
    """
    result = list(segments)
    for first, end in runs(segments, is_insertion):
        if end - first > 1 and segments[first].start not in boundaries:
            result = _moved(result, first, end, boundaries, 1) or _moved(result, first, end, boundaries, -1) or result
    return result


def _moved(
    segments: Sequence[Segment], first: int, end: int, boundaries: Set[int], step: Literal[1, -1]
) -> list[Segment] | None:
    """Returns segments with the run from `first` up to `end` moved on (1) or back (-1) to a boundary, None if none."""
    result = list(segments)
    position = result[first].start
    while position not in boundaries:
        taken, given = (first, end) if step == 1 else (end - 1, first - 1)  # what becomes a match, what was one
        if given not in range(len(result)) or result[given].status != "match":
            return None
        match, inserted = result[given], result[taken]
        if match.labels != inserted.labels:
            return None
        position = match.end if step == 1 else match.start
        result[taken] = replace(match, transcribed=inserted.transcribed, emissions=inserted.emissions)
        result[given] = replace(
            inserted, phones=match.transcribed, transcribed=match.transcribed, emissions=match.emissions
        )
        first, end = first + step, end + step
        result[first:end] = [replace(member, start=position, end=position) for member in result[first:end]]
    return result
