"""Recordings fetched and decoded."""

import base64
import re
from urllib.parse import quote

import numpy as np
import pytest

from shared.audio import load_audio
from shared.audio.limits import AudioLimits, AudioSources
from shared.audio.samples import SAMPLE_RATE, Samples
from shared.errors import (
    AudioForbiddenError,
    AudioTooLargeError,
    AudioUndecodableError,
    AudioUnreachableError,
    ServiceError,
)
from tests.support.data import DATA, Clip
from tests.support.recordings import (
    FFMPEG_FORMATS,
    FORMATS,
    decode_audio,
    encode,
    ffmpeg_bytes,
    shift,
    soundfile_bytes,
    wav,
)
from tests.support.server import send, serving

WAV = DATA / "librivox_0880.wav"
CASES = DATA / "cases"


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


MAX_SHIFT = 15 * SAMPLE_RATE // 1000  # samples


@pytest.mark.parametrize("name", FORMATS)
def test_speech_is_at_the_same_time_in_every_format(clip: Clip, name: str) -> None:
    assert abs(shift(decode_audio(encode(clip.audio, name)), clip.audio)) <= MAX_SHIFT


@pytest.mark.parametrize(
    "name", ["frag_mp4_no_edit_list.mp4", "mp3_no_lame_tag.mp3", "wav_data_size_0.wav", "st_inverted.flac"]
)
def test_a_recorders_file(clip: Clip, name: str) -> None:
    decoded = decode_audio((CASES / name).read_bytes())
    assert abs(shift(decoded, clip.audio)) <= MAX_SHIFT
    assert abs(len(decoded) - len(clip.audio)) < SAMPLE_RATE // 20


@pytest.mark.parametrize(("name", "in_chromium"), [("chromium_opus.webm", -45), ("chromium_opus.mp4", -1325)])
def test_a_recording_of_chromium_is_where_chromium_has_it(clip: Clip, name: str, in_chromium: int) -> None:
    """By Chromium 156's MediaRecorder, the clip for a microphone; in its own decodeAudioData the clip is there."""
    assert abs(shift(decode_audio((CASES / name).read_bytes()), clip.audio) - in_chromium) <= MAX_SHIFT


def test_a_pause_of_the_recorder_is_silence(clip: Clip) -> None:
    """Packets from 1.2 s on have timestamps a second later."""
    decoded = decode_audio((CASES / "gap_1s_in_timestamps.webm").read_bytes())
    pause = round(1.2 * SAMPLE_RATE)
    assert abs(shift(decoded[:pause], clip.audio)) <= MAX_SHIFT
    assert abs(shift(decoded[pause + SAMPLE_RATE :], clip.audio[pause:])) <= MAX_SHIFT
    assert not decoded[pause + SAMPLE_RATE // 10 : pause + SAMPLE_RATE * 9 // 10].any()


@pytest.mark.parametrize("name", ["webm", "mp4"])
def test_a_first_timestamp_after_0_is_silence(clip: Clip, name: str) -> None:
    decoded = decode_audio(ffmpeg_bytes(FFMPEG_FORMATS[name], clip.audio, start=2.0))
    assert abs(shift(decoded, clip.audio) - 2 * SAMPLE_RATE) <= MAX_SHIFT


@pytest.mark.parametrize("size", [0, 0xFFFFFFFF, len(WAV.read_bytes()) * 2])
def test_a_wav_header_that_was_never_finished(clip: Clip, size: int) -> None:
    unfinished = bytearray(WAV.read_bytes())
    unfinished[4:8] = unfinished[40:44] = size.to_bytes(4, "little")
    assert (decode_audio(bytes(unfinished)) == clip.audio).all()


def test_of_wavs_one_after_the_other_the_first(clip: Clip, clips: list[Clip]) -> None:
    assert (decode_audio(wav(clip.audio) + wav(clips[0].audio)) == clip.audio).all()


@pytest.mark.parametrize("name", ["mp3", "mp3-no-lame"])
def test_an_mp3_that_begins_in_the_middle_of_a_frame(clip: Clip, name: str) -> None:
    """As one that was cut from a stream: a few frames are lost, and nothing else."""
    whole = encode(clip.audio, name)
    decoded = decode_audio(whole[1_000:])
    assert len(clip.audio) - SAMPLE_RATE // 2 < len(decoded) < len(clip.audio) + SAMPLE_RATE // 10
    assert abs(shift(decoded, clip.audio) + len(clip.audio) - len(decoded)) < SAMPLE_RATE // 10


@pytest.mark.parametrize(("left", "right"), [(1, -1), (0.5, -1), (1, 0), (0, 0.3), (0.1, -0.09)])
def test_channels_out_of_phase(clip: Clip, left: float, right: float) -> None:
    """The mean of these channels is little or nothing; the strongest has the speech."""
    decoded = decode_audio(wav(np.stack([left * clip.audio, right * clip.audio], axis=1)))
    assert np.abs(np.corrcoef(decoded, clip.audio)[0, 1]) > 0.999
    assert np.std(decoded) >= 0.3 * max(abs(left), abs(right)) * np.std(clip.audio)


@pytest.mark.parametrize("channels", [1, 2, 6, 8, 16, 32])
def test_any_number_of_channels(clip: Clip, channels: int) -> None:
    """PyAV 18.1 ends the process at planes of 8 and more channels, unless they are interleaved."""
    assert_same_speech(decode_audio(wav(np.stack([clip.audio] * channels, axis=1))), clip.audio)


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


BASE64 = base64.b64encode(WAV.read_bytes()).decode()
IN_LINES = "\r\n".join(re.findall(".{1,76}", BASE64))


@pytest.mark.parametrize(
    "uri",
    [
        "data:audio/wav;base64," + IN_LINES + "\n",
        "data:audio/wav;base64, " + IN_LINES + " ",
        "data:audio/wav;base64," + BASE64.replace("+", " "),
        "data:audio/wav;base64," + BASE64.replace("+", " ", 1),
        "data:audio/wav;base64," + IN_LINES.replace("+", " "),
        "data:audio/wav;base64," + IN_LINES.replace("\r\n", " "),
        "data:audio/wav;base64," + BASE64.translate(str.maketrans("+/", "-_")).replace("=", "%3D"),
        "data:audio/wav;base64," + BASE64.rstrip("="),
        "data:audio/wav;base64," + BASE64.translate(str.maketrans("+/", "-_")),
        "data:audio/wav;base64," + quote(BASE64, safe=""),
        "data:audio/wav;base64," + quote(IN_LINES, safe=""),
        "data:audio/wav;BASE64," + BASE64,
        "DATA:audio/wav; Base64 ," + BASE64,
        "data:;base64," + BASE64,
        "data:audio/webm;codecs=opus;base64," + BASE64,
        'data:audio/webm;codecs="opus,vp8";base64,' + BASE64,
    ],
)
def test_base64_as_encoders_write_it(clip: Clip, uri: str) -> None:
    assert (load_audio(uri) == clip.audio).all()


@pytest.mark.parametrize(
    "damaged",
    [
        BASE64.replace("C", "C "),
        BASE64.replace("B", "B  ", 1),
        BASE64.replace("+", "*"),
        BASE64.replace("+", "%20%"),
        BASE64[:-3],
        "{" + BASE64 + "}",
    ],
)
def test_base64_that_is_damaged_is_no_noise(damaged: str) -> None:
    with pytest.raises(AudioUndecodableError, match="base64 of the data: URI is damaged"):
        load_audio("data:audio/wav;base64," + damaged)


@pytest.mark.parametrize("text", [BASE64, IN_LINES, BASE64.rstrip("="), BASE64.replace("+", " ")])
def test_base64_alone_is_told_what_to_put_before_it(text: str) -> None:
    with pytest.raises(AudioUndecodableError, match="put data:audio/wav;base64, before it"):
        load_audio(text)


def test_paths_are_not_read_where_local_files_are_no_source() -> None:
    with pytest.raises(AudioForbiddenError):
        load_audio(str(WAV), sources=AudioSources(local_files=False))


@pytest.mark.parametrize(
    ("uri", "error"),
    [
        ("no-such-file.wav", AudioUnreachableError),
        (str(DATA), AudioUnreachableError),
        ("/dev/zero", AudioUnreachableError),
        ("a\0b", AudioUnreachableError),
        ("data:audio/wav,plain", AudioUndecodableError),
        ("data:audio/wav;base64,not base64!", AudioUndecodableError),
        ("data:audio/wav;base64,AAAAA", AudioUndecodableError),
        ("data:audio/wav;charset=base64", AudioUndecodableError),
        ("data:audio/wav;base64,", AudioUndecodableError),
    ],
)
def test_what_is_not_read(uri: str, error: type[ServiceError]) -> None:
    with pytest.raises(error) as raised:
        load_audio(uri)
    assert str(raised.value).startswith(f"{error.code}: ")
    assert uri not in str(raised.value)


def test_downloads(clip: Clip) -> None:
    with serving(lambda request: send(request, WAV.read_bytes())) as url:
        assert (load_audio(url, sources=AudioSources(private_addresses=True)) == clip.audio).all()


def test_a_file_of_too_many_bytes() -> None:
    with pytest.raises(AudioTooLargeError):
        load_audio(str(WAV), AudioLimits(max_bytes=1000))
