"""Files that are no recordings, or worse: decoded within the limits, or refused with one line."""

import io
import struct
import zipfile

import av
import numpy as np
import pytest
import soundfile

from shared.audio.limits import AudioLimits
from shared.audio.samples import SAMPLE_RATE
from shared.errors import AudioTooLongError, AudioUndecodableError
from tests.benchmarks import fuzz_audio
from tests.support.data import DATA, Clip
from tests.support.recordings import FORMATS, decode_audio, encode, wav

WAV = (DATA / "librivox_0880.wav").read_bytes()
MUTATIONS = 300  # of each format; 10,000 by `make fuzz`


def video(with_sound: bool) -> bytes:
    """Returns a second of video in an MP4 file."""
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as output:
        picture = output.add_stream("mpeg4", rate=5, width=64, height=64, pix_fmt="yuv420p")
        sound = output.add_stream("aac", rate=SAMPLE_RATE, layout="mono") if with_sound else None
        for _ in range(5):
            output.mux(picture.encode(av.VideoFrame(64, 64, "yuv420p")))
        output.mux(picture.encode(None))
        if sound:
            frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), dtype=np.float32), format="fltp", layout="mono")
            frame.rate = SAMPLE_RATE
            output.mux(sound.encode(frame))
            output.mux(sound.encode(None))
    return file.getvalue()


def flac(channels: int, rate: int) -> tuple[bytes, bytes]:
    """Returns the header and the frames of a FLAC file."""
    file = io.BytesIO()
    soundfile.write(file, np.zeros((SAMPLE_RATE, channels)), rate, format="FLAC", subtype="PCM_16")
    data, position, is_last = file.getvalue(), 4, False
    while not is_last:
        is_last = data[position] >= 0x80
        position += 4 + int.from_bytes(data[position + 1 : position + 4], "big")
    return data[:position], data[position:]


def archive() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as content:
        content.writestr("a.wav", WAV)
    return file.getvalue()


NO_RECORDINGS = {
    "nothing": b"",
    "a signature": b"RIFF",
    "text": b"not audio at all",
    "a page": b"<html><audio src='file:///etc/hostname'></html>",
    "a playlist": b"#EXTM3U\nfile:///etc/hostname",
    "a script of FFmpeg's": b"ffconcat version 1.0\nfile /etc/hostname",
    "a session description": b"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nm=audio 9 RTP/AVP 0",
    "an archive": archive(),
    "zeros": bytes(100_000),
    "noise": np.random.default_rng(0).bytes(100_000),
    "0 samples": wav(np.zeros(0)),
    "not numbers": wav(np.full(1000, np.nan)),
    "infinite": wav(np.full(1000, np.inf)),
    "one sample infinite": wav(np.concatenate([np.zeros(1000), [-np.inf]])),
    "1 Hz": wav(np.zeros(100), rate=1),
    "768 kHz": wav(np.zeros(1000), rate=768_000),
    "64 channels": wav(np.zeros((100, 64))),
    "WebM with nothing in it": b"\x1a\x45\xdf\xa3" + bytes(100),
    "MP4 with nothing in it": b"\0\0\0\x18ftypmp42" + bytes(100),
    "two channels after one": b"".join([*flac(1, SAMPLE_RATE), flac(2, SAMPLE_RATE)[1]]),
    "8 kHz after 16": b"".join([*flac(1, SAMPLE_RATE), flac(1, 8_000)[1]]),
    "a silent film": video(with_sound=False),
}


@pytest.mark.parametrize("name", NO_RECORDINGS)
def test_what_is_no_recording(name: str) -> None:
    with pytest.raises(AudioUndecodableError) as raised:
        decode_audio(NO_RECORDINGS[name])
    assert "\n" not in str(raised.value)


def test_a_film_with_sound_is_a_recording() -> None:
    assert len(decode_audio(video(with_sound=True))) >= 1024


@pytest.mark.parametrize(
    ("samples", "peak"), [([0.5], 0.5), ([0.5] * 1000, 0.5), ([4.0, -4.0] * 500, 1.0), ([1e30] * 9, 1.0)]
)
def test_odd_samples_are_samples(samples: list[float], peak: float) -> None:
    """One sample, DC, clipped, and far out of range."""
    decoded = decode_audio(wav(np.array(samples)))
    assert len(decoded) == len(samples)
    assert np.abs(decoded).max() == peak


def test_a_header_that_claims_4_gb(clip: Clip) -> None:
    claiming = bytearray(WAV)
    claiming[4:8] = claiming[40:44] = struct.pack("<I", 0xFFFFFFFF)
    assert claiming[36:40] == b"data"
    assert (decode_audio(bytes(claiming)) == clip.audio).all()


def test_a_recording_that_is_a_page_as_well(clip: Clip) -> None:
    """What comes after a recording, or in a chunk of it, is not read."""
    page = b"<script>fetch('http://169.254.169.254/')</script>"
    inside = WAV[:12] + b"junk" + struct.pack("<I", len(page) + 1) + page + b"\0" + WAV[12:]
    for polyglot in (WAV + page, WAV + archive(), inside):
        assert (decode_audio(polyglot) == clip.audio).all()


@pytest.mark.parametrize("name", FORMATS)
def test_the_limit_in_every_format(clip: Clip, name: str) -> None:
    recording, seconds = encode(clip.audio, name), len(clip.audio) / SAMPLE_RATE
    assert len(decode_audio(recording, AudioLimits(max_seconds=seconds + 0.2))) > 0
    with pytest.raises(AudioTooLongError):
        decode_audio(recording, AudioLimits(max_seconds=seconds - 0.2))


def test_few_bytes_that_are_hours() -> None:
    """FLAC writes a long frame of silence in 15 bytes."""
    file, silence = io.BytesIO(), np.zeros((1, 65_535), dtype=np.int16)
    with av.open(file, "w", format="flac") as output:
        stream = output.add_stream("flac", rate=4_000, layout="mono", options={"frame_size": "65535"})
        for index in range(800):
            frame = av.AudioFrame.from_ndarray(silence, format="s16", layout="mono")
            frame.rate, frame.pts = 4_000, index * silence.size
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    assert len(file.getvalue()) < 25_000
    with pytest.raises(AudioTooLongError):
        decode_audio(file.getvalue())


@pytest.mark.slow
def test_a_sample_in_each_packet(clip: Clip) -> None:
    """Damage to a CAF makes FFmpeg read it so, which takes minutes for a minute."""
    recording = bytearray(encode(np.tile(clip.audio, 10), "caf"))
    frames_per_packet = recording.index(b"desc") + 12 + 20
    recording[frames_per_packet : frames_per_packet + 4] = struct.pack(">I", 0x7F000001)
    with pytest.raises(AudioUndecodableError):
        decode_audio(bytes(recording))


@pytest.mark.parametrize("name", FORMATS)
def test_a_file_cut_short_gives_what_is_there_or_an_error(clip: Clip, name: str) -> None:
    whole = encode(clip.audio, name)
    for length in range(0, len(whole), 1024):
        try:
            assert len(decode_audio(whole[:length])) <= len(clip.audio) + SAMPLE_RATE // 10
        except AudioUndecodableError as error:
            assert "\n" not in str(error)


@pytest.mark.parametrize("name", FORMATS)
def test_damaged_files_end_no_process(name: str) -> None:
    outcome = fuzz_audio.fuzz(name, MUTATIONS)
    assert outcome.unexpected == []
    assert outcome.counts.total() == MUTATIONS


def test_the_fuzzer_sees_a_process_that_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fuzz_audio, "recording", lambda _: b"the decoders are tried on this first")
    assert [number for number, _ in fuzz_audio.fuzz("wav", 2).unexpected] == [0, 1]
