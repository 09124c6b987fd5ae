"""Recordings fetched and decoded."""

import base64

import numpy as np
import pytest

from shared.audio import SAMPLE_RATE, AudioLimits, Samples, decode_audio, load_audio
from shared.errors import (
    AudioForbiddenError,
    AudioTooLargeError,
    AudioUndecodableError,
    AudioUnreachableError,
    ServiceError,
)
from tests.support.data import DATA, Clip
from tests.support.recordings import FFMPEG_FORMATS, FORMATS, Format, encode, ffmpeg_bytes, soundfile_bytes
from tests.support.server import send, serving

WAV = DATA / "librivox_0880.wav"


@pytest.mark.parametrize(
    ("container", "encoding", "rate", "channels"),
    [
        ("WAV", "PCM_U8", 16_000, 1),
        ("WAV", "PCM_16", 44_100, 2),
        ("WAV", "PCM_24", 48_000, 6),
        ("WAV", "PCM_32", 96_000, 1),
        ("WAV", "FLOAT", 22_050, 1),
        ("WAV", "DOUBLE", 16_000, 2),
        ("FLAC", "PCM_24", 44_100, 2),
        ("MP3", "MPEG_LAYER_III", 44_100, 1),
        ("OGG", "VORBIS", 44_100, 1),
        ("OGG", "OPUS", 48_000, 1),
    ],
)
def test_decodes_files(clip: Clip, container: str, encoding: str, rate: int, channels: int) -> None:
    assert_same_speech(decode_audio(soundfile_bytes(clip.audio, container, encoding, rate, channels)), clip.audio)


@pytest.mark.parametrize("name", FORMATS)
def test_speech_is_at_the_same_time_in_every_format(clip: Clip, name: str) -> None:
    assert abs(shift(decode_audio(encode(clip.audio, name)), clip.audio)) <= MAX_SHIFT


def assert_same_speech(decoded: Samples, original: Samples) -> None:
    """Sample for sample in place: timestamps depend on it."""
    assert decoded.dtype == np.float32
    assert np.abs(decoded).max() <= 1
    assert abs(len(decoded) - len(original)) < SAMPLE_RATE // 50
    length = min(len(decoded), len(original))
    assert np.corrcoef(decoded[:length], original[:length])[0, 1] > 0.98


def test_loads_a_path_and_a_data_uri_alike(clip: Clip) -> None:
    uri = "data:audio/wav;base64," + base64.b64encode(WAV.read_bytes()).decode()
    assert (load_audio(str(WAV)) == clip.audio).all()
    assert (load_audio(uri) == clip.audio).all()


def test_a_worker_reads_no_paths(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNPOD_WEBHOOK_GET_JOB", "https://queue.example/job-take/$ID")
    with pytest.raises(AudioForbiddenError):
        load_audio(str(WAV))


@pytest.mark.parametrize(
    ("uri", "error"),
    [
        ("no-such-file.wav", AudioUnreachableError),
        (str(DATA), AudioUnreachableError),
        ("/dev/zero", AudioUnreachableError),
        ("a\0b", AudioUnreachableError),
        ("data:audio/wav,plain", AudioUndecodableError),
        ("data:audio/wav;base64,not base64!", AudioUndecodableError),
        ("data:audio/wav;base64,", AudioUndecodableError),
    ],
)
def test_what_is_not_read(uri: str, error: type[ServiceError]) -> None:
    with pytest.raises(error) as raised:
        load_audio(uri)
    assert str(raised.value).startswith(f"{error.code}: ")
    assert uri not in str(raised.value)


@pytest.fixture
def allow_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNPOD_ALLOW_PRIVATE_DOWNLOAD_URLS", "1")


@pytest.mark.usefixtures("allow_this_machine")
def test_downloads(clip: Clip) -> None:
    with serving(lambda request: send(request, WAV.read_bytes())) as url:
        assert (load_audio(url) == clip.audio).all()


def test_a_file_of_too_many_bytes() -> None:
    with pytest.raises(AudioTooLargeError):
        load_audio(str(WAV), AudioLimits(max_bytes=1000))
