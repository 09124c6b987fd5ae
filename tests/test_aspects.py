"""Fluency, completeness and the overall aspect of a sentence, and the pauses behind them."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from assessment.assess import Assessment, Assessor
from shared.audio import SAMPLE_RATE
from tests.support.data import CLIP_IPA, DATA, Clip

CLIP = DATA / "librivox_0880.wav"
IPA = CLIP_IPA["librivox_0880"]
TEXT = "He was not an ill disposed young man"


@pytest.fixture
def disfluent(clip: Clip, tmp_path: Path) -> Path:
    """The clip with 0.8 s of room noise before `man`."""
    man = clip.golden[-3].start_sample
    noise = np.random.default_rng(0).normal(0, 1e-4, round(0.8 * SAMPLE_RATE)).astype(np.float32)
    path = tmp_path / "disfluent.wav"
    soundfile.write(path, np.concatenate([clip.audio[:man], noise, clip.audio[man:]]), SAMPLE_RATE)
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
    assert fluent.measures.pauses.number == 1  # after `an`
    assert found.measures.pauses.number == 2
    assert found.measures.pauses.longest == pytest.approx(0.8, abs=0.15)
    assert found.measures.pauses.total == pytest.approx(fluent.measures.pauses.total + 0.8, abs=0.15)
    assert found.aspects.fluency < fluent.aspects.fluency
    assert found.measures.articulation_rate == pytest.approx(fluent.measures.articulation_rate, rel=0.15)
    assert found.measures.words_per_minute < fluent.measures.words_per_minute
    assert overall(found) < overall(fluent)


def test_a_pause_at_a_comma_is_not(assessor: Assessor, disfluent: Path) -> None:
    found = assessor.assess(str(disfluent), IPA, TEXT.replace("young", "young,"))
    assert found.measures.pauses.number == 1
    assert found.aspects.fluency == pytest.approx(assessor.assess(str(CLIP), IPA).aspects.fluency, abs=0.1)


def test_another_text_is_not_good_overall(assessor: Assessor) -> None:
    found = assessor.assess(str(CLIP), "ðə kwɪk bɹaʊn fɑks dʒʌmps oʊvɚ ðə leɪzi dɔɡ")
    assert found.off_target
    assert overall(found) <= 0.3


def overall(found: Assessment) -> float:
    assert found.aspects.overall is not None
    return found.aspects.overall
