"""The embedded engine: Moonshine's encoder and the committed head, on real speech."""

import os

import numpy as np
import pytest

from alignment.edit_distance import edit_operations
from shared.audio.load import load_audio
from shared.audio.samples import SAMPLE_RATE
from shared.errors import InvalidInputError, ModelUnavailableError
from shared.phonology.equivalence import canonical_form
from shared.phonology.ipa import parse_ipa
from shared.recognizers.embedded import encoder
from shared.recognizers.embedded.encoder import ENCODER_RMS, ENCODER_STRIDE, find_encoder, normalize_level
from shared.recognizers.embedded.recognizer import MAX_PIECE, SHORT, EmbeddedRecognizer
from shared.recognizers.pauses import cut_at_pauses
from tests.support.data import DATA, Clip, spoken
from tests.support.posteriors import align_phones

CLIP = DATA / "librivox_0880.wav"  # "he was not an ill disposed young man"


def test_a_recording_has_its_phones_and_a_distribution_for_each_frame(recognizer: EmbeddedRecognizer) -> None:
    audio = load_audio(str(CLIP))
    transcription = recognizer.transcribe(audio)
    assert "".join(transcription.phones).startswith("hiw")
    posteriors = transcription.posteriors
    assert len(posteriors.log_probs) == -(-len(audio) // ENCODER_STRIDE) * (ENCODER_STRIDE // posteriors.frame_stride)
    assert np.exp(posteriors.log_probs).sum(axis=1) == pytest.approx(1.0, abs=1e-4)


@pytest.mark.parametrize("gain", [0.1, 10.0])
def test_the_level_of_a_recording_changes_nothing(recognizer: EmbeddedRecognizer, gain: float) -> None:
    audio = load_audio(str(CLIP)) * np.float32(0.1)
    assert recognizer.transcribe(audio * np.float32(gain)).phones == recognizer.transcribe(audio).phones


def test_speech_is_brought_to_one_level_whatever_the_pauses() -> None:
    tone = np.sin(np.arange(SAMPLE_RATE, dtype=np.float32))
    with_pause = np.concatenate([tone, np.zeros(SAMPLE_RATE, dtype=np.float32)])
    for audio in (tone, with_pause):
        assert np.sqrt(np.square(normalize_level(audio)[:SAMPLE_RATE]).mean()) == pytest.approx(ENCODER_RMS, rel=0.01)


def test_a_long_recording_is_cut_at_a_pause_and_has_all_its_frames(recognizer: EmbeddedRecognizer) -> None:
    clip = load_audio(str(CLIP))
    pause = np.zeros(SAMPLE_RATE, dtype=np.float32)
    audio = np.concatenate([part for _ in range(9) for part in (clip, pause)])
    transcription = recognizer.transcribe(audio)
    once = recognizer.transcribe(clip).phones
    assert len(transcription.phones) == pytest.approx(9 * len(once), rel=0.1)
    assert len(cut_at_pauses(audio, MAX_PIECE, ENCODER_STRIDE)) > 1


def test_a_minute_has_no_more_phones_wrong_than_its_sentences(
    recognizer: EmbeddedRecognizer, clips: list[Clip]
) -> None:
    def wrong(phones: list[str], target: list[str]) -> int:
        return len(edit_operations(canonical_form(phones), canonical_form(target)))

    minute = [clip.audio for clip in clips * 2]
    one_by_one = [phone for audio in minute for phone in recognizer.transcribe(audio).phones]
    target = [phone for clip in clips * 2 for phone in parse_ipa(spoken(f"librivox_{clip.name}"))]
    assert wrong(recognizer.transcribe(np.concatenate(minute)).phones, target) <= wrong(one_by_one, target)


def test_three_phones_alone_have_phones_where_they_are(recognizer: EmbeddedRecognizer, clips: list[Clip]) -> None:
    """As of a word that a recorder has cut to itself."""
    stretches = [
        clip.audio[phones[0].start_sample : phones[-1].end_sample]
        for clip in clips
        for phones in zip(clip.golden, clip.golden[1:], clip.golden[2:], strict=False)
    ]
    short = [audio for audio in stretches if SAMPLE_RATE // 5 <= len(audio) < SHORT]
    assert len(short) >= 100
    for audio in short:
        transcription = recognizer.transcribe(audio)
        assert transcription.phones
        intervals = align_phones(transcription.posteriors, transcription.phones, len(audio))
        middle = (intervals[0].start_sample + intervals[-1].end_sample) / 2
        assert middle == pytest.approx(len(audio) / 2, abs=SAMPLE_RATE // 10)


def test_other_languages_are_refused(recognizer: EmbeddedRecognizer) -> None:
    with pytest.raises(InvalidInputError, match="deu"):
        recognizer.transcribe(np.zeros(SAMPLE_RATE, dtype=np.float32), "deu")


def test_it_runs_where_the_system_names_no_cores_for_a_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "sched_getaffinity")  # as on macOS
    assert "".join(EmbeddedRecognizer().transcribe(load_audio(str(CLIP))).phones).startswith("hiw")


def test_a_missing_package_or_file_is_model_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    assert find_encoder().is_file()
    monkeypatch.setattr(encoder, "ENCODER", "assets/tiny-en/no_such_file.ort")
    with pytest.raises(ModelUnavailableError, match="no_such_file"):
        find_encoder()
    monkeypatch.setattr(encoder, "PACKAGE", "no-such-package")
    with pytest.raises(ModelUnavailableError, match="no-such-package"):
        find_encoder()
