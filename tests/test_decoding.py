"""The phones pronounced, decoded with the target in mind."""

import functools
import itertools
import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from alignment import decoding
from alignment.decoding import decode
from alignment.network import build_network
from shared.audio.load import load_audio
from shared.ctc.alignment import forced_alignment
from shared.ctc.posteriors import Posteriors
from shared.errors import AlignmentFailedError
from shared.phonology.equivalence import canonical_form
from shared.phonology.ipa import parse_ipa
from shared.recognizers.calibration import Penalties
from shared.recognizers.embedded.recognizer import EmbeddedRecognizer
from shared.variation.languages import AMERICAN_ENGLISH
from shared.variation.variant import Variant
from tests.support.data import DATA, Clip, from_mfa

LABELS = ("", "a", "t", "k")
FREE = Penalties(0, 0, 0, 0)
FORCED = Penalties(math.inf, math.inf, math.inf, math.inf)
MILD = Penalties(3, 3, 3, 0.5)


def posteriors(frames: list[list[float]], labels: tuple[str, ...] = LABELS) -> Posteriors:
    """Returns posteriors of unnormalised probabilities [frames, labels]."""
    shares = np.array(frames).reshape(-1, len(labels))
    return Posteriors(np.log(shares / shares.sum(axis=1, keepdims=True)).astype(np.float32), labels, 320)


def spoken(*phones: str, labels: tuple[str, ...] = LABELS) -> Posteriors:
    """Returns posteriors of phones pronounced clearly, a blank between any two."""
    columns = [0, *itertools.chain.from_iterable((labels.index(phone), 0) for phone in phones)]
    return posteriors((np.eye(len(labels))[columns] * 0.9 + 0.02).tolist(), labels)


def log_likelihood(pronounced: Posteriors) -> float:
    """Returns the log-likelihood of the best path without a target."""
    return float(pronounced.log_probs.max(axis=1).sum())


def collapse(path: tuple[int, ...]) -> tuple[int, ...]:
    """Returns the labels of a CTC path."""
    return tuple(label for label, _ in itertools.groupby(path) if label)


random_posteriors = st.lists(
    st.lists(st.floats(1e-4, 1), min_size=len(LABELS), max_size=len(LABELS)), min_size=2, max_size=5
).map(posteriors)
phones = st.lists(st.sampled_from(LABELS[1:]), min_size=1, max_size=4)
costs = st.floats(0, 4)
penalties = st.builds(Penalties, costs, costs, costs, costs)


def cheapest(
    actual: tuple[str, ...], words: Sequence[Sequence[str]], prices: Penalties, words_are_known: bool
) -> float:
    """Returns the least penalty that turns a target into the phones pronounced.

    Further phones are cheaper where whole words are deleted, and in a run inserted where words meet.
    """
    target = list(itertools.chain.from_iterable(words))
    ends = list(itertools.accumulate(map(len, words)))
    word_ends = dict(zip([0, *ends], ends, strict=False))
    deletion, insertion = (min(prices.extension, first) for first in (prices.deletion, prices.insertion))

    @functools.cache
    def rest(i: int, j: int, run: str) -> float:
        ways = [0.0] if i == len(actual) and j == len(target) else []
        if i < len(actual) and j < len(target):
            ways.append(rest(i + 1, j + 1, "") + (0 if actual[i] == target[j] else prices.substitution))
        if j < len(target):
            ways.append(rest(i, j + 1, "") + prices.deletion)
        if j in word_ends:
            first = 0 if run == "omitted" else prices.deletion - deletion
            ways.append(rest(i, word_ends[j], "omitted") + first + deletion * (word_ends[j] - j))
        if i < len(actual):
            in_run = run == "inserted" and (j in word_ends or j == len(target) or not words_are_known)
            ways.append(rest(i + 1, j, "inserted") + (insertion if in_run else prices.insertion))
        return min(ways)

    return rest(0, 0, "")


@given(random_posteriors, st.lists(phones, min_size=1, max_size=3), penalties, st.booleans())
# A label far below another that takes two deletions to do without, and two insertions.
@example(
    posteriors([[1, 0.5, 0.5, 1], [0.5, 0.5, 0.5, 0.75], [1, 0.5, 0.5, 1]]), [[*"aaa"]], Penalties(0, 0.25, 0, 1), True
)
@example(
    posteriors([[0.01, 0.002, 1, 0.1], [0.002, 0.1, 0.0003, 0.002], [0.0003, 0.01, 1, 0.0003]]),
    [["a"]],
    Penalties(0, 0, 3, 3),
    True,
)
def test_the_best_path_is_the_best_of_all_paths(
    pronounced: Posteriors, words: list[list[str]], prices: Penalties, words_are_known: bool
) -> None:
    scores: dict[tuple[int, ...], float] = {}
    for path in itertools.product(range(len(LABELS)), repeat=len(pronounced.log_probs)):
        score = float(pronounced.log_probs[range(len(path)), path].sum())
        labels = collapse(path)
        scores[labels] = max(score, scores.get(labels, -math.inf))
    best = max(
        score - cheapest(tuple(LABELS[label] for label in labels), words, prices, words_are_known)
        for labels, score in scores.items()
    )
    found = decode(pronounced, words, prices, words_are_known=words_are_known)
    assert found.log_likelihood == pytest.approx(best, abs=1e-4)


@given(random_posteriors, phones, penalties)
def test_segments_cover_the_target_in_order(pronounced: Posteriors, target: list[str], prices: Penalties) -> None:
    segments = decode(pronounced, [target], prices).segments
    edges = [0, *itertools.chain.from_iterable((segment.start, segment.end) for segment in segments), len(target)]
    assert edges[::2] == edges[1::2]
    matches = [segment for segment in segments if segment.status == "match"]
    assert all(segment.phones == tuple(target[segment.start : segment.end]) for segment in matches)


@given(random_posteriors, phones)
def test_without_penalties_the_phones_are_those_of_the_free_best_path(
    pronounced: Posteriors, target: list[str]
) -> None:
    ranked = np.sort(pronounced.log_probs, axis=1)
    assume((ranked[:, -1] - ranked[:, -2] > 1e-3).all())  # of equally good paths any is the best
    free = collapse(tuple(pronounced.log_probs.argmax(axis=1).tolist()))
    assert decode(pronounced, [target], FREE).phones == [LABELS[label] for label in free]


@given(random_posteriors, phones)
def test_with_infinite_penalties_the_phones_are_the_target(pronounced: Posteriors, target: list[str]) -> None:
    try:
        forced_alignment(pronounced.log_probs, [LABELS.index(phone) for phone in target])
    except AlignmentFailedError:
        with pytest.raises(AlignmentFailedError):
            decode(pronounced, [target], FORCED)
    else:
        assert decode(pronounced, [target], FORCED).phones == target


def test_labels_far_below_the_best_one_are_on_no_best_path(clips: list[Clip], recognizer: EmbeddedRecognizer) -> None:
    """With and without them, the best path is as probable, against the target of any clip."""
    for recording, other in itertools.product(clips, clips[:2]):
        pronounced = recognizer.transcribe(recording.audio).posteriors
        target = from_mfa(other.phones)
        joined = decode(pronounced, [target], MILD, AMERICAN_ENGLISH.variants([target], ()))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(decoding, "_pruned", lambda emitted, _: (emitted, np.arange(len(emitted))))
            apart = decode(pronounced, [target], MILD, AMERICAN_ENGLISH.variants([target], ()))
        assert joined.log_likelihood == pytest.approx(apart.log_likelihood)
        if recording is other:  # against another's target two paths can be as good
            assert joined.segments == apart.segments


def test_the_frames_of_phones_are_those_of_their_forced_alignment(
    clips: list[Clip], recognizer: EmbeddedRecognizer
) -> None:
    for recording, other in itertools.product(clips[:2], clips[:2]):
        pronounced = recognizer.transcribe(recording.audio).posteriors
        segments = decode(pronounced, [from_mfa(other.phones)], MILD).segments
        labels = [label for segment in segments for label in segment.labels]
        emissions = [emission for segment in segments for emission in segment.emissions]
        assert emissions == forced_alignment(pronounced.log_probs, labels)


@pytest.mark.parametrize("frames", [0, 1])
def test_a_recording_without_frames_for_the_target(frames: int) -> None:
    assert decode(posteriors([[1, 0.001, 0.001, 0.001]] * frames), [["t", "a"]], MILD).phones == []
    with pytest.raises(AlignmentFailedError, match=f"{frames} frames are too few"):
        decode(posteriors([[1, 0.001, 0.001, 0.001]] * frames), [["t", "a"]], FORCED)


@given(random_posteriors, phones, penalties)
def test_a_long_recording_is_decoded_block_by_block(
    pronounced: Posteriors, target: list[str], prices: Penalties
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        whole = decode(pronounced, [target], prices)
        patch.setattr(decoding, "BLOCK_FRAMES", 2)
        assert decode(pronounced, [target], prices) == whole


def test_what_stands_in_the_place_of_each_phone() -> None:
    found = decode(spoken("t", "t", "a", "k"), [list("kat")], Penalties(1, 1, 3, 0.5))
    assert [(s.start, s.end, s.phones, s.status) for s in found.segments] == [
        (0, 0, ("t",), "deviation"),
        (0, 1, ("t",), "deviation"),
        (1, 2, ("a",), "match"),
        (2, 3, ("k",), "deviation"),
    ]


def test_less_evidence_than_the_penalty_is_no_deviation() -> None:
    doubtful = posteriors([[0.02, 0.02, 0.3, 0.66], [0.94, 0.02, 0.02, 0.02]])
    assert decode(doubtful, [["t"]], Penalties(0.7, 9, 9, 9)).phones == ["k"]
    assert decode(doubtful, [["t"]], Penalties(0.9, 9, 9, 9)).phones == ["t"]


def test_a_run_of_insertions_costs_one_opening() -> None:
    restart = spoken("t", "a", "t", "a", "k")
    found = decode(restart, [list("tak")], Penalties(3, 3, 6, 0.5))
    assert [segment.status for segment in found.segments].count("deviation") == 2
    assert log_likelihood(restart) - found.log_likelihood == pytest.approx(6.5, abs=1e-4)


def test_variants_cost_nothing_and_say_why() -> None:
    weak = Variant(0, 2, ("a",), "weak form")
    elided = Variant(2, 3, (), "elision")
    pronounced = spoken("a")
    found = decode(pronounced, [list("tak")], MILD, [weak, elided])
    assert [(s.phones, s.status, s.explained_by) for s in found.segments] == [
        (("a",), "variant", "weak form"),
        ((), "variant", "elision"),
    ]
    assert found.log_likelihood == pytest.approx(log_likelihood(pronounced))


def test_a_label_may_stand_for_two_phones_and_two_labels_for_one() -> None:
    labels = ("", "h", "oʊ", "ɚ", "ə", "ɹ", "t", "ʃ")
    found = decode(spoken("h", "oʊ", "ə", "ɹ", "t", "ʃ", labels=labels), [parse_ipa("hoʊɚt͡ʃ")], MILD)
    assert found.phones == parse_ipa("hoʊɚt͡ʃ")
    joined = decode(spoken("h", "oʊ", "ɚ", labels=labels), [parse_ipa("hoʊəɹ")], MILD)
    assert [segment.status for segment in joined.segments] == ["match"] * 3
    assert joined.phones == parse_ipa("hoʊəɹ")


def test_two_phones_of_two_words_are_no_diphthong() -> None:
    labels = ("", "l", "ɔ", "ɪ", "z", "ɔɪ", "ɑ")
    law_is = [["l", "ɔ"], ["ɪ", "z"]]
    assert decode(spoken("l", "ɔ", "ɪ", "z", labels=labels), law_is, MILD).phones == ["l", "ɔ", "ɪ", "z"]
    found = decode(spoken("l", "ɑ", "ɪ", "z", labels=labels), law_is, MILD).segments
    assert [(s.start, s.end, s.phones) for s in found if s.status == "deviation"] == [(1, 2, ("ɑ",))]


def test_labels_that_count_as_the_same_are_one() -> None:
    labels = ("", "t", "tʰ", "k")
    assert decode(spoken("tʰ", labels=labels), [["t"]], MILD).phones == ["t"]


def test_the_network_grows_with_the_target_alone() -> None:
    def arcs(count: int) -> int:
        return len(build_network([list("tak") * count], [], LABELS, np.ones(4, dtype=bool)).sources)

    assert arcs(20) - arcs(10) == 10 * (arcs(2) - arcs(1))


def test_equal_input_is_equally_decoded(recognizer: EmbeddedRecognizer, clip: Clip) -> None:
    pronounced = recognizer.transcribe(clip.audio).posteriors
    assert decode(pronounced, [from_mfa(clip.phones)], MILD) == decode(pronounced, [from_mfa(clip.phones)], MILD)


def test_another_sentence_is_transcribed_as_what_it_is(recognizer: EmbeddedRecognizer, clip: Clip) -> None:
    free = recognizer.transcribe(clip.audio)
    other = parse_ipa("ðə kwɪk bɹaʊn fɑks d͡ʒʌmps oʊvɚ ðə leɪzi dɔɡ")
    phones = decode(free.posteriors, [other], MILD, words_are_known=False).phones
    assert distance(phones, clip) < distance(free.phones, clip) + 0.1 < 0.4


def distance(phones: Sequence[str], clip: Clip) -> float:
    """Returns the phone error rate of what was decoded."""
    actual, target = canonical_form(phones), canonical_form(from_mfa(clip.phones))
    return cheapest(tuple(actual), tuple(target), Penalties(1, 1, 1, 1), words_are_known=True) / len(target)


def test_a_restart_is_one_run_of_insertions(recognizer: EmbeddedRecognizer) -> None:
    pronounced = recognizer.transcribe(load_audio(str(DATA / "cases" / "repeat_start.flac"))).posteriors
    target = parse_ipa("hi wɑz nɑt ən ɪl dɪspoʊzd jʌŋ mæn")
    segments = decode(pronounced, [target], MILD, words_are_known=False).segments
    deviations = [segment for segment in segments if segment.status == "deviation"]
    inserted = [segment for segment in deviations if segment.start == segment.end]
    assert len(inserted) in range(7, 10)  # he was not
    assert len({segment.start for segment in inserted}) == 1
    assert len(deviations) - len(inserted) <= 3
