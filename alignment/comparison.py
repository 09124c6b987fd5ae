"""A target beside the phones pronounced: what matches, what differs, and what explains a difference."""

import contextlib
import itertools
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal

import numpy as np

from alignment.ctc import BLANK
from alignment.decoding import Segment, decode, is_insertion
from alignment.edit_distance import edit_operations
from alignment.filled_pauses import mark_filled_pauses
from alignment.gop import MAX_EVIDENCE, evidence_against
from alignment.runs import runs
from shared.errors import AlignmentFailedError
from shared.g2p.lexicon import Pronunciation
from shared.phonology.equivalence import normalize
from shared.phonology.ipa import is_vowel
from shared.recognizers.base import ENGLISH, Posteriors
from shared.recognizers.calibration import Penalties
from shared.variation.connected_speech import connected_speech, word_variants
from shared.variation.word_forms import misread_forms, weak_vowel_forms

Status = Literal["match", "substitute", "insert", "delete", "variant"]
ERRORS: tuple[Status, ...] = ("substitute", "insert", "delete")
ANOTHER_FORM = "another form of the word"
ANOTHER_VOWEL = "weak vowel: visit, even"
ANOTHER_WORD = "form of another word: have for hat"


@dataclass(frozen=True)
class Comparison:
    """How a recording was decoded with its target in mind, and what its posteriors have against the target.

    `words` [words][phones] are the target's, one of all phones where none is known. `evidence` [segments] are log-odds
    that what the target has was not pronounced. `log_likelihood_ratio` is that of the free best path to the best path
    through the target's network, penalties included, in nats a target phone: 0 where the recording is the target.
    `surprisal` is how unclear the speech is to the recognizer, whatever the target. With `allophones`, those of English
    were no difference.
    """

    words: Sequence[Sequence[str]]
    segments: list[Segment]
    evidence: list[float]
    log_likelihood_ratio: float
    surprisal: float
    allophones: bool = True

    @property
    def target(self) -> list[str]:
        """The phones of all words."""
        return list(itertools.chain.from_iterable(self.words))


def compare(
    posteriors: Posteriors,
    words: Sequence[Sequence[str]],
    forms: Sequence[Sequence[Sequence[str]]],
    penalties: Penalties,
    language: str = ENGLISH,
) -> Comparison:
    """Returns how a recording compares with a target's words.

    Differences of notation and allophones are none; those that connected speech makes, or that another of the `forms`
    [words][forms] of a word has, or a form of the word that was read in its place, are variants; so are filled pauses.
    `language` is an ISO 639-3 code: the allophones, the weak vowels, the processes of connected speech and the filled
    pauses are those of English alone.
    Raises AlignmentFailedError where no path fits in the recording.
    """
    target = list(itertools.chain.from_iterable(words))
    is_english = language == ENGLISH
    known = words if any(len(word) > 1 for word in words) else [target]  # where every word has one phone, none is known
    variants = word_variants(words, forms, ANOTHER_FORM)
    if is_english:
        vowels = _forms_with_other_weak_vowels(words, forms)
        variants = [*connected_speech(known), *variants, *word_variants(words, vowels, ANOTHER_VOWEL)]
    decode_with = partial(decode, posteriors, known, penalties, allophones=is_english)
    decoding = decode_with(variants)
    misread = _forms_of_misread_words(known, decoding.segments) if is_english else []
    if any(misread):
        decoding = decode_with([*variants, *word_variants(known, misread, ANOTHER_WORD)])
    paired = vowels_for_vowels(decoding.segments, target, allophones=is_english)
    boundaries = {0, *itertools.accumulate(map(len, known))}
    segments = insertions_between_words(paired, boundaries)
    evidence = _evidence(posteriors, known, segments, is_english)
    if is_english:
        segments = mark_filled_pauses(posteriors, segments, evidence, boundaries)
    return Comparison(
        known,
        segments,
        evidence,
        (decoding.free_log_likelihood - decoding.log_likelihood) / len(target),
        mean_surprisal(posteriors),
        is_english,
    )


def _evidence(
    posteriors: Posteriors, words: Sequence[Sequence[str]], segments: Sequence[Segment], is_english: bool
) -> list[float]:
    """Returns the evidence [segments] against what the target has: that of what was pronounced without omitted words.

    Beside a word that was omitted, frames of the words around it would be its own. Of omitted words for which the
    recording has too few frames, it is all that there can be.
    """
    target = list(itertools.chain.from_iterable(words))
    omitted = {k for of_word in segments_by_word(words, segments) if is_omitted(of_word, segments) for k in of_word}
    others = [index for index in range(len(segments)) if index not in omitted]
    evidence = [MAX_EVIDENCE] * len(segments)
    if omitted:
        with contextlib.suppress(AlignmentFailedError):
            evidence = evidence_against(posteriors, target, segments, allophones=is_english)
    pronounced = evidence_against(posteriors, target, [segments[index] for index in others], allophones=is_english)
    for index, against in zip(others, pronounced, strict=True):
        evidence[index] = against
    return evidence


def segments_by_word(words: Sequence[Sequence[str]], segments: Sequence[Segment]) -> list[list[int]]:
    """Returns the indices of the segments of each word: of its phones, and of those inserted inside it."""
    edges = itertools.pairwise(itertools.accumulate(map(len, words), initial=0))
    return [[k for k, s in enumerate(segments) if start < s.end and s.start < end] for start, end in edges]


def is_omitted(of_word: Sequence[int], segments: Sequence[Segment]) -> bool:
    """Returns whether none of a word's segments has a phone that was pronounced."""
    return not any(segments[index].labels for index in of_word)


def _forms_with_other_weak_vowels(
    words: Sequence[Sequence[str]], forms: Sequence[Sequence[Sequence[str]]]
) -> list[list[Pronunciation]]:
    """Returns, for each word, its pronunciations and those of its forms [words][forms] with another weak vowel."""
    return [
        [varied for form in (word, *others) for varied in weak_vowel_forms(form)]
        for word, others in itertools.zip_longest(words, forms, fillvalue=())
    ]


def _forms_of_misread_words(words: Sequence[Sequence[str]], segments: Sequence[Segment]) -> list[list[Pronunciation]]:
    """Returns the forms [words][forms] that words have because one of their substitutions makes them another word.

    Of words with several deviations alone: one is the error that it is, and needs no second decoding.
    """
    starts = itertools.accumulate(map(len, words), initial=0)
    result: list[list[Pronunciation]] = []
    for start, word in zip(starts, words, strict=False):
        end = start + len(word)
        deviations = [s for s in segments if start <= s.start < end and s.status == "deviation"]
        forms = [
            misread_forms(word, s.start - start, s.end - start, s.phones)
            for s in deviations
            if s.phones and s.end > s.start and len(deviations) > 1
        ]
        result.append(list(itertools.chain(*forms)))
    return result


def mean_surprisal(posteriors: Posteriors) -> float:
    """Returns the mean surprisal, in nats, of the phones of the free best path: 0 where the recognizer is sure of all.

    The surprisal of a phone is minus the logarithm of its highest posterior probability.

    >>> log_probs = np.log([[0.9, 0.1], [0.4, 0.6], [0.2, 0.8], [0.9, 0.1]])
    >>> round(float(np.exp(-mean_surprisal(Posteriors(log_probs, ("", "m"), frame_stride=320)))), 2)
    0.8
    """
    best = posteriors.log_probs.argmax(axis=1)
    phones = [
        max(posteriors.log_probs[frame, label] for frame in frames)
        for label, frames in itertools.groupby(range(len(best)), key=best.__getitem__)
        if label != BLANK
    ]
    return -float(np.mean(phones)) if phones else 0.0


def vowels_for_vowels(segments: Sequence[Segment], target: Sequence[str], *, allophones: bool = True) -> list[Segment]:
    """Returns segments in which neighbouring substitutions and deletions pair vowels with vowels where they can.

    To the decoder one substitution is as good as another. Where of `pɪ` a `d` alone was pronounced, it stands for `p`.

    >>> decoded = [Segment(0, 1, (), (), (), "deviation"), Segment(1, 2, ("d",), ("d",), (7,), "deviation")]
    >>> [("".join(s.phones), s.start, s.end) for s in vowels_for_vowels(decoded, ["p", "ɪ"])]
    [('d', 0, 1), ('', 1, 2)]
    """
    result: list[Segment] = []
    for is_run, group in itertools.groupby(segments, key=_is_replacement):
        run = list(group)
        if is_run:
            run = min(run, _paired(run, target, allophones), key=lambda pairs: _vowels_for_consonants(pairs, target))
        result += run
    return result


def _is_replacement(segment: Segment) -> bool:
    return segment.status == "deviation" and segment.end > segment.start


def _vowels_for_consonants(run: Sequence[Segment], target: Sequence[str]) -> int:
    return sum(is_vowel(s.phones[0]) != is_vowel(target[s.start]) for s in run if s.phones)


def _paired(run: list[Segment], target: Sequence[str], allophones: bool) -> list[Segment]:
    """Returns a run with its phones paired by articulation, as it is where that would match or insert a phone."""
    substitutions = [segment for segment in run if segment.phones]
    operations = edit_operations(
        [normalize(segment.phones[0], allophones=allophones) for segment in substitutions],
        [normalize(target[segment.start], allophones=allophones) for segment in run],
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
        result[taken] = replace(match, transcribed=inserted.transcribed)
        result[given] = replace(inserted, phones=match.transcribed, transcribed=match.transcribed)
        first, end = first + step, end + step
        result[first:end] = [replace(member, start=position, end=position) for member in result[first:end]]
    return result


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


def pair_phones(segments: Sequence[Segment], target: Sequence[str], *, allophones: bool = True) -> list[PhonePair]:
    """Returns each target phone beside the phone pronounced in its place, in order, as they were decoded.

    Within a segment phones pair by `edit_operations`; so no operation crosses what matches.
    """
    pairs: list[PhonePair] = []
    pronounced = 0
    for index, segment in enumerate(segments):
        pairs += _segment_pairs(segment, target[segment.start : segment.end], pronounced, index, allophones)
        pronounced += len(segment.phones)
    return pairs


def _segment_pairs(
    segment: Segment, expected: Sequence[str], pronounced: int, index: int, allophones: bool
) -> Iterator[PhonePair]:
    """Yields the pairs of a segment that has a number of phones `pronounced` before it."""
    actual_forms, expected_forms = (
        [normalize(phone, allophones=allophones) for phone in phones] for phones in (segment.phones, expected)
    )
    operations = edit_operations(actual_forms, expected_forms)
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
