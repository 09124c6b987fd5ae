"""The evidence of posteriors against the phones of a target."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alignment.decoding import decode
from alignment.gop import (
    CONTEXT_PHONES,
    DELETION,
    PIECE_PHONES,
    Reading,
    Sentence,
    alternatives,
    evidence_against,
    find_places,
)
from alignment.segments import Segment
from shared.ctc.alignment import (
    LOGARITHMIC,
    NO_PATH,
    REAL,
    Emission,
    forced_alignment,
    forward,
    log_likelihood,
    log_sum,
)
from shared.ctc.posteriors import Posteriors
from shared.phonology.ipa import parse_ipa
from shared.recognizers.calibration import Penalties
from shared.recognizers.embedded.recognizer import EmbeddedRecognizer
from tests.support.data import Clip, from_mfa

PENALTIES = Penalties(substitution=3, deletion=3, insertion=5, extension=0.5)


def likelihood(log_probs: np.ndarray, labels: list[int]) -> float:
    """Returns the CTC log-likelihood of labels: all paths, one frame after another."""
    states = [0, *(state for label in labels for state in (label, 0))]
    scores = np.full(len(states), -np.inf)
    scores[0] = 0.0
    for frame in log_probs.astype(float):
        skips = [k > 1 and states[k] not in (0, states[k - 2]) for k in range(len(states))]
        ways = [
            [scores[k], scores[k - 1] if k else -np.inf, scores[k - 2] if skips[k] else -np.inf]
            for k in range(len(states))
        ]
        scores = np.logaddexp.reduce(np.array(ways), axis=1) + frame[states]
    return float(np.logaddexp.reduce(scores[-2:]))


@given(
    st.lists(st.lists(st.floats(0.05, 1), min_size=4, max_size=4), min_size=9, max_size=12),
    st.lists(st.integers(1, 3), min_size=1, max_size=CONTEXT_PHONES),  # all of the sentence is context
    st.sampled_from([1, 200]),  # of the latter real numbers do not hold all likelihoods
)
def test_alternatives_are_the_sentences_with_one_phone_exchanged(
    frames: list[list[float]], labels: list[int], sharpness: int
) -> None:
    posteriors = np.array(frames)
    log_probs = (sharpness * np.log(posteriors / posteriors.sum(axis=1, keepdims=True))).astype(np.float32)
    [found] = alternatives([Sentence(log_probs, labels, forced_alignment(log_probs, labels))])
    for index, label in itertools.product(range(len(labels)), range(4)):
        exchanged = likelihood(
            log_probs, [*labels[:index], *([] if label == DELETION else [label]), *labels[index + 1 :]]
        )
        ratio = max(exchanged - likelihood(log_probs, labels), -600)
        assert max(found[index, label] - found[index, labels[index]], -600) == pytest.approx(ratio, abs=1e-5)


@given(
    st.lists(st.lists(st.floats(0, 1), min_size=4, max_size=4).filter(any), min_size=1, max_size=8),
    st.lists(st.integers(1, 3), max_size=6),
)
def test_the_likelihood_of_labels_is_that_of_all_paths(frames: list[list[float]], labels: list[int]) -> None:
    posteriors = np.array(frames)
    with np.errstate(divide="ignore"):
        log_probs = np.log(posteriors / posteriors.sum(axis=1, keepdims=True))
    assert log_likelihood(log_probs, labels) == pytest.approx(max(likelihood(log_probs, labels), NO_PATH), rel=1e-5)


@settings(max_examples=10)
@given(st.lists(st.integers(1, 3), min_size=3 * PIECE_PHONES, max_size=3 * PIECE_PHONES), st.integers(0, 2), st.data())
def test_alternatives_in_pieces_that_sentences_share_are_those_of_each(
    labels: list[int], piece: int, data: st.DataObject
) -> None:
    changed = piece * PIECE_PHONES + data.draw(st.integers(0, PIECE_PHONES - 1))
    other = [*labels[:changed], labels[changed] % 3 + 1, *labels[changed + 1 :]]
    log_probs = np.log(np.random.default_rng(len(set(labels))).dirichlet(np.ones(4), 2 * len(labels) + 20))
    sentences = [Sentence(log_probs, each, forced_alignment(log_probs, each)) for each in (labels, other)]
    for together, sentence in zip(alternatives(sentences), sentences, strict=True):
        [alone] = alternatives([sentence])
        assert together == pytest.approx(alone, abs=1e-9)


recordings = st.tuples(
    st.integers(1, 4).flatmap(lambda frames: st.lists(st.floats(-9, 0), min_size=3 * frames, max_size=3 * frames)),
    st.lists(st.integers(1, 2), min_size=1, max_size=4),
)


@given(st.lists(recordings, min_size=2, max_size=3))
def test_paths_of_recordings_together_are_those_of_each(several: list[tuple[list[float], list[int]]]) -> None:
    each = [(np.array(frames).reshape(-1, 3), labels) for frames, labels in several]
    together = forward(each, LOGARITHMIC)
    for index, recording in enumerate(each):
        for of_all, alone in zip(together, forward([recording], LOGARITHMIC), strict=True):
            frames, _, columns = alone.shape
            assert np.array_equal(of_all[:frames, index, :columns], alone[:, 0])


@given(recordings)
def test_likelihoods_are_those_of_their_logarithms(recording: tuple[list[float], list[int]]) -> None:
    log_probs, labels = np.array(recording[0]).reshape(-1, 3), recording[1]
    of_logarithms = forward([(log_probs, labels)], LOGARITHMIC)
    for likelihoods, logarithms in zip(forward([(np.exp(log_probs), labels)], REAL), of_logarithms, strict=True):
        assert likelihoods == pytest.approx(np.exp(logarithms))


logarithms = st.lists(st.floats(-700, 0), min_size=6, max_size=6).map(np.array)


@given(logarithms, logarithms)
def test_sums_of_logarithms_are_those_of_numpy(some: np.ndarray, others: np.ndarray) -> None:
    assert log_sum(some, others) == pytest.approx(np.logaddexp(some, others), abs=1e-12)
    assert log_sum(some, np.full(6, NO_PATH)) == pytest.approx(some)


@pytest.mark.parametrize("target", ["hi wəz nɑt ən ɪl dɪspoʊzd jʌŋ mæn", "hi wɑz tɪn ɪl kɪspoʊzd jʌŋ məmæn"])
def test_places_are_those_of_all_phones_aligned(recognizer: EmbeddedRecognizer, clip: Clip, target: str) -> None:
    """With the decoder's frames, and with none, which are then sought on the best path."""
    pronounced, phones = recognizer.transcribe(clip.audio).posteriors, parse_ipa(target)
    segments = decode(pronounced, [phones], PENALTIES, words_are_known=False).segments
    without = [replace(segment, emissions=()) for segment in segments]
    known, sought = find_places([Reading(pronounced, phones, each) for each in (segments, without)])
    for place, other in zip(known or [], sought or [], strict=True):
        assert place.samples == other.samples
        assert place.evidence == pytest.approx(other.evidence)


def decoded(pronounced: Posteriors, target: list[str]) -> list[tuple[Segment, float]]:
    segments = decode(pronounced, [target], PENALTIES).segments
    [places] = find_places([Reading(pronounced, target, segments)])
    assert places
    return list(zip(segments, evidence_against(places, len(segments)), strict=True))


def test_what_was_pronounced_has_no_evidence_against_it(recognizer: EmbeddedRecognizer, clip: Clip) -> None:
    pronounced = recognizer.transcribe(clip.audio).posteriors
    phones = from_mfa(clip.phones)
    assert np.median([evidence for _, evidence in decoded(pronounced, phones)]) < -2


@pytest.mark.parametrize(
    ("target", "place"),
    [
        ("hi wɑz nɑt ən ɪl kɪspoʊzd jʌŋ mæn", "k"),  # another phone
        ("hi wɑz nɑt ən ɪl dɪspoʊzd jʌŋ məmæn", "m"),  # no phone
    ],
)
def test_what_was_not_has_much(recognizer: EmbeddedRecognizer, clip: Clip, target: str, place: str) -> None:
    phones = parse_ipa(target)
    differing = decoded(recognizer.transcribe(clip.audio).posteriors, phones)
    assert [evidence > 5 for s, evidence in differing if s.status == "deviation" and place in phones[s.start : s.end]]


def test_an_insertion_has_the_evidence_that_it_was_pronounced(recognizer: EmbeddedRecognizer, clip: Clip) -> None:
    pronounced = recognizer.transcribe(clip.audio).posteriors
    [inserted] = [
        e for s, e in decoded(pronounced, parse_ipa("hi wɑz nɑt ən ɪl dɪpoʊzd jʌŋ mæn")) if s.phones == ("s",)
    ]
    assert inserted > 5


def test_labels_that_count_as_the_same_are_one() -> None:
    probabilities = np.array([[0.02, 0.49, 0.49], [0.98, 0.01, 0.01]], dtype=np.float32)
    [(_, evidence)] = decoded(Posteriors(np.log(probabilities), ("", "t", "tʰ"), 320), ["t"])
    assert evidence < -3


def test_phones_without_room_near_a_deviation_are_sought_everywhere() -> None:
    labels, spoken = ("", "a", "b", "c"), [1, 2] * 15
    log_probs = np.log(np.full((60, 4), 0.01, dtype=np.float32))
    log_probs[np.arange(60), [*spoken, *[0] * 30]] = np.log(0.97)
    target = [labels[column] for column in (*spoken[:5], 3, *spoken[5:])]
    matches = [
        Segment(k + (k >= 5), k + (k >= 5) + 1, (labels[column],), (), (column,), "match", None, (Emission(k, k + 1),))
        for k, column in enumerate(spoken)
    ]
    deleted = Segment(5, 6, (), (), (), "deviation")
    reading = Reading(Posteriors(log_probs, labels, 320), target, [*matches[:5], deleted, *matches[5:]])
    [places] = find_places([reading])
    assert places is not None
    assert [place.label for place in places] == [*spoken[:5], 3, *spoken[5:]]
    assert places[5].evidence > 0
