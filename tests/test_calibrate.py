"""What `make calibrate` leaves out, the threshold that it chooses, and the files that it writes for POWSM."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import soundfile

pytest.importorskip("sklearn", reason="the dev extra is not installed")

from assessment.assess import Assessor
from assessment.evidence import evidence_confidence
from shared.audio.samples import SAMPLE_RATE
from shared.ctc.posteriors import best_path
from shared.g2p.dictionary import Dictionary
from shared.recognizers import calibration
from shared.recognizers.calibration import load_calibration
from shared.recognizers.embedded.recognizer import EmbeddedRecognizer
from shared.serving.settings import Settings
from tests.benchmarks.calibrate import (
    PENALTIES,
    default_threshold,
    fit_reliability,
    transcribe_all,
    with_reliability,
)
from tests.benchmarks.detection import Detection
from tests.benchmarks.speech import Utterance, native_utterance
from tests.benchmarks.verification import with_other_texts
from tests.support.calibration import write_calibration
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
    assert default_threshold(found, lowest=0.6) >= 0.6


def test_confidences_that_are_too_high_are_made_reliable() -> None:
    chance = np.random.default_rng(0)
    log_odds = chance.normal(0, 2, 20_000)
    marked = chance.random(len(log_odds)) < 1 / (1 + np.exp(1 - 0.5 * log_odds))
    scores, confidences = [np.where(marked, 0.0, 2.0)], [1 / (1 + np.exp(-log_odds))]
    assert fit_reliability(Detection(scores, scores, confidences, confidences)) == pytest.approx((0.5, -1.0), abs=0.05)


def test_all_log_odds_are_made_reliable() -> None:
    """Those of insertions and of omitted words, which the evidence alone gives, too."""
    own = load_calibration("moonshine")
    changed = with_reliability(own, 0.5, -1.0)
    for evidence, surprisal in ((2.0, 0.1), (8.0, 0.5)):
        before, after = (
            np.log(odds / (1 - odds))
            for odds in (evidence_confidence(evidence, surprisal, each) for each in (own, changed))
        )
        assert after == pytest.approx(0.5 * before - 1, abs=0.01)
    assert own.phone_scorer is not None and changed.phone_scorer is not None
    rows = np.random.default_rng(0).normal(size=(5, 99))
    assert changed.phone_scorer.error(rows) == pytest.approx(0.5 * own.phone_scorer.error(rows) - 1, abs=1e-3)


@pytest.mark.slow
def test_powsm_has_what_was_written_for_it_in_english_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A phone scorer reads the same of every engine, so another one stands for its own. It knows English phones."""
    pytest.importorskip("espnet2", reason="the powsm extra is not installed")
    own = dataclasses.replace(load_calibration("moonshine"), engine="powsm")
    monkeypatch.setattr(calibration, "FOLDER", tmp_path)
    monkeypatch.setattr("tests.support.calibration.FOLDER", tmp_path)
    write_calibration(own)
    load_calibration.cache_clear()
    assessor = Assessor(Settings(recognizer="powsm", powsm_model=str(POWSM_MINI)))
    load_calibration.cache_clear()
    uri, target = str(DATA / "librivox_0880.wav"), CLIP_IPA["librivox_0880"]
    found = assessor.assess(uri, target)
    assert found.engine.calibration == "powsm"
    assert found.aspects.prosody is not None and found.aspects.overall is not None
    assert min(pair.score or 0 for pair in found.alignment) > 0.5
    other = assessor.assess(uri, target.replace("æ", "æ̃"), language="deu")
    assert [(error.expected, error.actual) for error in other.errors] == [("æ̃", "æ")]
    assert {pair.score for pair in other.alignment} == {other.aspects.prosody} == {None}
