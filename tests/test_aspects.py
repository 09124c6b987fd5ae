"""Fluency, completeness and the overall aspect of a sentence, and the pauses behind them."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from alignment.timing import Timestamp
from assessment.aspects import Pauses, measure
from assessment.assess import Assessment, Assessor
from assessment.scoring import AlignedPair
from assessment.target import build_target
from shared.audio.samples import SAMPLE_RATE
from tests.support.data import CLIP_IPA, DATA, Clip

CLIP = DATA / "librivox_0880.wav"
IPA = CLIP_IPA["librivox_0880"]
PAUSE = slice(16_000, 18_000)
PAUSE_SECONDS = 0.2  # from the end of `not`: too short to count


@pytest.fixture
def disfluent(clip: Clip, tmp_path: Path) -> Path:
    """The clip with 0.8 s more of the silence in which its speaker pauses, after `not`."""
    silence = clip.audio[PAUSE]
    more = np.resize(silence, round(0.8 * SAMPLE_RATE))
    path = tmp_path / "disfluent.wav"
    soundfile.write(path, np.concatenate([clip.audio[: PAUSE.stop], more, clip.audio[PAUSE.stop :]]), SAMPLE_RATE)
    return path


@pytest.mark.parametrize("name", CLIP_IPA)
def test_native_reading_is_fluent_and_complete(assessor: Assessor, name: str) -> None:
    found = assessor.assess(str(DATA / f"{name}.wav"), CLIP_IPA[name])
    assert found.aspects.accuracy == found.score
    assert found.aspects.fluency > 0.9
    assert found.aspects.completeness == 1
    assert found.aspects.overall is not None and 0.8 < found.aspects.overall <= 1


def test_a_pause_inside_a_sentence_is_counted_and_is_less_fluent(assessor: Assessor, disfluent: Path) -> None:
    fluent, found = assessor.assess(str(CLIP), IPA), assessor.assess(str(disfluent), IPA)
    assert fluent.measures.pauses.number == 0
    assert found.measures.pauses == Pauses(1, longest := found.measures.pauses.longest, longest)
    assert longest == pytest.approx(PAUSE_SECONDS + 0.8, abs=0.1)
    assert found.aspects.fluency < fluent.aspects.fluency
    assert found.measures.articulation_rate == pytest.approx(fluent.measures.articulation_rate, rel=0.15)
    assert found.measures.words_per_minute < fluent.measures.words_per_minute
    assert overall(found) < overall(fluent)


@pytest.mark.parametrize(
    ("text", "number", "rate"), [("oh dear", 1, 2.5), ("oh, dear", 0, 5.0), ("oh dear, dear", 1, 2.5)]
)
def test_a_pause_at_punctuation_is_not_counted(text: str, number: int, rate: float) -> None:
    target = build_target("oʊ dɪɹ", text)
    ends = [0.2, 0.4, 1.6, 1.8, 2.0]  # seconds, each phone of 0.2 s but for 1 s of silence before the third
    times = [Timestamp(round(SAMPLE_RATE * (end - 0.2)), round(SAMPLE_RATE * end)) for end in ends]
    phones = zip("oʊdɪɹ", times, strict=True)
    pairs = [AlignedPair(phone, phone, k, time, "match", None) for k, (phone, time) in enumerate(phones)]
    measures = measure(target, pairs, [])
    assert measures.pauses == Pauses(number, number * 1.0, number * 1.0)
    assert measures.speech_rate == rate
    assert measures.articulation_rate == 5.0
    assert measures.words_per_minute == 60.0


def test_another_text_is_not_good_overall(assessor: Assessor) -> None:
    found = assessor.assess(str(CLIP), "ðə kwɪk bɹaʊn fɑks dʒʌmps oʊvɚ ðə leɪzi dɔɡ")
    assert found.off_target
    assert overall(found) <= 0.3


@pytest.mark.parametrize(("word", "target"), [("hat", "hɑt"), ("cart", "pɑɹt"), ("star", "stɑl")])
def test_a_word_alone_is_as_good_overall_as_it_is_accurate(assessor: Assessor, word: str, target: str) -> None:
    path = str(DATA / "disfluent" / f"{word}.ogg")
    found, changed = assessor.assess(path, None, word), assessor.assess(path, target)
    assert found.aspects.accuracy == 1
    assert min(overall(found), found.aspects.fluency) > 0.97
    assert 0.3 < overall(changed) < changed.aspects.accuracy


def overall(found: Assessment) -> float:
    assert found.aspects.overall is not None
    return found.aspects.overall
