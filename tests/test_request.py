"""What both workers let pass in a request, and what they do not."""

import json
from typing import Any

import pytest

from assessment import handler as assessment
from ipa_generation import handler as ipa_generation
from shared.serving.request import MISTAKEN_NAMES
from tests.support.data import DATA

WAV = str(DATA / "librivox_0880.wav")
REQUESTS: list[tuple[Any, dict[str, Any]]] = [
    (assessment, {"audio_uri": WAV, "target_ipa": "hi wɑz nɑt"}),
    (ipa_generation, {"text": "He was not.", "audio_uri": WAV}),
    (ipa_generation, {"text": "He was not."}),
]
WORKERS = pytest.mark.parametrize(("worker", "request_fields"), REQUESTS)


def respond(worker: Any, fields: dict[str, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = worker.handler({"id": "job", "input": fields})
    return answer


def logged_line(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    line = next(line for line in capsys.readouterr().out.splitlines() if '"code"' in line)
    logged: dict[str, Any] = json.loads(line[line.index("{") :])
    return logged


@WORKERS
def test_a_newer_clients_fields_are_ignored_and_named_in_the_log(
    worker: Any, request_fields: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    expected = respond(worker, request_fields)
    capsys.readouterr()
    assert respond(worker, request_fields | {"voice": "us", "learner": None}) == expected
    assert logged_line(capsys)["ignored"] == ["voice", "learner"]


def test_the_log_names_a_few_unknown_fields_and_the_beginning_of_each(capsys: pytest.CaptureFixture[str]) -> None:
    respond(ipa_generation, {"text": "Hi"} | {f"{number}" * 1000: 1 for number in range(100)})
    names = logged_line(capsys)["ignored"]
    assert len(names) == 10
    assert max(map(len, names)) == 40


@WORKERS
def test_null_is_as_good_as_absent(worker: Any, request_fields: dict[str, Any]) -> None:
    request_type = assessment.AssessmentRequest if worker is assessment else ipa_generation.IpaGenerationRequest
    optional = {name for name, field in request_type.model_fields.items() if not field.is_required()}
    nulls = dict.fromkeys(optional - set(request_fields))
    assert nulls
    assert respond(worker, request_fields | nulls) == respond(worker, request_fields)


def test_null_for_a_required_field_is_as_bad_as_none() -> None:
    assert respond(ipa_generation, {"text": None}) == {
        "error": "invalid_input: text: Field required; send an English text"
    }


@WORKERS
def test_a_wrong_field_is_told_what_to_send(worker: Any, request_fields: dict[str, Any]) -> None:
    """In words: no regular expression, and no class of this code."""
    request_type = assessment.AssessmentRequest if worker is assessment else ipa_generation.IpaGenerationRequest
    for name, field in request_type.model_fields.items():
        assert field.description
        for wrong in (["a list"], {"an": "object"}):
            error = respond(worker, request_fields | {name: wrong})["error"]
            assert error.startswith(f"invalid_input: {name}: Input should be ")
            assert error.endswith(f"; send {field.description}")


@pytest.mark.parametrize("tag", ["en", "EN", "en-US", "en_GB", "en-Latn-AU", "ENG", " eng "])
def test_english_by_any_tag(tag: str) -> None:
    for worker, fields in REQUESTS:
        assert respond(worker, fields | {"language": tag}) == respond(worker, fields)


@pytest.mark.parametrize(
    ("tag", "code"), [("de-CH", "deu"), ("pt-BR", "por"), ("zh-Hans-CN", "zho"), ("iw", "heb"), ("cmn", "cmn")]
)
def test_another_language_is_named_by_its_iso_code(tag: str, code: str) -> None:
    error = respond(assessment, REQUESTS[0][1] | {"language": tag})["error"]
    assert f"does not know the language '{code}'; send `eng`" in error


@pytest.mark.parametrize("tag", ["", "English", "e", "en US", "x-learner", "123", "🇬🇧", "en" * 500])
def test_what_is_no_language(tag: str) -> None:
    error = respond(ipa_generation, {"text": "Hi", "language": tag})["error"]
    assert error == (
        "invalid_input: language: Input should be a language; send the language spoken: "
        "an ISO 639-3 or 639-1 code or a BCP 47 tag, as eng, en, en-US"
    )


@pytest.mark.parametrize("mistaken", MISTAKEN_NAMES)
@WORKERS
def test_a_recording_under_another_name_is_an_error_that_names_the_right_one(
    worker: Any, request_fields: dict[str, Any], mistaken: str
) -> None:
    """With the recording optional too: who sends one wants it used."""
    others = {name: value for name, value in request_fields.items() if name != "audio_uri"}
    error = respond(worker, others | {mistaken: WAV, "audio_uri": None})["error"]
    assert error.startswith(f"invalid_input: the field of the recording is `audio_uri`, not `{mistaken}`; ")


def test_beside_audio_uri_another_name_is_ignored() -> None:
    worker, fields = REQUESTS[1]
    assert respond(worker, fields | {"audio": "https://example.org/a.wav", "url": None}) == respond(worker, fields)
