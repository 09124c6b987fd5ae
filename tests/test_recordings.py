"""Recordings of the real world: silence, level and channels change no phone, no score and no timestamp."""

import base64
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from alignment import ctc
from alignment.mfa import MfaAligner
from alignment.timing import Timestamp
from assessment import handler as worker
from assessment.assess import CTC, Assessment, Assessor
from assessment.scoring import Mispronunciation
from shared.audio.samples import SAMPLE_RATE, Samples
from shared.audio.vad import find_speech, load_speech
from shared.errors import AlignmentFailedError, NoSpeechError
from shared.serving.job import Job
from tests.support.data import DATA, Clip, from_mfa
from tests.support.recordings import Format, ffmpeg_bytes, wav
from tests.support.sounds import noise

CASES = DATA / "cases"
TARGET = "hi wɑz nɑt ən ɪl dɪspoʊzd jʌŋ mæn"
WITHIN = 20 * SAMPLE_RATE // 1000  # samples that a boundary may move
ROOM = noise(1, np.random.default_rng(0))  # pink

silences = st.tuples(st.integers(0, 10 * SAMPLE_RATE), st.sampled_from([None, -60, -55, -50]))
"""The samples of a silence, and the level of its noise in dBFS; None for exact zeros. The clips are at -24 dBFS."""


def silence(samples: int, level: int | None) -> Samples:
    """Returns zeros or room noise."""
    if level is None:
        return np.zeros(samples, dtype=np.float32)
    return np.resize(ROOM * 10 ** (level / 20) / np.std(ROOM), samples).astype(np.float32)


def uri(recording: bytes) -> str:
    """Returns a recording as a data: URI."""
    return "data:audio/wav;base64," + base64.b64encode(recording).decode()


def moved(assessment: Assessment, samples: int) -> Assessment:
    """Returns an assessment of the same recording so many samples later."""

    def later(place: Timestamp) -> Timestamp:
        return Timestamp(place.start + samples, place.end + samples)

    return replace(
        assessment,
        errors=[replace(error, timestamp=later(error.timestamp)) for error in assessment.errors],
        phones=[replace(phone, timestamp=later(phone.timestamp)) for phone in assessment.phones],
        alignment=[replace(pair, timestamp=later(pair.timestamp)) for pair in assessment.alignment],
    )


def assert_same(assessment: Assessment, expected: Assessment) -> None:
    """The same phones, errors and score, the boundaries within 20 ms, by the same aligner."""
    assert assessment.engine == expected.engine
    assert assessment.actual_ipa == expected.actual_ipa
    assert [operation(error) for error in assessment.errors] == [operation(error) for error in expected.errors]
    assert assessment.score == expected.score
    assert np.abs(edges_of(assessment) - edges_of(expected)).max(initial=0) <= WITHIN


def operation(error: Mispronunciation) -> tuple[str, int, str | None, str | None]:
    return error.type, error.position, error.expected, error.actual


def edges_of(assessment: Assessment) -> npt.NDArray[np.int64]:
    """Returns the start and end [phones and errors, 2] of every phone and error."""
    phones = [phone.timestamp for phone in assessment.phones]
    errors = [error.timestamp for error in assessment.errors]
    return np.array([(timestamp.start, timestamp.end) for timestamp in phones + errors])


@pytest.mark.slow
@given(clip=st.integers(0, 4), before=silences, after=silences)
@settings(max_examples=20, phases=[Phase.generate])  # an example takes a second: none is made smaller
def test_silence_around_the_speech_changes_nothing(
    assessor: Assessor, clips: list[Clip], clip: int, before: tuple[int, int | None], after: tuple[int, int | None]
) -> None:
    audio, target = clips[clip].audio, " ".join(from_mfa(clips[clip].phones))
    alone = assessor.assess(uri(wav(audio)), target)
    surrounded = np.concatenate([silence(*before), audio, silence(*after)])
    assert_same(assessor.assess(uri(wav(surrounded)), target), moved(alone, before[0]))
    assert alone.engine.aligner.startswith("mfa ")


@pytest.fixture(scope="module")
def clean(assessor: Assessor, clip: Clip) -> Assessment:
    return assessor.assess(uri(wav(clip.audio)), TARGET)


def test_a_second_of_zeros(assessor: Assessor, clean: Assessment) -> None:
    zeros_first = assessor.assess(str(CASES / "zeros_lead_1s.flac"), TARGET)
    assert_same(zeros_first, moved(clean, SAMPLE_RATE))


def test_mfa_aligns_after_a_second_of_zeros(aligner: MfaAligner, clips: list[Clip]) -> None:
    for clip in clips:
        assert aligner.align_phonemes(np.pad(clip.audio, (SAMPLE_RATE, 0)), clip.phones)


@pytest.mark.parametrize("decibels", [10, -6, -20, -30])
def test_the_level_changes_nothing(assessor: Assessor, clip: Clip, clean: Assessment, decibels: float) -> None:
    louder = clip.audio * np.float32(10 ** (decibels / 20))
    assert_same(assessor.assess(uri(wav(louder)), TARGET), clean)


def test_a_quiet_file(assessor: Assessor, clean: Assessment) -> None:
    """At a tenth of the level, in 16 bits: the rounding moves one boundary, between two phones, by 70 ms."""
    quiet = assessor.assess(str(CASES / "quiet_minus20dB.flac"), TARGET)
    assert (quiet.actual_ipa, quiet.engine) == (clean.actual_ipa, clean.engine)
    assert [operation(error) for error in quiet.errors] == [operation(error) for error in clean.errors]
    assert quiet.score == clean.score
    assert np.mean(np.abs(edges_of(quiet) - edges_of(clean)) <= WITHIN) > 0.85


@pytest.mark.parametrize("gain", [2**6, 2**16, 2**32])
def test_floats_beyond_full_scale(assessor: Assessor, clip: Clip, clean: Assessment, gain: int) -> None:
    """Recorders of 32-bit floats and Web Audio write them, and programs that write integers as floats."""
    assert_same(assessor.assess(uri(wav(clip.audio * np.float32(gain))), TARGET), clean)


def test_a_recorder_of_floats(assessor: Assessor, clean: Assessment) -> None:
    found = assessor.assess(str(CASES / "float32_peak_21.wav"), TARGET)
    assert (found.score, found.errors, found.engine) == (clean.score, clean.errors, clean.engine)


def test_a_damaged_sample_is_no_reason_to_hear_no_other(assessor: Assessor, clip: Clip, clean: Assessment) -> None:
    damaged = clip.audio.copy()
    damaged[len(damaged) // 2] = 1e34
    found = assessor.assess(uri(wav(damaged)), TARGET)
    assert abs(found.score - clean.score) < 0.1


@pytest.mark.parametrize("offset", [0.2, -0.5])
def test_dc_changes_nothing(assessor: Assessor, clip: Clip, clean: Assessment, offset: float) -> None:
    assert_same(assessor.assess(uri(wav(clip.audio + np.float32(offset))), TARGET), clean)


def test_clipping_is_tolerated(assessor: Assessor, clip: Clip, clean: Assessment) -> None:
    clipped = assessor.assess(uri(wav(np.clip(4 * clip.audio, -1, 1))), TARGET)
    assert len(clipped.errors) <= len(clean.errors) + 1
    assert abs(clipped.score - clean.score) < 0.1


def test_inverted_microphones(assessor: Assessor, clean: Assessment) -> None:
    assert_same(assessor.assess(str(CASES / "st_inverted.flac"), TARGET), clean)


@pytest.mark.parametrize(("first", "second"), [(0.0, 1.0), (1.0, 0.0), (1.0, 1.0)])
def test_of_several_streams_the_one_with_speech(clip: Clip, first: float, second: float) -> None:
    two = ffmpeg_bytes(Format("matroska", "pcm_f32le"), clip.audio * np.float32(first), clip.audio * np.float32(second))
    assert (load_speech(uri(two)).samples == find_speech(clip.audio).samples).all()


def test_of_several_streams_without_speech_the_error_is_of_the_recording(clip: Clip) -> None:
    with pytest.raises(NoSpeechError):
        load_speech(uri(ffmpeg_bytes(Format("matroska", "pcm_f32le"), 0 * clip.audio, 0 * clip.audio)))


@given(samples=st.integers(0, SAMPLE_RATE), decibels=st.integers(-30, 10))
def test_speech_is_the_same_samples_wherever_it_is(clip: Clip, samples: int, decibels: int) -> None:
    alone = find_speech(clip.audio)
    louder = np.pad(clip.audio, samples) * np.float32(10 ** (decibels / 20))
    later = find_speech(louder)
    assert (later.start, later.end) == (alone.start + samples, alone.end + samples)
    assert np.allclose(later.samples, alone.samples, atol=1e-4)


def test_the_acoustic_model_aligns_phones_for_which_the_posteriors_have_too_few_frames(
    monkeypatch: pytest.MonkeyPatch, assessor: Assessor
) -> None:
    """POWSM's frames are 20 to 40 ms long, a phone of MFA's 30 or less."""

    def fail(*_: object) -> None:
        raise AlignmentFailedError("12 frames are too few for 13 phones")

    monkeypatch.setattr(ctc, "align_segments", fail)
    found = assessor.assess(str(DATA / "librivox_0880.wav"), TARGET)
    assert found.engine.aligner.startswith("mfa")


@pytest.mark.parametrize("detail", [False, True])
def test_an_answer_tells_where_ctc_aligned(monkeypatch: pytest.MonkeyPatch, assessor: Assessor, detail: bool) -> None:
    monkeypatch.setattr(worker, "assessor", lambda: assessor)
    job: Job = {
        "id": "1",
        "input": {"audio_uri": str(DATA / "librivox_0880.wav"), "target_ipa": TARGET, "detail": detail},
    }
    assert "aligned_by" not in worker.handler(job)

    def fail(*_: object) -> None:
        raise AlignmentFailedError("the phones do not fit the recording")

    monkeypatch.setattr(MfaAligner, "align_phonemes", fail)
    answer = worker.handler(job)
    assert answer["aligned_by"] == CTC
    assert not detail or answer["engine"]["aligner"] == CTC
