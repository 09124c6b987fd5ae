"""What `make calibrate` leaves out, and the threshold that it chooses."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from shared.audio.samples import SAMPLE_RATE
from shared.ctc.posteriors import best_path
from shared.g2p.dictionary import Dictionary
from shared.recognizers.embedded.recognizer import EmbeddedRecognizer
from tests.benchmarks.calibrate import PENALTIES, Detection, default_threshold, transcribe_all
from tests.benchmarks.speech import Utterance, native_utterance
from tests.benchmarks.verification import with_other_texts
from tests.support.data import CLIP_IPA, DATA, POWSM_MINI, Clip

TENTH = SAMPLE_RATE // 10


def utterances(dictionary: Dictionary) -> list[Utterance]:
    return [
        native_utterance("LibriVox", path, path.with_suffix(".txt").read_text("utf-8"), dictionary)
        for path in (DATA / f"{name}.wav" for name in CLIP_IPA)
    ]


def test_a_recording_without_a_phone_is_left_out(
    recognizer: EmbeddedRecognizer, dictionary: Dictionary, clip: Clip, tmp_path: Path
) -> None:
    tenths = [*np.split(clip.audio, range(TENTH, len(clip.audio), TENTH)), clip.audio]
    for number, samples in enumerate(tenths):
        soundfile.write(tmp_path / f"{number:02}.wav", samples, SAMPLE_RATE)
    spoken = [native_utterance("LibriVox", path, clip.text, dictionary) for path in sorted(tmp_path.glob("*.wav"))]
    transcribed = list(transcribe_all(spoken, recognizer))
    assert all(best_path(posteriors) for _, posteriors in transcribed)
    assert f"{len(tenths) - 1}" in {utterance.name for utterance, _ in transcribed}
    assert len(transcribed) < len(tenths)


@pytest.mark.slow
def test_a_text_with_more_phones_than_a_recording_has_frames_is_left_out(dictionary: Dictionary) -> None:
    """Of 40 ms each POWSM has 16 for a word alone, of which an assessment refuses some longer texts."""
    pytest.importorskip("espnet2", reason="the powsm extra is not installed")
    from shared.recognizers.powsm.loader import load_powsm

    spoken = list(transcribe_all(utterances(dictionary), load_powsm(str(POWSM_MINI))))
    compared = with_other_texts([(utterance, heard.piece(40, 56)) for utterance, heard in spoken], PENALTIES)
    assert len(compared) == len(spoken)
    assert min(map(len, compared)) < max(map(len, compared))


def test_a_threshold_that_is_nowhere_precise_enough_is_the_most_precise_that_natives_allow() -> None:
    scores = [np.array([0.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0])]
    confidences = [np.array([0.45, 0.42, 0.42, 0.7, 0.7, 0.7, 0.7])]
    found = Detection(scores, scores, confidences, confidences)
    assert default_threshold(found, np.array([0.7]), lowest=0.6) >= 0.6
