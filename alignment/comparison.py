"""A target beside the phones pronounced: what matches, what differs, and what explains a difference."""

import contextlib
import functools
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np

from alignment.accents import LabelsAt, labels_in_accents
from alignment.anchors import Anchor, find_anchors, pieces
from alignment.decoding import decode
from alignment.filled_pauses import mark_filled_pauses
from alignment.gop import MAX_EVIDENCE, Place, evidence_against, find_places
from alignment.phone_set import posterior_columns
from alignment.segments import (
    Segment,
    insertions_between_words,
    is_insertion,
    is_omitted,
    segments_by_word,
    vowels_for_vowels,
)
from shared.ctc.posteriors import BLANK, Posteriors
from shared.errors import AlignmentFailedError
from shared.recognizers.calibration import Penalties
from shared.variation.american_english import AMERICAN_ENGLISH
from shared.variation.phonology import Phonology


@dataclass(frozen=True)
class Comparison:
    """How a recording was decoded with its target in mind, and what its posteriors have against the target.

    `words` [words][phones] are the target's, one of all phones where none is known. `evidence` [segments] are log-odds
    that what the target has was not pronounced. `log_likelihood_ratio` is that of the free best path to the best path
    through the target's network, penalties included, in nats a target phone: 0 where the recording is the target.
    `surprisal` is how unclear the speech is to the recognizer, whatever the target. The `phonology` says what was
    no difference. A long recording was compared in the pieces between its `anchors`. `places` are those of the
    target's phones, in order, without those of omitted words, for the `labels` of the posteriors.
    """

    words: Sequence[Sequence[str]]
    segments: list[Segment]
    evidence: list[float]
    log_likelihood_ratio: float
    surprisal: float
    phonology: Phonology = AMERICAN_ENGLISH
    anchors: Sequence[Anchor] = ()
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
    those of other `accents` by the accent's name, and filled pauses. A long recording is compared in the pieces between
    its anchors. Raises AlignmentFailedError where no path fits in the recording.
    """
    if not any(len(word) > 1 for word in words):  # where every word has one phone, none is known
        words, forms, accents = [list(itertools.chain.from_iterable(words))], (), {}
    anchors = find_anchors(posteriors, words, phonology.normal_forms)
    segments: list[Segment] = []
    evidence: list[float] = []
    places: list[Place] = []
    free_over_best = 0.0
    starts = [0, *itertools.accumulate(map(len, words))]
    for start, end in pieces(anchors, starts[-1], len(posteriors.log_probs)):
        part = slice(starts.index(start.position), starts.index(end.position))
        others = {accent: of_accent[part] for accent, of_accent in accents.items()}
        variants = phonology.variants(words[part], forms[part], others)
        in_piece = posteriors.piece(start.frame, end.frame)
        decoding = decode(in_piece, words[part], penalties, variants, phonology)
        right_labels = labels_in_accents(posteriors.labels, words[part], others.values(), phonology.normal_forms)
        found, against, of_piece = _with_evidence(in_piece, words[part], decoding.segments, phonology, right_labels)
        places += [replace(place, segment=place.segment + len(segments)) for place in of_piece]
        segments += [replace(s, start=s.start + start.position, end=s.end + start.position) for s in found]
        evidence += against
        free_over_best += decoding.free_log_likelihood - decoding.log_likelihood
    return Comparison(
        words,
        segments,
        evidence,
        free_over_best / starts[-1],
        mean_surprisal(posteriors),
        phonology,
        anchors,
        places,
        posteriors.labels,
    )


def _with_evidence(
    posteriors: Posteriors,
    words: Sequence[Sequence[str]],
    decoded: Sequence[Segment],
    phonology: Phonology,
    right_labels: LabelsAt,
) -> tuple[list[Segment], list[float], list[Place]]:
    """Returns decoded segments as they are paired with the target, the evidence against each, and their places."""
    target = list(itertools.chain.from_iterable(words))
    boundaries = {0, *itertools.accumulate(map(len, words))}
    segments = insertions_between_words(vowels_for_vowels(decoded, target, phonology.normal_forms), boundaries)
    evidence, places = _evidence(posteriors, words, segments, phonology, right_labels)
    if phonology.filled_pauses:
        segments = mark_filled_pauses(posteriors, target, segments, evidence, boundaries)
    return segments, evidence, places


def _evidence(
    posteriors: Posteriors,
    words: Sequence[Sequence[str]],
    segments: Sequence[Segment],
    phonology: Phonology,
    right_labels: LabelsAt,
) -> tuple[list[float], list[Place]]:
    """Returns the evidence [segments] against what the target has, and the places of its phones.

    Both are without omitted words, which would take frames of the words around them. An omitted word for which the
    recording has too few frames has the most evidence that there can be.
    """
    target = list(itertools.chain.from_iterable(words))
    omitted = {k for of_word in segments_by_word(words, segments) if is_omitted(of_word, segments) for k in of_word}
    others = [index for index in range(len(segments)) if index not in omitted]
    evidence = [MAX_EVIDENCE] * len(segments)
    if omitted:
        with contextlib.suppress(AlignmentFailedError):
            all_places = find_places(posteriors, target, segments, phonology.normal_forms, right_labels)
            evidence = evidence_against(all_places, len(segments))
    decoded = [segments[index] for index in others]
    spoken = find_places(posteriors, target, decoded, phonology.normal_forms, right_labels)
    for index, against in zip(others, evidence_against(spoken, len(others)), strict=True):
        evidence[index] = against
    return evidence, [
        replace(place, segment=others[place.segment])
        for place in _target_places(posteriors, target, decoded, spoken, phonology, right_labels)
    ]


def _target_places(  # noqa: PLR0913, PLR0917 (as many as it takes from its caller)
    posteriors: Posteriors,
    target: Sequence[str],
    segments: Sequence[Segment],
    decoded: list[Place],
    phonology: Phonology,
    right_labels: LabelsAt,
) -> list[Place]:
    """Returns the places of the target's phones, each with the target's other phones around it, given the decoded ones.

    Where the recording has too few frames for all of them, the decoded ones.
    """
    expected = {
        index: replace(segment, labels=tuple(_columns(posteriors, target, segment, phonology)))
        if segment.status == "deviation"
        else segment
        for index, segment in enumerate(segments)
        if not is_insertion(segment)
    }
    if list(expected.values()) == list(segments):
        return decoded
    try:
        places = find_places(posteriors, target, list(expected.values()), phonology.normal_forms, right_labels)
    except AlignmentFailedError:
        return decoded
    indices = list(expected)
    return [replace(place, segment=indices[place.segment]) for place in places]


def _columns(posteriors: Posteriors, target: Sequence[str], segment: Segment, phonology: Phonology) -> list[int]:
    phones = target[segment.start : segment.end]
    return posterior_columns(posteriors.labels, phones, phonology.normal_forms.fallbacks)[1]


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
