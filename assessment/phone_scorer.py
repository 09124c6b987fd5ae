"""What experts would give each phone of a target, from what a recognizer has about it."""

import functools
import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from alignment.comparison import Comparison
from alignment.gop import Place
from alignment.phone_set import parse_label, phone_set_of
from alignment.segments import Segment
from assessment.evidence import evidence_confidence, logistic
from shared.audio.samples import SAMPLE_RATE
from shared.phonology.arpabet import ARPABET
from shared.phonology.distance import distances
from shared.phonology.ipa import parse_ipa
from shared.recognizers.calibration import Calibration
from shared.variation.phonology import GENERIC

# What any engine's labels are mapped to, so that features have the same columns: the 39 phones of CMUdict.
PHONES = tuple(phone for phone in ARPABET if phone not in ("AX", "DX", "IX"))
MIN_LOG_POSTERIOR = -12.0
STATUSES = ("variant", "deviation")
NEIGHBOURS = (-2, -1, 1, 2)
DELETED_DISTANCE = 1.0  # of no phone from any: as much as phones can differ
# The duration of native readers' phones, the median of 18 of them, stands for so many phones in the mean of a
# recording's: a word alone has no rate of speech. Who speaks slower than `MAX_SLOWNESS` times this may be careful.
USUAL_DURATION, USUAL_PHONES, MAX_SLOWNESS = 0.07 * SAMPLE_RATE, 10, 1.25

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class PhoneScore:
    """What experts would give target phones `start` up to `end`, a label of the engine: of a diphthong, its two.

    `mark` is their mean mark as a share of the best, `error` the probability that it is less than 1.5 of 2.
    """

    segment: int
    start: int
    end: int
    mark: float
    error: float


def score_phones(comparison: Comparison, calibration: Calibration) -> list[PhoneScore]:
    """Returns what experts would give the phones of a comparison's target, in order; none without a phone scorer.

    It knows the phones of English alone: two of another language may be one of them. So of others there are none.
    The phones of an omitted word have no place: the evidence alone says how probable the error is.
    """
    scorer = calibration.phone_scorer
    if scorer is None or comparison.phonology is GENERIC:
        return []
    phones = target_phones(comparison)
    rows = features(comparison, phones)
    marks, log_odds = scorer.mark(rows).clip(0, 1).tolist(), scorer.error(rows).tolist()
    scores = []
    for phone, mark, odds in zip(phones, marks, log_odds, strict=True):
        error = logistic(odds)
        if phone.place is None and comparison.segments[phone.segment].status == "deviation":
            error = evidence_confidence(phone.evidence, comparison.surprisal, calibration)
        scores.append(PhoneScore(phone.segment, phone.start, phone.end, mark, error))
    return scores


@dataclass(frozen=True)
class TargetPhone:
    """Target phones `start` up to `end`, one of `PHONES`, and the place where it is; None where it is in none.

    A variant may have more or fewer places than target phones: then its phones share them.
    """

    segment: int
    start: int
    end: int
    phone: int
    place: Place | None
    evidence: float


def target_phones(comparison: Comparison) -> list[TargetPhone]:
    """Returns the phones of a comparison's target, in order."""
    places = {
        segment: list(group) for segment, group in itertools.groupby(comparison.places, key=lambda place: place.segment)
    }
    return [
        phone
        for index, segment in enumerate(comparison.segments)
        for phone in _phones_of(comparison, index, segment, places.get(index, []))
    ]


def _phones_of(comparison: Comparison, index: int, segment: Segment, places: Sequence[Place]) -> Iterator[TargetPhone]:
    spans = phone_set_of(PHONES).label_spans(comparison.target[segment.start : segment.end])
    start = segment.start
    for number, span in enumerate(spans):
        place = places[number * len(places) // len(spans)] if places else None
        evidence = comparison.evidence[index] if place is None else place.evidence
        yield TargetPhone(index, start, start + len(span.phones), PHONES.index(span.label), place, evidence)
        start += len(span.phones)


def features(comparison: Comparison, phones: Sequence[TargetPhone]) -> Floats:
    """Returns what is known of target phones, [phones, features].

    The evidence among the target's other phones, and among those decoded; what was decoded; the surprisal of the
    recording; the log-posteriors of no phone and of each of `PHONES` in this place, their mean articulatory distance
    from the target's phone and that of the likeliest; the evidence of the neighbours in its word; whether it begins and
    ends this, and how many phones this has; the logarithm of the duration, and differences from the sentence's mean,
    its own and its neighbours'; the sentence's mean; which of `PHONES` it is.
    """
    evidence = np.arcsinh([phone.evidence for phone in phones])
    words = _words(comparison, phones)
    neighbours = np.column_stack([_beside(evidence, words, steps) for steps in NEIGHBOURS])
    log_posteriors = _log_posteriors(comparison, phones)
    status = [[comparison.segments[phone.segment].status == status for status in STATUSES] for phone in phones]
    deleted = [not comparison.segments[phone.segment].labels for phone in phones]
    durations = np.log([phone.place.samples if phone.place else np.nan for phone in phones])
    known = durations[np.isfinite(durations)]
    mean = float(known.mean()) if len(known) else 0.0
    durations = np.nan_to_num(durations, nan=mean)
    beside = np.pad(durations, 1, constant_values=mean)
    return np.column_stack(
        [
            evidence,
            np.arcsinh([comparison.evidence[phone.segment] for phone in phones]),
            status,
            deleted,
            np.full(len(phones), comparison.surprisal),
            log_posteriors,
            _differences(log_posteriors, [phone.phone for phone in phones]),
            neighbours,
            _places_in_words(comparison, phones, words),
            durations,
            durations - mean,
            beside[:-2] - mean,
            beside[2:] - mean,
            np.full(len(phones), _mean_duration(known)),
            np.eye(len(PHONES))[[phone.phone for phone in phones]],
        ]
    ).astype(np.float64)


def _log_posteriors(comparison: Comparison, phones: Sequence[TargetPhone]) -> Floats:
    """Returns the log-posteriors [phones, 1 + PHONES] of no phone and of each phone in each place."""
    result = np.full((len(phones), 1 + len(PHONES)), MIN_LOG_POSTERIOR)
    columns = _columns(comparison.labels)
    for row, phone in zip(result, phones, strict=True):
        if phone.place is not None:
            np.logaddexp.at(row, columns, phone.place.log_posteriors)
    return result.clip(MIN_LOG_POSTERIOR)


def _mean_duration(durations: Floats) -> float:
    """Returns the mean of logarithms of durations [phones] as it says how fast somebody speaks.

    Fast speech of natives has errors of the recognizer's that learners' slow speech has not.
    """
    usual = math.log(USUAL_DURATION)
    mean = (float(durations.sum()) + USUAL_PHONES * usual) / (len(durations) + USUAL_PHONES)
    return min(mean, usual + math.log(MAX_SLOWNESS))


def _differences(log_posteriors: Floats, phones: Sequence[int]) -> Floats:
    """Returns the mean articulatory distance [phones, 2] of what is in each place, and that of the likeliest."""
    posteriors = np.exp(log_posteriors)
    far = _phone_distances()[phones]
    mean = (posteriors * far).sum(axis=1) / posteriors.sum(axis=1)
    return np.column_stack([mean, far[np.arange(len(far)), log_posteriors.argmax(axis=1)]])


@functools.cache
def _phone_distances() -> Floats:
    """Returns the articulatory distance [PHONES, 1 + PHONES] of no phone and of each of `PHONES` from each.

    Of two diphthongs, or of one and a vowel, it is the mean of each part's from the nearest one of the other.
    """
    parts = [parse_ipa(ARPABET[phone]) for phone in PHONES]
    table = np.full((len(PHONES), 1 + len(PHONES)), DELETED_DISTANCE)
    for (row, of), (column, other) in itertools.product(enumerate(parts), repeat=2):
        between = distances(of, other)
        table[row, 1 + column] = (between.min(axis=0).mean() + between.min(axis=1).mean()) / 2
    return table


@functools.lru_cache(maxsize=8)
def _columns(labels: tuple[str, ...]) -> npt.NDArray[np.intp]:
    """Returns the column of each label of an engine among no phone and `PHONES`."""
    spans = (phone_set_of(PHONES).label_spans(parse_label(label) or ("",)) if label else None for label in labels)
    return np.array([1 + PHONES.index(found[0].label) if found else 0 for found in spans])


def _words(comparison: Comparison, phones: Sequence[TargetPhone]) -> npt.NDArray[np.intp]:
    """Returns the index [phones] of the word of each."""
    ends = list(itertools.accumulate(map(len, comparison.words)))
    return np.searchsorted(ends, [phone.start for phone in phones], side="right")


def _beside(evidence: Floats, words: npt.NDArray[np.intp], steps: int) -> Floats:
    """Returns the evidence [phones] of the phone so many steps after each; 0 where that is in another word.

    So an error in one word changes no confidence in another.
    """
    others = np.arange(len(words)) + steps
    inside = (others >= 0) & (others < len(words))
    others = others.clip(0, len(words) - 1)
    return np.where(inside & (words[others] == words), evidence[others], 0.0)


def _places_in_words(comparison: Comparison, phones: Sequence[TargetPhone], words: npt.NDArray[np.intp]) -> Floats:
    """Returns [phones, 3]: whether each begins a word, whether it ends one, how many phones the word has."""
    sizes = list(map(len, comparison.words))
    ends = list(itertools.accumulate(sizes))
    return np.array(
        [
            (phone.start == ends[word] - sizes[word], phone.end == ends[word], sizes[word])
            for phone, word in zip(phones, words.tolist(), strict=True)
        ],
        dtype=np.float64,
    ).reshape(-1, 3)
