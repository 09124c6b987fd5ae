"""Assessments of real speech."""

import json
from pathlib import Path
from typing import Any

import librosa
import numpy as np
import pytest
import soundfile

from alignment.timing import Mispronunciation, Timestamp
from assessment import handler as worker
from assessment.assess import Assessor
from shared.audio import SAMPLE_RATE
from shared.errors import InvalidInputError, NoSpeechError
from shared.phonology.equivalence import canonical_form
from shared.phonology.ipa import read_phones
from shared.serving.settings import Settings
from tests.support.data import DATA, Clip, from_mfa

WAV = str(DATA / "librivox_0880.wav")
SAID = "hi wəz nɑt ən ɪl dɪspoʊzd jʌŋ mæn"
WITHIN = 80 * SAMPLE_RATE // 1000


def places(golden: Clip) -> list[Timestamp]:
    """Returns where MFA has each phone of our notation: those of a diphthong have the diphthong's place."""
    return [Timestamp(i.start_sample, i.end_sample) for i in golden.golden for _ in from_mfa([i.phoneme])]


def errors_of(assessor: Assessor, target: list[str]) -> set[Mispronunciation]:
    """Returns the errors in the clip without how sure the recogniser is of them, which each depends on all others."""
    errors = assessor.assess(WAV, " ".join(target)).errors
    return {Mispronunciation(e.type, e.position, e.expected, e.actual, e.timestamp) for e in errors}


def test_what_was_said_scores_high_and_another_sentence_low(assessor: Assessor) -> None:
    assert assessor.assess(WAV, SAID).score > 0.8
    assert assessor.assess(WAV, "ðə kwɪk bɹaʊn fɑks dʒʌmps oʊvɚ").score < 0.35


@pytest.mark.parametrize(
    ("position", "phone"),
    [
        (0, "k"),
        (2, "v"),
        (5, "m"),
        (6, "ɛ"),
        (11, "ɹ"),
        (14, "ʃ"),
        (15, "b"),
        (19, "t"),
        (20, "w"),
        (22, "n"),
        (24, "i"),
    ],
)
def test_a_changed_phone_is_one_more_error_at_its_place(
    assessor: Assessor, clip: Clip, position: int, phone: str
) -> None:
    target = read_phones(SAID)
    before = errors_of(assessor, target)
    right, target[position] = target[position], phone
    after = errors_of(assessor, target)
    [error] = after - before
    assert len(after) == len(before) + 1
    assert (error.type, error.position, error.expected, error.actual) == ("substitute", position, phone, right)
    golden = places(clip)[position]
    assert abs(error.timestamp.start - golden.start) <= WITHIN
    assert abs(error.timestamp.end - golden.end) <= WITHIN


def test_a_phone_more_in_the_target_was_left_out(assessor: Assessor, clip: Clip) -> None:
    target = read_phones(SAID)
    before = errors_of(assessor, target)
    target.insert(22, "s")  # jʌsŋ
    [error] = errors_of(assessor, target) - {moved(e) for e in before if e.position >= 22} - before
    golden = places(clip)
    assert (error.type, error.position, error.expected, error.actual) == ("delete", 22, "s", None)
    assert abs(error.timestamp.start - golden[21].end) <= WITHIN
    assert abs(error.timestamp.end - golden[22].start) <= WITHIN


def moved(error: Mispronunciation) -> Mispronunciation:
    return Mispronunciation(error.type, error.position + 1, error.expected, error.actual, error.timestamp)


@pytest.mark.parametrize(
    "same",
    [
        "/h//i//w//ə//z//n//ɑ//t//ə//n//ɪ//l//d//ɪ//s//p//o//ʊ//z//d//j//ʌ//ŋ//m//æ//n/",
        "ˈhiː wəz nɒtʰ ən ɪɫ dɪˈspo͡ʊzd jɐŋ mæ̃n",
        "h i w ə z n ɑ t n̩ ɪ l̴ d ɪ s p o ʊ z d j ʌ ŋ m æ n",
    ],
)
def test_the_way_of_writing_changes_nothing(assessor: Assessor, same: str) -> None:
    one, other = assessor.assess(WAV, SAID), assessor.assess(WAV, same)
    if "n̩" not in same:
        assert [(e.type, e.position, e.timestamp) for e in one.errors] == [
            (e.type, e.position, e.timestamp) for e in other.errors
        ]
        assert one.score == other.score
    assert one.actual_ipa == other.actual_ipa


def test_one_phone_may_be_written_as_two(assessor: Assessor) -> None:
    uri = str(DATA / "librivox_0870.wav")
    heard = assessor.assess(uri, SAID).actual_ipa
    assert {"d͡ʒ", "ɜ˞", "t͡ʃ"} < set(read_phones(heard))
    in_parts = assessor.assess(uri, " ".join(canonical_form(read_phones(heard))))
    assert (in_parts.errors, in_parts.score) == ([], 1.0)


def test_the_posteriors_place_phones_where_the_acoustic_model_is_not_wanted(clip: Clip) -> None:
    assessment = Assessor(Settings(aligner="ctc")).assess(WAV, SAID)
    assert assessment.engine.aligner == "ctc"
    assert len(assessment.phones) == len(read_phones(assessment.actual_ipa))


def test_the_posteriors_step_in_where_the_acoustic_model_fails(
    assessor: Assessor, clip: Clip, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    twice_as_fast = librosa.resample(clip.audio, orig_sr=SAMPLE_RATE, target_sr=SAMPLE_RATE // 2)
    soundfile.write(tmp_path / "hasty.wav", twice_as_fast, SAMPLE_RATE)
    assessment = assessor.assess(str(tmp_path / "hasty.wav"), SAID)
    assert assessment.engine.aligner == "ctc"
    assert "aligning by the posteriors instead: alignment_failed" in capsys.readouterr().out


def test_silence_is_no_speech(assessor: Assessor, tmp_path: Path) -> None:
    silence = tmp_path / "silence.wav"
    soundfile.write(silence, np.zeros(2 * SAMPLE_RATE), SAMPLE_RATE)
    with pytest.raises(NoSpeechError):
        assessor.assess(str(silence), SAID)


def run_job(**request: object) -> dict[str, Any]:
    return worker.handler({"id": "job", "input": request})


def test_the_answer_has_these_fields_and_no_other() -> None:
    answer = run_job(audio_uri=WAV, target_ipa=SAID)
    assert list(answer) == ["actual_ipa", "target_ipa", "score", "errors"]
    assert answer["target_ipa"] == SAID
    assert set(answer["errors"][0]) == {"type", "position", "expected", "actual", "timestamp"}
    assert set(answer["errors"][0]["timestamp"]) == {"start", "end"}
    detailed = run_job(audio_uri=WAV, target_ipa=SAID, detail=True)
    assert list(detailed) == [*answer, "phones", "engine", "timings"]
    assert [brief(error) for error in detailed["errors"]] == answer["errors"]
    assert detailed["score"] == answer["score"]


def brief(error: dict[str, Any]) -> dict[str, Any]:
    """Returns an error of a detailed answer as a brief one has it."""
    return {name: value for name, value in error.items() if name not in {"confidence", "uncertain", "cost"}}


def test_the_same_request_has_the_same_answer_byte_for_byte() -> None:
    answers = {json.dumps(run_job(audio_uri=WAV, target_ipa=SAID)) for _ in range(3)}
    assert len(answers) == 1


@pytest.mark.parametrize(
    ("request_fields", "complaint"),
    [
        ({}, "audio_uri: Field required"),
        ({"audio_uri": WAV}, "target_ipa: Field required"),
        ({"audio_uri": WAV, "target_ipa": ""}, "target_ipa: String should have at least 1 character"),
        ({"audio_uri": WAV, "target_ipa": "hello!!1"}, "'1' (U+0031)"),
        ({"audio_uri": WAV, "target_ipa": 5}, "target_ipa: Input should be a valid string"),
        ({"audio_uri": WAV, "target_ipa": SAID, "detail": "yes"}, "detail: Input should be a valid boolean"),
        ({"audio_uri": WAV, "target_ipa": SAID, "language": "English"}, "language: String should match pattern"),
        ({"audio_uri": WAV, "target_ipa": SAID, "language": "fra"}, "language 'fra' is not known"),
        ({"audio_uri": WAV, "target_ipa": SAID, "lang": "en"}, "lang: Extra inputs are not permitted"),
    ],
)
def test_a_wrong_request_has_one_clear_line(request_fields: dict[str, object], complaint: str) -> None:
    error = run_job(**request_fields)["error"]
    assert error.startswith("invalid_input: ")
    assert complaint in error
    assert "\n" not in error


@pytest.mark.parametrize("job_input", [None, [], "text", 1])
def test_an_input_that_is_no_object(job_input: Any) -> None:
    assert worker.handler({"id": "job", "input": job_input})["error"].startswith("invalid_input: input: ")


def test_a_surprise_is_logged_and_not_told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def surprise(_: object) -> Any:
        raise RuntimeError("secret in a path")

    monkeypatch.setattr(worker, "answer", surprise)
    error = run_job(audio_uri=WAV, target_ipa=SAID)["error"]
    assert error.startswith("internal_error: ")
    assert "secret" not in error
    logged = capsys.readouterr().out
    assert "secret in a path" in logged
    assert "job |" in logged


def test_target_errors_come_before_the_download(assessor: Assessor) -> None:
    with pytest.raises(InvalidInputError):
        assessor.assess("https://no-such-host.invalid/a.wav", "123")
