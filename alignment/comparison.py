"""A target beside the phones pronounced: what matches, what differs, and what explains a difference."""

import functools
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np

from alignment.accents import labels_in_accents
from alignment.anchors import MIN_DECODED, find_anchors, pieces
from alignment.decoding import decode
from alignment.filled_pauses import mark_filled_pauses
from alignment.gop import Place, Reading, evidence_against, evidence_of_omission, find_places
from alignment.phone_set import posterior_columns
from alignment.runs import runs
from alignment.segments import (
    Segment,
    insertions_between_words,
    is_insertion,
    omitted_segments,
    vowels_for_vowels,
)
from shared.ctc.posteriors import BLANK, Posteriors
from shared.errors import AlignmentFailedError
from shared.phonology.equivalence import NormalForms
from shared.recognizers.calibration import Penalties
from shared.variation.languages import AMERICAN_ENGLISH
from shared.variation.phonology import Phonology


@dataclass(frozen=True)
class Comparison:
    """How a recording was decoded with its target in mind, and what its posteriors have against the target.

    `words` [words][phones] are the target's, one of all phones where none is known. `evidence` [segments] are log-odds
    that what the target has was not pronounced. `surprisal` is how unclear the speech is to the recognizer, whatever
    the target. The `phonology` says what was no difference. `places` are those of the target's phones, in order,
    without those of omitted words, for the `labels` of the posteriors.
    """

    words: Sequence[Sequence[str]]
    segments: list[Segment]
    evidence: list[float]
    surprisal: float
    phonology: Phonology = AMERICAN_ENGLISH
    places: Sequence[Place] = ()
    labels: tuple[str, ...] = ()

    @functools.cached_property
    def target(self) -> list[str]:
        """The phones of all words."""
        return list(itertools.chain.from_iterable(self.words))


def compare(  # noqa: PLR0913, PLR0917 (a target is three of them)
    posteriors: Posteriors,
    words: Sequence[Sequence[str]],
    forms: Sequence[Sequence[Sequence[str]]],
    penalties: Penalties,
    phonology: Phonology = AMERICAN_ENGLISH,
    accents: Mapping[str, Sequence[Sequence[Sequence[str]]]] = MappingProxyType({}),
) -> Comparison:
    """Returns how a recording compares with a target's words.

    Variants are no errors: what the rules of the `phonology` make of the words, their other `forms` [words][forms],
    those of other `accents` by the accent's name, and filled pauses. A long recording is decoded in pieces between
    anchors. Raises AlignmentFailedError where no path fits in the recording.
    """
    if not any(len(word) > 1 for word in words):  # where every word has one phone, none is known
        words, forms, accents = [list(itertools.chain.from_iterable(words))], (), {}
    words_are_known = len(words) > 1 or any(forms)  # one without forms may be a sentence without spaces
    target = list(itertools.chain.from_iterable(words))
    anchors = find_anchors(posteriors, words, phonology.normal_forms)
    min_frames = MIN_DECODED / posteriors.frame_stride
    starts = [0, *itertools.accumulate(map(len, words))]
    decoded: list[Segment] = []
    for start, end in pieces(anchors, len(target), len(posteriors.log_probs), min_frames):
        part = slice(starts.index(start.position), starts.index(end.position))
        others = {accent: of_accent[part] for accent, of_accent in accents.items()}
        variants = phonology.variants(words[part], forms[part], others)
        in_piece = posteriors.piece(start.frame, end.frame)
        known = words_are_known
        decoding = decode(in_piece, words[part], penalties, variants, phonology, words_are_known=known, start=start)
        decoded += decoding.segments
    paired = insertions_between_words(vowels_for_vowels(decoded, target, phonology.normal_forms), set(starts))
    for index in omitted_segments(words, paired):
        paired[index] = replace(paired[index], status="deviation", explained_by=None)
    right_labels = labels_in_accents(posteriors.labels, words, accents.values(), phonology.normal_forms)
    reading = Reading(posteriors, target, paired, right_labels=right_labels)
    evidence, places = _evidence(reading, words, phonology.normal_forms)
    segments = paired
    if phonology.filled_pauses:
        segments = mark_filled_pauses(posteriors, target, paired, evidence, set(starts))
    return Comparison(words, segments, evidence, mean_surprisal(posteriors), phonology, places, posteriors.labels)


def _evidence(
    decoded: Reading, words: Sequence[Sequence[str]], normal_forms: NormalForms
) -> tuple[list[float], list[Place]]:
    """Returns the evidence [segments] against what the target has, and the places of the target's phones.

    Both are without omitted words, which would take frames of the words around them. Omitted words in a row have the
    evidence of all of them. The places are those among the target's other phones; where there are too few frames for
    all of these, those among the decoded ones. Raises AlignmentFailedError where there are too few for these, too.
    """
    segments = decoded.segments
    omitted = omitted_segments(words, segments)
    indices = [index for index in range(len(segments)) if index not in omitted]
    spoken = decoded._replace(segments=[segments[index] for index in indices])
    readings = [spoken, _expected(spoken, normal_forms)]
    found = find_places(readings if readings[1] != spoken else readings[:1], normal_forms)
    of_spoken, of_expected = found[0], found[-1]
    if of_spoken is None:
        raise AlignmentFailedError("the recording has too few frames for the phones; send a longer one")
    evidence = [0.0] * len(segments)
    for index, against in zip(indices, evidence_against(of_spoken, len(indices)), strict=True):
        evidence[index] = against
    for start, end in runs(range(len(segments)), omitted.__contains__):
        evidence[start:end] = [evidence_of_omission(decoded, start, end, normal_forms)] * (end - start)
    if of_expected is None:
        return evidence, [replace(place, segment=indices[place.segment]) for place in of_spoken]
    of_target = [index for index in indices if not is_insertion(segments[index])]
    return evidence, [replace(place, segment=of_target[place.segment]) for place in of_expected]


def _expected(reading: Reading, normal_forms: NormalForms) -> Reading:
    """Returns a reading with the target's own phones where it deviates; their frames and those beside are unknown."""
    labels, target = reading.posteriors.labels, reading.target
    segments: list[Segment] = []
    after_insertion = False
    for segment in reading.segments:
        if is_insertion(segment):
            after_insertion = True
            segments[-1:] = [replace(previous, emissions=()) for previous in segments[-1:]]
            continue
        changed = segment
        if segment.status == "deviation":
            phones = target[segment.start : segment.end]
            columns = posterior_columns(labels, phones, normal_forms.fallbacks)[1]
            changed = replace(segment, labels=tuple(columns), emissions=())
        segments.append(replace(changed, emissions=()) if after_insertion else changed)
        after_insertion = False
    return reading._replace(segments=segments)


def mean_surprisal(posteriors: Posteriors) -> float:
    """Returns the mean surprisal, in nats, of the phones of the free best path: 0 where the recognizer is sure of all.

    The surprisal of a phone is minus the logarithm of its highest posterior probability.

    >>> log_probs = np.log([[0.9, 0.1], [0.4, 0.6], [0.2, 0.8], [0.9, 0.1]])
    >>> round(float(np.exp(-mean_surprisal(Posteriors(log_probs, ("", "m"), frame_stride=320)))), 2)
    0.8
    """
    best = posteriors.log_probs.argmax(axis=1)
    starts = np.flatnonzero(np.diff(best, prepend=-1))
    highest = np.maximum.reduceat(posteriors.log_probs.max(axis=1), starts)[best[starts] != BLANK]
    return -float(np.mean(highest)) if len(highest) else 0.0
