"""Recordings of the real world: silence, level and channels change no phone, no score and no timestamp."""

import base64
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from alignment.mfa import MfaAligner
from alignment.timing import Timestamp
from assessment import handler as worker
from assessment.assess import CTC, Assessment, Assessor
from assessment.scoring import Mispronunciation
from shared.audio import SAMPLE_RATE, Samples, decode_audio
from shared.errors import AlignmentFailedError, NoSpeechError
from shared.vad import SPEECH_RMS, find_speech, load_speech
from tests.support.data import DATA, Clip, from_mfa
from tests.support.recordings import Format, encode, ffmpeg_bytes, wav
from tests.support.sounds import SECONDS, noise

CASES = DATA / "cases"
TARGET = "hi wɑz nɑt ən ɪl dɪspoʊzd jʌŋ mæn"
WITHIN = 20 * SAMPLE_RATE // 1000  # samples that a boundary may move
SCORE_WITHIN = 0.01  # a margin of noise is not one of zeros to the recognizer
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


def assert_same(assessment: Assessment, expected: Assessment, score_within: float = 0.0) -> None:
    """The same phones and errors, the boundaries within 20 ms, by the same aligner, and the score."""
    assert assessment.engine == expected.engine
    assert assessment.actual_ipa == expected.actual_ipa
    assert [operation(error) for error in assessment.errors] == [operation(error) for error in expected.errors]
    assert assessment.score == pytest.approx(expected.score, abs=score_within)
    edges = [edges_of([part.timestamp for part in [*a.phones, *a.errors]]) for a in (assessment, expected)]
    assert np.abs(edges[0] - edges[1]).max(initial=0) <= WITHIN


def operation(error: Mispronunciation) -> tuple[str, int, str | None, str | None]:
    return error.type, error.position, error.expected, error.actual


def edges_of(timestamps: Sequence[Timestamp]) -> np.ndarray:
    return np.array([(timestamp.start, timestamp.end) for timestamp in timestamps])


@given(clip=st.integers(0, 4), before=silences, after=silences)
@settings(max_examples=20, phases=[Phase.generate])  # an example takes a second: none is made smaller
def test_silence_around_the_speech_changes_nothing(
    assessor: Assessor, clips: list[Clip], clip: int, before: tuple[int, int | None], after: tuple[int, int | None]
) -> None:
    audio, target = clips[clip].audio, " ".join(from_mfa(clips[clip].phones))
    alone = assessor.assess(uri(wav(audio)), target)
    surrounded = np.concatenate([silence(*before), audio, silence(*after)])
    assert_same(assessor.assess(uri(wav(surrounded)), target), moved(alone, before[0]), SCORE_WITHIN)
    assert alone.engine.aligner.startswith("mfa ")
