"""Recordings fetched and decoded."""

import base64
import io
import time
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import av
import librosa
import numpy as np
import pytest
import soundfile

from shared.audio import AudioLimits, decode_audio, load_audio
from shared.errors import (
    AudioForbiddenError,
    AudioTooLargeError,
    AudioTooLongError,
    AudioUndecodableError,
    AudioUnreachableError,
    ServiceError,
)
from shared.recognizer import SAMPLE_RATE, Samples
from tests.conftest import DATA, Clip
from tests.server import send, serving

WAV = DATA / "librivox_0880.wav"


def soundfile_bytes(audio: Samples, container: str, encoding: str, rate: int, channels: int = 1) -> bytes:
    samples = librosa.resample(audio, orig_sr=SAMPLE_RATE, target_sr=rate)
    file = io.BytesIO()
    soundfile.write(file, np.stack([samples] * channels, axis=1), rate, format=container, subtype=encoding)
    return file.getvalue()


def browser_bytes(audio: Samples, container: str, codec: str, rate: int) -> bytes:
    """Returns a recording as a browser's MediaRecorder writes it."""
    samples = librosa.resample(audio, orig_sr=SAMPLE_RATE, target_sr=rate)
    file = io.BytesIO()
    with av.open(file, "w", format=container) as output:
        stream = output.add_stream(codec, rate=rate, layout="mono")
        assert isinstance(stream, av.AudioStream)
        frame = av.AudioFrame.from_ndarray(samples[None], format="flt", layout="mono")
        frame.rate, frame.pts = rate, 0
        resampler = av.AudioResampler(stream.format.name, "mono", rate, frame_size=stream.frame_size)
        for part in [*resampler.resample(frame), *resampler.resample(None)]:
            output.mux(stream.encode(part))
        output.mux(stream.encode(None))
    return file.getvalue()


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


@pytest.mark.parametrize(
    ("container", "codec", "rate"), [("webm", "libopus", 48_000), ("mp4", "aac", 44_100), ("mp4", "aac", 48_000)]
)
def test_decodes_what_browsers_record(clip: Clip, container: str, codec: str, rate: int) -> None:
    assert_same_speech(decode_audio(browser_bytes(clip.audio, container, codec, rate)), clip.audio)


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
        ("http://127.0.0.1:9/a.wav", AudioForbiddenError),
        ("http://localhost/a.wav", AudioForbiddenError),
        ("http://169.254.169.254/latest/meta-data", AudioForbiddenError),
        ("http://[::ffff:10.0.0.1]/a.wav", AudioForbiddenError),
        ("https://user@10.1.2.3/a.wav", AudioForbiddenError),
        ("http://2130706433/a.wav", AudioForbiddenError),
        ("http://[::1", AudioForbiddenError),
        ("file:///etc/hostname", AudioForbiddenError),
        ("ftp://example.org/a.wav", AudioForbiddenError),
        ("http://no-such-host.invalid/a.wav", AudioUnreachableError),
        ("no-such-file.wav", AudioUnreachableError),
        (str(DATA), AudioUnreachableError),
        ("/dev/zero", AudioUnreachableError),
        ("a\0b", AudioUnreachableError),
        ("data:audio/wav,plain", AudioUndecodableError),
        ("data:audio/wav;base64,not base64!", AudioUndecodableError),
        ("data:audio/wav;base64,", AudioUndecodableError),
    ],
)
def test_what_is_not_fetched(uri: str, error: type[ServiceError]) -> None:
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


def never_ending(request: BaseHTTPRequestHandler) -> None:
    request.send_response(200)
    request.end_headers()
    while True:
        request.wfile.write(b"\0" * 65536)


def dripping(request: BaseHTTPRequestHandler) -> None:
    request.send_response(200)
    request.end_headers()
    while True:
        request.wfile.write(b"\0")
        time.sleep(0.1)


@pytest.mark.usefixtures("allow_this_machine")
@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (lambda request: send(request, b"gone", 404), AudioUnreachableError),
        (lambda request: send(request, b"short", length=500), AudioUnreachableError),
        (lambda request: send(request, b"", length=20_000_000), AudioTooLargeError),
        (never_ending, AudioTooLargeError),
        (dripping, AudioUnreachableError),
        (lambda request: send(request, b"no audio"), AudioUndecodableError),
        (lambda request: request.connection.close(), AudioUnreachableError),
    ],
    ids=["404", "hangs up", "claims too much", "never ends", "drips", "no audio", "closes"],
)
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_servers_that_misbehave(answer: object, error: type[ServiceError]) -> None:
    with serving(answer) as url, pytest.raises(error):  # type: ignore[arg-type]
        load_audio(url, AudioLimits(max_bytes=1_000_000, download_timeout_seconds=1))


def test_limits_hold_while_reading(clip: Clip) -> None:
    hour = soundfile_bytes(np.zeros(3600 * SAMPLE_RATE, dtype=np.float32), "FLAC", "PCM_16", SAMPLE_RATE)
    assert len(hour) < 1_000_000
    with pytest.raises(AudioTooLongError):
        decode_audio(hour, AudioLimits(max_seconds=30))
    seconds = len(clip.audio) / SAMPLE_RATE
    recording = browser_bytes(clip.audio, "webm", "libopus", 48_000)
    assert_same_speech(decode_audio(recording, AudioLimits(max_seconds=seconds + 0.1)), clip.audio)
    with pytest.raises(AudioTooLongError):
        decode_audio(recording, AudioLimits(max_seconds=seconds - 0.1))
    with pytest.raises(AudioTooLargeError):
        load_audio(str(WAV), AudioLimits(max_bytes=1000))


def wav(samples: np.ndarray, rate: int = SAMPLE_RATE) -> bytes:
    file = io.BytesIO()
    soundfile.write(file, samples, rate, format="WAV", subtype="FLOAT")
    return file.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"RIFF",
        b"not audio at all",
        wav(np.zeros(0)),
        wav(np.full(1000, np.nan)),
        wav(np.full(1000, np.inf)),
        wav(np.zeros(100), rate=1),
        wav(np.zeros(1000), rate=768_000),
        wav(np.zeros((100, 64))),
        b"\x1a\x45\xdf\xa3" + b"\0" * 100,
        b"\0\0\0\x18ftypmp42" + b"\0" * 100,
        b"#EXTM3U\nfile:///etc/hostname",
    ],
    ids=[
        "empty",
        "header",
        "text",
        "0 samples",
        "nan",
        "inf",
        "1 Hz",
        "768 kHz",
        "64 channels",
        "webm",
        "mp4",
        "playlist",
    ],
)
def test_what_is_no_recording(data: bytes) -> None:
    with pytest.raises(AudioUndecodableError):
        decode_audio(data)


@pytest.mark.parametrize("path", [WAV])
def test_a_file_cut_short_gives_what_is_there_or_an_error(path: Path) -> None:
    whole = path.read_bytes()
    for length in range(0, len(whole), 9973):
        try:
            assert len(decode_audio(whole[:length])) <= length / 2
        except AudioUndecodableError:
            assert length < 100
