"""Long recordings, compared in the pieces between their anchors, and aligned."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alignment import anchors
from alignment.anchors import Anchor, find_anchors, pieces
from alignment.comparison import Comparison, compare
from assessment.assess import Assessor
from shared.audio.samples import SAMPLE_RATE, Samples
from shared.ctc.posteriors import Posteriors
from shared.phonology.equivalence import ENGLISH_FORMS
from shared.phonology.ipa import parse_words
from shared.recognizers.calibration import load_calibration
from shared.recognizers.embedded.recognizer import EmbeddedRecognizer
from tests.support.data import CLIP_IPA, DATA, read_clip
from tests.support.mixed_jobs import data_uri
from tests.support.posteriors import ENGLISH_LABELS, spoken
from tests.support.recordings import wav

FRAME_STRIDE = 320
WHOLE = 10**9  # samples: no recording has two such pieces
HALF_A_MINUTE = [*CLIP_IPA, "librivox_0890"]


@pytest.fixture(scope="module")
def half_a_minute() -> Samples:
    """Every clip, one after another."""
    return np.concatenate([read_clip(DATA / f"{name}.wav").audio for name in HALF_A_MINUTE])


def compared(recognizer: EmbeddedRecognizer, audio: Samples, ipa: str) -> Comparison:
    posteriors = recognizer.transcribe(audio).posteriors
    return compare(posteriors, parse_words(ipa), (), load_calibration(recognizer.name).penalties)


@pytest.mark.parametrize("last", ["librivox_0890", "librivox_0930"], ids=["its text", "another text at the end"])
def test_pieces_have_the_path_of_the_whole(
    recognizer: EmbeddedRecognizer, half_a_minute: Samples, last: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ipa = " ".join(CLIP_IPA[name] for name in [*CLIP_IPA, last])
    assert find_anchors(recognizer.transcribe(half_a_minute).posteriors, parse_words(ipa), ENGLISH_FORMS)
    in_pieces = compared(recognizer, half_a_minute, ipa)
    monkeypatch.setattr(anchors, "MIN_DECODED", WHOLE)
    whole = compared(recognizer, half_a_minute, ipa)
    assert in_pieces.segments == whole.segments
    assert [s.emissions for s in in_pieces.segments] == [s.emissions for s in whole.segments]
    assert in_pieces.evidence == pytest.approx(whole.evidence)


def test_a_long_recording_is_aligned(half_a_minute: Samples, assessor: Assessor) -> None:
    found = assessor.assess(data_uri(wav(half_a_minute)), " ".join(CLIP_IPA[name] for name in HALF_A_MINUTE))
    starts = [phone.timestamp.start for phone in found.phones]
    ends = [phone.timestamp.end for phone in found.phones]
    assert found.engine.aligner.startswith("mfa")
    assert found.score > 0.97
    assert all(end <= start for end, start in zip(ends, starts[1:], strict=False))
    assert starts[0] < SAMPLE_RATE / 2
    assert ends[-1] > len(half_a_minute) - SAMPLE_RATE


def paused(words: list[str], gaps: list[int]) -> Posteriors:
    """Returns posteriors of words pronounced clearly, with so many blank frames after each."""
    blank = spoken("m").log_probs[:1]
    parts = [(spoken(word).log_probs, np.repeat(blank, gap, axis=0)) for word, gap in zip(words, gaps, strict=True)]
    return Posteriors(np.concatenate([*itertools.chain(*parts)]), ENGLISH_LABELS, 320)


words = st.text("ptksmnaiu", min_size=1, max_size=6)


@settings(max_examples=50)
@given(st.lists(st.tuples(words, st.integers(0, 30)), min_size=1, max_size=12), st.integers(0, 11))
def test_anchors_are_pauses_between_words_of_the_text(spoken_words: list[tuple[str, int]], omitted: int) -> None:
    texts, gaps = map(list, zip(*spoken_words, strict=True))
    text = texts[:omitted] + texts[omitted + 1 :] or texts
    posteriors = paused(texts, gaps)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(anchors, "MIN_DECODED", 0)
        found = find_anchors(posteriors, [list(word) for word in text], ENGLISH_FORMS)
    boundaries = list(itertools.accumulate(map(len, text)))
    best = posteriors.log_probs.argmax(axis=1)
    for position, frame in found:
        assert position in boundaries
        before, after = np.flatnonzero(best[:frame])[-1], frame + np.flatnonzero(best[frame:])[0]
        assert frame == (before + 1 + after) // 2


@given(st.lists(st.integers(1, 99), unique=True), st.integers(1, 40))
def test_both_sides_of_a_cut_are_long_enough(frames: list[int], min_frames: int) -> None:
    cut = pieces([Anchor(frame, frame) for frame in sorted(frames)], 100, 100, min_frames)
    assert [start for start, _ in cut[1:]] == [end for _, end in cut[:-1]]
    assert len(cut) == 1 or all(end.frame - start.frame >= min_frames for start, end in cut)


def test_there_is_no_anchor_within_a_label_of_two_phones() -> None:
    labels = (*ENGLISH_LABELS, "ɔɪ")
    phones = [labels.index(label) for label in (*"snatl", "ɔɪ", *"zmask")]
    log_probs = np.log(np.eye(len(labels), dtype=np.float32)[np.repeat(phones, 20)] * 0.9 + 0.1 / len(labels))
    words = [list("snatlɔ"), list("ɪzmask")]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(anchors, "MIN_DECODED", 0)
        assert find_anchors(Posteriors(log_probs, labels, FRAME_STRIDE), words, ENGLISH_FORMS) == []
        words = [list("snat"), list("lɔɪzmask")]
        [anchor] = find_anchors(Posteriors(log_probs, labels, FRAME_STRIDE), words, ENGLISH_FORMS)
    assert (anchor.position, anchor.frame) == (4, 80)


def test_a_repeated_sentence_has_no_anchor_at_the_wrong_one() -> None:
    sentence, gap = ["natwizmaskul"], [40]
    once, twice = paused(sentence, gap), paused(sentence * 2, gap * 2)
    words = [list(sentence[0]) for _ in range(3)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(anchors, "MIN_DECODED", 0)
        assert find_anchors(once, words, ENGLISH_FORMS) == []
        [anchor] = find_anchors(twice, words, ENGLISH_FORMS)
    assert anchor.position in (12, 24)
    assert abs(anchor.frame - len(once.log_probs) + 20) <= 1
