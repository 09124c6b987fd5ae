"""Goodness of pronunciation, on real speech and by its definition."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alignment.gop import CONTEXT_PHONES, DELETION, PhoneGop, alternatives, gop
from alignment.phone_set import match_target_notation
from shared.phonology.ipa import read_phones
from shared.recognizers.base import Posteriors
from shared.recognizers.embedded import EmbeddedRecognizer
from tests.support.data import Clip, from_mfa
from tests.support.posteriors import spikes


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
    st.lists(st.integers(1, 3), min_size=1, max_size=CONTEXT_PHONES),  # so the context is the sentence
)
def test_alternatives_are_the_sentences_with_one_phone_exchanged(frames: list[list[float]], labels: list[int]) -> None:
    posteriors = np.array(frames)
    log_probs = np.log(posteriors / posteriors.sum(axis=1, keepdims=True)).astype(np.float32)
    found = alternatives(log_probs, labels)
    for index in range(len(labels)):
        for label in range(1, 4):
            assert found[index, label] == pytest.approx(
                likelihood(log_probs, [*labels[:index], label, *labels[index + 1 :]]), abs=1e-5
            )
        without = likelihood(log_probs, [*labels[:index], *labels[index + 1 :]])
        assert found[index, DELETION] == pytest.approx(without, abs=1e-5)


def test_only_a_pronounced_phone_has_a_high_posterior(recognizer: EmbeddedRecognizer, clip: Clip) -> None:
    posteriors = recognizer.transcribe(clip.audio).posteriors
    said = from_mfa(clip.phones)
    assert np.median([phone.posterior for phone in gop(posteriors, said)]) > 0.9
    changed = ["k" if phone == "m" else phone for phone in said]
    [k] = [phone for phone, name in zip(gop(posteriors, changed), changed, strict=True) if name == "k"]
    assert k.posterior < 0.01
    doubled = gop(posteriors, ["h", "s", *said[1:]])
    assert doubled[1].deletion > 0.9


def test_the_phones_of_one_label_have_one_gop(recognizer: EmbeddedRecognizer, clip: Clip) -> None:
    transcription = recognizer.transcribe(clip.audio)
    phones = match_target_notation(transcription.phones, read_phones("dɪspoʊzd"))
    found = gop(transcription.posteriors, phones)
    start = phones.index("o")
    assert found[start] == found[start + 1]


def test_a_sentence_longer_than_the_recording_is_all_deletions() -> None:
    assert gop(spikes(1, 2), ["a", "b", "c"]) == [PhoneGop(posterior=0.0, deletion=1.0)] * 3
    assert gop(spikes(0, 1), []) == []


def test_labels_that_count_as_the_same_are_one() -> None:
    probabilities = np.array([[0.02, 0.49, 0.49], [0.98, 0.01, 0.01]], dtype=np.float32)
    [phone] = gop(Posteriors(np.log(probabilities), ("", "t", "tʰ"), 320), ["t"])
    assert phone.posterior > 0.95
