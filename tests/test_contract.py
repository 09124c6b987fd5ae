"""A client written from the contract alone: the requests that the backend sends, through the SDK's server."""

import base64
import time
from typing import Any

import pytest
import requests

from tests.support.data import DATA
from tests.support.process import output, run_python

pytestmark = pytest.mark.slow

RECORDING = "data:audio/wav;base64," + base64.b64encode((DATA / "librivox_0880.wav").read_bytes()).decode()
TEXT = "He was not an ill-disposed young man."
PLAIN = "hi wɑz nɑt ən ɪl dɪspoʊzd jʌŋ mæn"
ROUTES = pytest.mark.parametrize("route", ["run", "runsync"])

ERROR_TYPES: dict[str, tuple[type[Any], type[Any]]] = {
    "substitute": (str, str),
    "insert": (type(None), str),
    "delete": (str, type(None)),
}


def call(url: str, route: str, request: dict[str, Any]) -> dict[str, Any]:
    """Returns the output of a job, as the backend reads it."""
    job = requests.post(f"{url}/{route}", json={"input": request}, timeout=120).json()
    if route == "run":
        while job["status"] in ("IN_QUEUE", "IN_PROGRESS"):
            time.sleep(0.05)
            job = requests.get(f"{url}/status/{job['id']}", timeout=120).json()
    assert job["status"] == "COMPLETED", job.get("error")
    output: dict[str, Any] = job["output"]
    return output


def phones_of(ipa: str) -> list[str]:
    """Returns the phones of an IPA between slashes, as a client splits it."""
    return [phone for phone in ipa.strip("/").split("//") if phone.strip()]


@ROUTES
def test_the_ipa_of_a_text_as_specified(route: str, ipa_generation_url: str) -> None:
    output = call(ipa_generation_url, route, {"text": "hello"})
    assert output == {"ipa_phonemes": "/h//ɛ//l//o//ʊ/", "phonemes": ["h", "ɛ", "l", "o", "ʊ"]}


@ROUTES
def test_the_ipa_of_a_recorded_text(route: str, ipa_generation_url: str) -> None:
    output = call(ipa_generation_url, route, {"text": TEXT, "audio_uri": RECORDING, "language": "eng"})
    assert list(output) == ["ipa_phonemes", "phonemes"]
    assert output["ipa_phonemes"] == "".join(f"/{phone}/" for phone in output["phonemes"])
    assert output["phonemes"].count(" ") == TEXT.replace("-", " ").count(" ")


@ROUTES
def test_an_assessment_as_specified(route: str, assessment_url: str) -> None:
    output = call(assessment_url, route, {"audio_uri": RECORDING, "target_ipa": PLAIN})
    check_assessment(output, ["h", "i", "w", "ɑ", "z", *"nɑtənɪldɪspoʊzdjʌŋmæn"])
    assert output["target_ipa"] == PLAIN
    assert output["actual_ipa"].endswith("ʌŋmæn")  # after d, j may be d͡ʒ
    assert output["score"] > 0.9


@ROUTES
@pytest.mark.parametrize("detail", [False, True])
def test_the_backends_request(route: str, detail: bool, assessment_url: str, ipa_generation_url: str) -> None:
    """The IPA of a text from one worker is the target of the other, beside the text."""
    target = call(ipa_generation_url, route, {"text": TEXT})["ipa_phonemes"]
    request = {"audio_uri": RECORDING, "target_text": TEXT, "target_ipa": target, "detail": detail}
    output = call(assessment_url, route, request)
    check_assessment(output, phones_of(target), detail)
    assert output["target_ipa"] == target
    assert "".join(f"/{phone}/" for phone in phones_of(output["actual_ipa"])) == output["actual_ipa"]


@ROUTES
def test_a_text_alone(route: str, assessment_url: str, ipa_generation_url: str) -> None:
    output = call(assessment_url, route, {"audio_uri": RECORDING, "target_text": TEXT})
    target = call(ipa_generation_url, route, {"text": TEXT})["ipa_phonemes"]
    assert output["target_ipa"] == target
    check_assessment(output, phones_of(target))


def check_assessment(output: dict[str, Any], target: list[str], detail: bool = False) -> None:
    """Checks an answer field by field, as the contract has it."""
    assert list(output)[:4] == ["actual_ipa", "target_ipa", "score", "errors"]
    assert detail or len(output) == 4
    assert isinstance(output["score"], float)
    assert 0 <= output["score"] <= 1
    for error in output["errors"]:
        assert list(error)[:6] == ["type", "position", "expected", "actual", "timestamp", "confidence"]
        assert detail or len(error) == 6
        expected_type, actual_type = ERROR_TYPES[error["type"]]
        assert isinstance(error["expected"], expected_type)
        assert isinstance(error["actual"], actual_type)
        assert error["expected"] is None or target[error["position"]] == error["expected"]
        assert list(error["timestamp"]) == ["start", "end"]
        assert 0 <= error["timestamp"]["start"] < error["timestamp"]["end"]
        assert 0 <= error["confidence"] <= 1
    starts = [error["timestamp"]["start"] for error in output["errors"]]
    assert starts == sorted(starts)
    if detail:
        alignment = output["alignment"]
        assert [pair["expected"] for pair in alignment if pair["expected"]] == target
        assert [pair["actual"] for pair in alignment if pair["actual"]] == [p["phone"] for p in output["phones"]]


def test_a_target_in_ipa_does_not_wait_for_the_dictionary() -> None:
    script = """
import sys
from assessment.target import build_target
build_target("hi", None)
assert "gruut" not in sys.modules
build_target("hi", "he")
assert "gruut" in sys.modules
"""
    output(run_python("-c", script))
