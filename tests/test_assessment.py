"""Assessments of real speech."""

import itertools
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import soxr

from alignment.mfa import MfaAligner
from alignment.timing import Timestamp
from assessment import handler as worker
from assessment.assess import Assessor
from assessment.scoring import Mispronunciation
from ipa_generation import handler as ipa_generation
from shared.audio.samples import SAMPLE_RATE, Samples
from shared.errors import AlignmentFailedError, InvalidInputError, ModelUnavailableError, NoSpeechError
from shared.phonology.equivalence import canonical_form
from shared.phonology.ipa import parse_ipa, parse_words, with_boundaries, write_powsm
from shared.recognizers.base import Transcription
from shared.serving.settings import Settings
from tests.support.data import DATA, Clip, from_mfa

WAV = str(DATA / "librivox_0880.wav")
SAID = "hi wəz nɑt ən ɪl dɪspoʊzd jʌŋ mæn"
WITHIN = 80 * SAMPLE_RATE // 1000


def places(golden: Clip) -> list[Timestamp]:
    """Returns where MFA has each phone of our notation: those of a diphthong have the diphthong's place."""
    return [Timestamp(i.start_sample, i.end_sample) for i in golden.golden for _ in from_mfa([i.phoneme])]


def errors_of(assessor: Assessor, target: list[str]) -> set[Mispronunciation]:
    """Returns the errors in the clip without their confidence, which depends on all others."""
    errors = assessor.assess(WAV, " ".join(target)).errors
    return {Mispronunciation(e.type, e.position, e.expected, e.actual, e.timestamp, 0.0) for e in errors}


def test_the_spoken_sentence_scores_high_and_another_low(assessor: Assessor) -> None:
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
        (15, "k"),
        (19, "t"),
        (20, "w"),
        (22, "s"),
        (24, "i"),
    ],
)
def test_a_changed_phone_is_named_at_its_place(assessor: Assessor, clip: Clip, position: int, phone: str) -> None:
    target = parse_ipa(SAID)
    right, target[position] = target[position], phone
    [error] = [e for e in errors_of(assessor, target) if (e.position, e.expected) == (position, phone)]
    assert (error.type, error.actual) in [("substitute", right), ("delete", None), ("substitute", "d͡ʒ")]  # of d and j
    golden = places(clip)[position]
    assert error.timestamp.start <= golden.end + WITHIN
    assert error.timestamp.end >= golden.start - WITHIN


def test_an_additional_target_phone_is_a_deletion(assessor: Assessor, clip: Clip) -> None:
    target = parse_ipa(SAID)
    target.insert(22, "s")  # jʌsŋ
    [error] = [e for e in errors_of(assessor, target) if e.position == 22]
    golden = places(clip)
    assert (error.type, error.expected, error.actual) == ("delete", "s", None)
    assert error.timestamp.start < error.timestamp.end
    assert abs(error.timestamp.start - golden[21].end) <= WITHIN
    assert abs(error.timestamp.end - golden[22].start) <= WITHIN


@pytest.mark.parametrize(
    "same",
    [
        "/h//i//w//ə//z//n//ɑ//t//ə//n//ɪ//l//d//ɪ//s//p//o//ʊ//z//d//j//ʌ//ŋ//m//æ//n/",
        "ˈhiː wəz nɒtʰ ən ɪɫ dɪˈspo͡ʊzd jɐŋ mæ̃n",
    ],
)
def test_the_notation_changes_nothing(assessor: Assessor, same: str) -> None:
    one, other = assessor.assess(WAV, SAID), assessor.assess(WAV, same)
    assert [(e.type, e.position) for e in one.errors] == [(e.type, e.position) for e in other.errors]
    assert one.score == pytest.approx(other.score, abs=0.01)


def test_one_phone_may_be_written_as_two(assessor: Assessor) -> None:
    uri = str(DATA / "librivox_0870.wav")
    actual = assessor.assess(uri, SAID, min_confidence=0).actual_ipa
    assert {"d͡ʒ", "ɜ˞", "t͡ʃ"} < set(parse_ipa(actual))
    in_parts = assessor.assess(uri, " ".join(canonical_form(parse_ipa(actual))))
    assert (in_parts.errors, in_parts.score) == ([], 1.0)


def test_aligner_ctc_aligns_by_the_posteriors(clip: Clip) -> None:
    assessment = Assessor(Settings(aligner="ctc")).assess(WAV, SAID)
    assert assessment.engine.aligner == "ctc"
    assert len(assessment.phones) == len(parse_ipa(assessment.actual_ipa))


def test_the_posteriors_step_in_where_the_acoustic_model_fails(
    assessor: Assessor, clip: Clip, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    twice_as_fast = soxr.resample(clip.audio, SAMPLE_RATE, SAMPLE_RATE // 2)
    soundfile.write(tmp_path / "hasty.wav", twice_as_fast, SAMPLE_RATE)
    assessment = assessor.assess(str(tmp_path / "hasty.wav"), SAID)
    assert assessment.engine.aligner == "ctc"
    assert "aligning by the posteriors instead" in caplog.text


def test_an_acoustic_model_that_aligns_nothing_is_named_at_the_start(
    assessor: Assessor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise AlignmentFailedError("the phones do not fit the recording")

    monkeypatch.setattr(MfaAligner, "align_phonemes", fail)
    with pytest.raises(ModelUnavailableError, match="does not align a recording"):
        assessor.warm_up()


def test_a_word_before_a_pause_is_before_it(assessor: Assessor, clip: Clip) -> None:
    after_the_pause = next(i for i in clip.golden if i.phoneme == "t")  # by MFA with the bundled model
    [not_t] = [p.timestamp for p in assessor.assess(WAV, SAID).phones if p.phone == "t"]
    assert not_t.end < after_the_pause.start_sample - SAMPLE_RATE // 5


def test_silence_is_no_speech(assessor: Assessor, tmp_path: Path) -> None:
    silence = tmp_path / "silence.wav"
    soundfile.write(silence, np.zeros(2 * SAMPLE_RATE), SAMPLE_RATE)
    with pytest.raises(NoSpeechError):
        assessor.assess(str(silence), SAID)


def run_job(**request: object) -> dict[str, Any]:
    return worker.handler({"id": "job", "input": request})


def test_the_answer_has_these_fields_and_no_other() -> None:
    target = SAID.replace("d", "k", 1)
    answer = run_job(audio_uri=WAV, target_ipa=target)
    assert list(answer) == ["actual_ipa", "target_ipa", "score", "errors"]
    assert answer["target_ipa"] == target
    assert list(answer["errors"][0]) == ["type", "position", "expected", "actual", "timestamp", "confidence"]
    assert list(answer["errors"][0]["timestamp"]) == ["start", "end"]
    detailed = run_job(audio_uri=WAV, target_ipa=target, detail=True)
    added = ["phones", "engine", "timings", "alignment", "off_target", "words", "aspects", "measures", "warnings"]
    assert list(detailed) == [*answer, *added]
    assert [brief(error) for error in detailed["errors"]] == answer["errors"]
    assert detailed["score"] == answer["score"]


def brief(error: dict[str, Any]) -> dict[str, Any]:
    """Returns an error of a detailed answer as a brief one has it."""
    return {name: value for name, value in error.items() if name not in {"uncertain", "cost", "advice"}}


@pytest.mark.parametrize(
    "target", [SAID, "hi wɑz nɑt ən ɪl stɹdɪspoʊzd bɛɹi jʌŋ θmæən", "ðə kwɪk bɹaʊn fɑks dʒʌmps oʊvɚ"]
)
def test_detail_has_the_whole_alignment(target: str) -> None:
    """A client can mark every phone of the target and every phone pronounced from the answer alone."""
    answer = run_job(audio_uri=WAV, target_ipa=target, detail=True)
    alignment = answer["alignment"]
    assert [pair["expected"] for pair in alignment if pair["expected"]] == parse_ipa(target)
    pronounced = [(pair["actual"], pair["timestamp"]) for pair in alignment if pair["actual"]]
    assert pronounced == [(phone["phone"], phone["timestamp"]) for phone in answer["phones"]]
    assert "".join(phone for phone, _ in pronounced) == answer["actual_ipa"]
    positions = itertools.accumulate((pair["expected"] is not None for pair in alignment), initial=0)
    assert [pair["position"] for pair in alignment] == list(positions)[:-1]
    keys = ("position", "expected", "actual", "timestamp")
    differing = [pair for pair in alignment if pair["status"] not in ("match", "variant")]
    assert [{"type": pair["status"]} | {key: pair[key] for key in keys} for pair in differing] == [
        {key: error[key] for key in ("type", *keys)} for error in answer["errors"]
    ]
    assert all((pair["explained_by"] is not None) == (pair["status"] == "variant") for pair in alignment)
    assert all(pair["timestamp"]["start"] < pair["timestamp"]["end"] for pair in alignment)


def test_phones_are_written_between_slashes_as_the_target_is() -> None:
    plain = run_job(audio_uri=WAV, target_ipa=SAID)
    powsm = run_job(audio_uri=WAV, target_ipa=write_powsm(with_boundaries(parse_words(SAID))))
    assert powsm["actual_ipa"] == write_powsm(parse_ipa(plain["actual_ipa"]))
    assert powsm["actual_ipa"].startswith("/")
    assert powsm["errors"] == plain["errors"]


TEXT = "He was not an ill-disposed young man."


def test_a_text_has_the_ipa_of_the_dictionary() -> None:
    alone = run_job(audio_uri=WAV, target_text=TEXT)
    assert alone["target_ipa"] == ipa_generation.handler({"id": "job", "input": {"text": TEXT}})["ipa_phonemes"]
    assert alone["actual_ipa"].endswith("/ʌ//ŋ//m//æ//n/")


def test_every_pronunciation_that_the_dictionary_has_of_a_text_is_right(assessor: Assessor) -> None:
    answer = run_job(audio_uri=WAV, target_ipa="hi wəz nɑt ən ɪl dɪspoʊzd jʌŋ mæn", target_text=TEXT, detail=True)
    [was] = [pair for pair in answer["alignment"] if pair["position"] == 3]
    assert (was["status"], was["explained_by"]) in [("match", None), ("variant", "another form of the word")]


@pytest.mark.parametrize("text", ["Another text.", "Er war nicht übel 你好.", TEXT])
def test_beside_ipa_a_text_only_names_the_words(text: str) -> None:
    with_text = run_job(audio_uri=WAV, target_ipa=SAID, target_text=text)
    without = run_job(audio_uri=WAV, target_ipa=SAID)
    assert with_text["target_ipa"] == SAID
    assert with_text["score"] >= without["score"]
    if text != TEXT:
        assert with_text == without


def test_the_same_request_has_the_same_answer_byte_for_byte() -> None:
    answers = {json.dumps(run_job(audio_uri=WAV, target_ipa=SAID)) for _ in range(3)}
    assert len(answers) == 1


@pytest.mark.parametrize(
    ("request_fields", "complaint"),
    [
        ({}, "audio_uri: Field required"),
        ({"audio_uri": WAV}, "send its IPA as `target_ipa`, or its text as `target_text`"),
        ({"audio_uri": WAV, "target_ipa": None, "target_text": None}, "send its IPA as `target_ipa`"),
        ({"audio_uri": WAV, "target_text": ""}, "target_text: String should have at least 1 character"),
        ({"audio_uri": WAV, "target_text": "你好"}, "no English letter"),
        ({"audio_uri": WAV, "target_text": "Hallo.", "language": "deu"}, "send the sentence's IPA as `target_ipa`"),
        ({"audio_uri": WAV, "target_ipa": ""}, "target_ipa: String should have at least 1 character"),
        ({"audio_uri": WAV, "target_ipa": "hello!!1"}, "'1' (U+0031)"),
        ({"audio_uri": WAV, "target_ipa": 5}, "target_ipa: Input should be a valid string"),
        ({"audio_uri": WAV, "target_ipa": SAID, "detail": "yes"}, "detail: Input should be a valid boolean"),
        ({"audio_uri": WAV, "target_ipa": SAID, "language": "English"}, "language: Input should be a language"),
        ({"audio_uri": WAV, "target_ipa": SAID, "language": "fra"}, "does not know the language 'fra'"),
    ],
)
def test_a_wrong_request_has_one_clear_line(request_fields: dict[str, object], complaint: str) -> None:
    error = run_job(**request_fields)["error"]
    assert error.startswith("invalid_input: ")
    assert complaint in error
    assert "\n" not in error


@pytest.mark.parametrize("job_input", [None, [], "text", 1])
def test_an_input_that_is_no_object(job_input: Any) -> None:
    assert worker.handler({"id": "job", "input": job_input})["error"].startswith(
        "invalid_input: the request is no object"
    )


def test_an_unexpected_error_is_only_logged(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
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


def test_phones_for_which_the_posteriors_have_too_few_frames_are_the_models(
    assessor: Assessor, monkeypatch: pytest.MonkeyPatch
) -> None:
    recognizer = assessor._recognizer
    transcribe = recognizer.transcribe

    def coarse(audio: Samples, language: str) -> Transcription:
        """Returns a transcription with one frame of twelve."""
        found = transcribe(audio, language)
        log_probs = found.posteriors.log_probs[::12]
        frame_stride = 12 * found.posteriors.frame_stride
        return replace(found, posteriors=replace(found.posteriors, log_probs=log_probs, frame_stride=frame_stride))

    monkeypatch.setattr(recognizer, "transcribe", coarse)
    found = assessor.assess(WAV, SAID, min_confidence=1)
    assert found.engine.aligner.startswith("mfa")
