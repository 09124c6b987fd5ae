"""Speech, also quiet, is let through; what is no speech is refused, whatever the recognizer would transcribe."""

import base64

import numpy as np
import pytest
import soundfile
from scipy.signal import lfilter

from assessment import handler as assessment
from ipa_generation import handler as ipa_generation
from shared.audio.samples import SAMPLE_RATE, Samples
from shared.audio.vad import DC_BLOCK, DC_POLE, find_speech, remove_dc
from shared.errors import NoSpeechError
from tests.support.data import DATA, LEARNERS, Clip
from tests.support.recordings import encode
from tests.support.sounds import sounds

SOUNDS = sounds()
OH = DATA / "cases" / "single_word_oh_flite_slt.wav"
VOWELS = "aeiouæɐɑɒɔəɚɛɜɝɪʉʊʌ"


def at_level(audio: Samples, decibels: float) -> Samples:
    """Returns a recording at a level in dB under full scale, of the root mean square."""
    return audio * np.float32(10 ** (decibels / 20) / np.sqrt(np.mean(audio**2)))


@pytest.mark.parametrize("level", [-20, -40, -50])
def test_clips_are_speech(clips: list[Clip], level: float) -> None:
    for clip in clips:
        find_speech(at_level(clip.audio, level))


@pytest.mark.skipif(not LEARNERS.is_dir(), reason=f"the learners' utterances are not in {LEARNERS}")
@pytest.mark.parametrize("level", [None, -40, -50])
def test_learners_utterances_are_speech(level: float | None) -> None:
    utterances = sorted(LEARNERS.glob("*.flac"))
    assert len(utterances) == 46
    for path in utterances:
        audio = soundfile.read(path, dtype="float32")[0]
        find_speech(audio if level is None else at_level(audio, level))


def syllables(clips: list[Clip], seconds: tuple[float, float]) -> list[Samples]:
    """Returns two or three phones in a row with a vowel, as long as a short word, cut where MFA has them."""
    shortest, longest = (round(limit * SAMPLE_RATE) for limit in seconds)
    return [
        clip.audio[phones[0].start_sample : phones[-1].end_sample]
        for clip in clips
        for count in (2, 3)
        for phones in zip(*(clip.golden[start:] for start in range(count)), strict=False)
        if shortest <= phones[-1].end_sample - phones[0].start_sample < longest
        and any(phone.phoneme[0] in VOWELS for phone in phones)
    ]


@pytest.mark.parametrize("around", [0, 0.5])
@pytest.mark.parametrize(("seconds", "share"), [((0.06, 0.12), 0.5), ((0.12, 0.2), 0.8), ((0.2, 0.3), 0.9)])
def test_as_little_as_a_syllable_is_speech(
    clips: list[Clip], seconds: tuple[float, float], share: float, around: float
) -> None:
    """Of a fast reader's sentences; of words most more are."""
    audios = [np.pad(audio, round(around * SAMPLE_RATE)) for audio in syllables(clips, seconds)]
    assert len(audios) >= 50
    assert np.mean([is_speech(audio) for audio in audios]) >= share


def is_speech(audio: Samples) -> bool:
    try:
        find_speech(audio)
    except NoSpeechError:
        return False
    return True


def test_a_word_of_a_synthesizer() -> None:
    answer = assessment.handler({"id": "1", "input": {"audio_uri": str(OH), "target_text": "Oh."}})
    assert answer["actual_ipa"]


def test_half_a_second_is_speech(clip: Clip) -> None:
    young_man = clip.golden[-6:]
    assert "".join(interval.phoneme for interval in young_man) == "jɐŋmæn"
    find_speech(np.pad(clip.audio[young_man[0].start_sample : young_man[-1].end_sample], SAMPLE_RATE // 2))


@pytest.mark.parametrize("level", [-1, -10, -20, -40])
@pytest.mark.parametrize("name", SOUNDS)
def test_sounds_are_no_speech(name: str, level: float) -> None:
    with pytest.raises(NoSpeechError, match="no_speech: "):
        find_speech(SOUNDS[name] * np.float32(10 ** (level / 20)))


@pytest.mark.parametrize("samples", [1, 511, 512, 513])
def test_hardly_any_samples_are_no_speech(samples: int) -> None:
    with pytest.raises(NoSpeechError):
        find_speech(np.full(samples, 0.5, dtype=np.float32))


def test_a_guitar_has_no_speech() -> None:
    guitar = SOUNDS["guitar"] * np.float32(0.1)
    audio = "data:audio/wav;base64," + base64.b64encode(encode(guitar, "wav")).decode()
    for answer in (
        assessment.handler({"id": "1", "input": {"audio_uri": audio, "target_ipa": "hi"}}),
        ipa_generation.handler({"id": "1", "input": {"audio_uri": audio, "text": "he"}}),
    ):
        assert answer["error"].startswith("no_speech: ")


@pytest.mark.parametrize("count", [1, DC_BLOCK - 1, DC_BLOCK, 5 * DC_BLOCK + 1])
def test_speech_without_its_offset_is_that_of_scipys_filter(clips: list[Clip], count: int) -> None:
    audio = clips[0].audio[-count:] + np.float32(0.2)
    filtered, _ = lfilter([1, -1], [1, -DC_POLE], audio, zi=-audio[:1])
    np.testing.assert_allclose(remove_dc(audio), filtered, atol=1e-6)
