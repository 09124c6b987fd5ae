"""What is wrong with a recording itself is told, and of a good one nothing."""

import base64
from collections.abc import Callable
from typing import Any, get_args

import numpy as np
import pytest

from assessment import handler as worker
from assessment.report.answer import ADVICE
from shared.audio.load import load_audio
from shared.audio.quality import RecordingWarning, recording_warnings
from shared.audio.samples import Samples
from shared.audio.vad import find_speech
from tests.support.data import DATA, LEARNERS, SHARED_DATA, Clip
from tests.support.recordings import decode_audio, encode, wav
from tests.support.sounds import hum

VOWELS = "aeiouæɐɑɒɔəɚɛɜɝɪʉʊʌ"
WAV = DATA / "librivox_0880.wav"


def clipped(clip: Clip, gain: float) -> Samples:
    """Returns a clip that was too loud for the microphone, so many times, and was turned down afterwards."""
    louder = clip.audio * np.float32(gain / np.abs(clip.audio).max())
    clipped: Samples = np.float32(0.8) * np.clip(louder, -1, 1)
    return clipped


def noisy(clip: Clip, decibels: float) -> Samples:
    """Returns a clip with white noise so far below its speech."""
    noise = np.random.default_rng(0).standard_normal(len(clip.audio))
    return (clip.audio + noise * find_speech(clip.audio).level * 10 ** (-decibels / 20)).astype(np.float32)


def humming(clip: Clip, decibels: float) -> Samples:
    """Returns a clip with a mains hum so far below its speech."""
    sound = np.resize(hum(50), len(clip.audio))
    louder = find_speech(clip.audio).level / np.sqrt(np.square(sound).mean()) * 10 ** (-decibels / 20)
    humming: Samples = (clip.audio + louder * sound).astype(np.float32)
    return humming


def at_level(clip: Clip, decibels: float) -> Samples:
    """Returns a clip whose speech is so loud, against full scale, in 16 bits."""
    louder = clip.audio * 10 ** (decibels / 20) / find_speech(clip.audio).level
    return (np.round(louder * 2**15) / 2**15).astype(np.float32)


def cut(clip: Clip, first: int, last: int) -> Samples:
    """Returns a clip from the middle of one of its vowels to that of another, counted from 0; -1 is to the end."""
    vowels = [phone for phone in clip.golden if phone.phoneme[0] in VOWELS]
    middles = [(vowel.start_sample + vowel.end_sample) // 2 for vowel in vowels]
    return clip.audio[middles[first] if first >= 0 else 0 : middles[last] if last >= 0 else None]


@pytest.mark.parametrize(
    ("spoil", "warning"),
    [
        (lambda clip: clipped(clip, 4), "clipped"),
        (lambda clip: clipped(clip, 12), "clipped"),
        (lambda clip: decode_audio(encode(clipped(clip, 4), "opus")), "clipped"),
        (lambda clip: noisy(clip, 10), "noisy"),
        (lambda clip: noisy(clip, 20), "noisy"),
        (lambda clip: humming(clip, 0), "noisy"),
        (lambda clip: humming(clip, 6), "noisy"),
        (lambda clip: at_level(clip, -40), "too_quiet"),
        (lambda clip: at_level(clip, -60), "too_quiet"),
        (lambda clip: cut(clip, 0, -1), "cut_off"),
        (lambda clip: cut(clip, -1, 4), "cut_off"),
    ],
)
def test_a_bad_recording_is_told_what_is_wrong(
    clips: list[Clip], spoil: Callable[[Clip], Samples], warning: RecordingWarning
) -> None:
    for clip in clips:
        assert recording_warnings(find_speech(spoil(clip))) == [warning]


@pytest.mark.parametrize(
    "alter",
    [
        lambda clip: clip.audio,
        lambda clip: noisy(clip, 30),
        lambda clip: at_level(clip, -30),
        lambda clip: at_level(clip, -5),
        lambda clip: decode_audio(encode(clip.audio, "amr")),
        lambda clip: clip.audio[clip.golden[0].start_sample - 800 : clip.golden[-1].end_sample + 3200],
    ],
)
def test_a_good_one_nothing(clips: list[Clip], alter: Callable[[Clip], Samples]) -> None:
    for clip in clips:
        assert recording_warnings(find_speech(alter(clip))) == []


@pytest.mark.skipif(not LEARNERS.is_dir(), reason=f"the recordings are not in {SHARED_DATA}")
@pytest.mark.parametrize(
    ("folder", "share"), [("so762_dev/*.flac", 0), ("native_prompts/vm-*.opus", 0.03), ("native_words/*.flac", 0.1)]
)
def test_a_warning_of_others_recordings_is_rare(folder: str, share: float) -> None:
    found = [recording_warnings(find_speech(load_audio(str(path)))) for path in sorted(SHARED_DATA.glob(folder))]
    assert len(found) >= 30
    assert np.mean([bool(warnings) for warnings in found]) <= share


def run_job(**fields: object) -> dict[str, Any]:
    return worker.handler({"id": "job", "input": {"target_text": "He was not an ill-disposed young man.", **fields}})


def test_a_detailed_answer_has_the_warnings(clip: Clip) -> None:
    loud = "data:audio/wav;base64," + base64.b64encode(wav(clipped(clip, 8))).decode()
    assert run_job(audio_uri=loud, detail=True)["warnings"] == ["clipped"]
    assert "warnings" not in run_job(audio_uri=loud)
    assert run_job(audio_uri=str(WAV), detail=True)["warnings"] == []


def test_every_warning_has_its_advice() -> None:
    assert tuple(ADVICE) == get_args(RecordingWarning)
