"""IPA of texts, with and without a recording."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ipa_generation import handler as worker
from shared.phonology.ipa import parse_ipa
from tests.support.data import DATA

WAV = str(DATA / "librivox_0880.wav")
TEXT = "He was not an ill-disposed young man."


def run_job(**request: object) -> dict[str, Any]:
    return worker.handler({"id": "job", "input": request})


def test_the_answer_has_these_fields_and_no_other() -> None:
    answer = run_job(text="hello")
    assert answer == {"ipa_phonemes": "/h//ɛ//l//o//ʊ/", "phonemes": ["h", "ɛ", "l", "o", "ʊ"]}


def test_words_are_apart() -> None:
    assert run_job(text="see you")["ipa_phonemes"] == "/s//i// //j//u/"


def test_the_recording_chooses_the_pronunciation() -> None:
    alone, guided = run_job(text=TEXT), run_job(text=TEXT, audio_uri=WAV)
    assert "".join(alone["phonemes"]) == "hi wəz nɑt ən ɪl dɪspoʊzd jʌŋ mæn"
    assert "".join(guided["phonemes"]).split()[1:] == "wəz nɑt æn ɪl dɪspoʊzd jʌŋ mæn".split()


@pytest.mark.parametrize(
    ("request_fields", "complaint"),
    [
        ({}, "text: Field required"),
        ({"text": ""}, "text: String should have at least 1 character"),
        ({"text": "..."}, "no word"),
        ({"text": "你好"}, "'你'"),
        ({"text": TEXT, "audio_uri": 1}, "audio_uri: Input should be a valid string"),
    ],
)
def test_a_wrong_request_has_one_clear_line(request_fields: dict[str, object], complaint: str) -> None:
    error = run_job(**request_fields)["error"]
    assert error.startswith("invalid_input: ")
    assert complaint in error
    assert "\n" not in error


words = st.sampled_from(
    "the hello that she nutshell church judge bottle button rather red 21 $5.20 NASA I've Dr. naïve world, world. "
    "cat's vision thing either whether yellow O'Brien 3:45 x-ray Zürich".split()
)


@settings(max_examples=50)
@given(st.lists(words, min_size=1, max_size=12).map(" ".join))
def test_what_is_written_reads_as_the_same_phones(text: str) -> None:
    answer = run_job(text=text)
    assert parse_ipa(answer["ipa_phonemes"]) == [phone for phone in answer["phonemes"] if phone != " "]
