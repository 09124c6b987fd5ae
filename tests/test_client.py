"""One call for notebooks and scripts."""

import html
from pathlib import Path

import pytest

from assessment.client import assess
from assessment.handler import handler
from shared.errors import InvalidInputError
from tests.support.data import DATA

CLIP = DATA / "librivox_0880.wav"
TEXT = "He was not an ill-disposed young woman."


def test_the_answer_is_the_workers() -> None:
    found = assess(CLIP, text=TEXT)
    output = handler({"id": "1", "input": {"audio_uri": str(CLIP), "target_text": TEXT, "detail": True}})
    assert (found.score, found.actual_ipa) == (output["score"], output["actual_ipa"])
    assert [(e.position, e.confidence) for e in found.errors] == [
        (e["position"], e["confidence"]) for e in output["errors"]
    ]
    assert [word.text for word in found.words if word.status != "correct"] == ["woman"]


def test_a_notebook_shows_the_report_apart_from_its_own_page() -> None:
    shown = assess(CLIP, text=TEXT)._repr_html_()
    start, _, rest = shown.partition('srcdoc="')
    page = html.unescape(rest.partition('"')[0])
    assert start == "<iframe "
    assert page.startswith("<!doctype html>")
    assert "librivox_0880.wav" in page


def test_a_call_without_a_sentence_says_what_to_send(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="the sentence is missing"):
        assess(CLIP)
