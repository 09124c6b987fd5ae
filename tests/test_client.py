"""One call for notebooks and scripts."""

import html
from typing import Any

import numpy as np
import pytest
import soxr

from assessment.client import Answer, assess, assess_many
from assessment.handler import handler
from shared.errors import AudioUnreachableError, InvalidInputError
from tests.support.data import DATA, Clip
from tests.support.process import output, run_python

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


def test_a_call_without_a_sentence_says_what_to_send() -> None:
    with pytest.raises(InvalidInputError, match="the sentence is missing"):
        assess(CLIP)


def samples_of(clip: Clip) -> dict[str, tuple[Any, int]]:
    """Returns the clip as programs have recordings: samples and their rate."""
    return {
        "float": (clip.audio, 16_000),
        "a list": (clip.audio.tolist(), 16_000),
        "16 bits": ((clip.audio * 32_768).astype(np.int16), 16_000),
        "stereo at 44.1 kHz": (np.column_stack([soxr.resample(clip.audio, 16_000, 44_100)] * 2), 44_100),
        "8 bits, unsigned": (np.uint8(clip.audio / np.abs(clip.audio).max() * 127 + 128), 16_000),
    }


@pytest.mark.parametrize("kind", ["float", "a list", "16 bits", "stereo at 44.1 kHz", "8 bits, unsigned"])
def test_samples_and_their_rate(kind: str, clip: Clip) -> None:
    samples, rate = samples_of(clip)[kind]
    found = assess(samples, rate=rate, text="He was not an ill-disposed young man.")
    assert found.score > 0.9
    assert found.phones[-1].timestamp.end == pytest.approx(assess(CLIP, text=TEXT).phones[-1].timestamp.end, abs=800)
    assert "recording" in found._repr_html_()


def test_a_script_is_told_nothing_but_its_answer() -> None:
    script = f"from assessment.client import assess; print(assess({str(CLIP)!r}, text='He was not.').score)"
    process = run_python("-c", script)
    assert float(output(process)) > 0
    assert process.stderr == ""


def test_the_bytes_of_a_file_are_the_file() -> None:
    from_bytes, from_file = assess(CLIP.read_bytes(), text=TEXT), assess(CLIP, text=TEXT)
    assert (from_bytes.score, from_bytes.errors) == (from_file.score, from_file.errors)


@pytest.mark.parametrize("audio", [None, {"uri": "a.wav"}, ["a.wav"], 5, np.zeros((2, 2, 2))])
def test_what_is_no_recording_says_what_to_pass(audio: Any) -> None:
    with pytest.raises(
        TypeError, match="is no recording; pass a path, a URI, the bytes of a file, or samples with rate="
    ):
        assess(audio, text=TEXT, rate=16_000)


def test_samples_without_a_rate_say_so(clip: Clip) -> None:
    with pytest.raises(TypeError, match="need their rate: assess"):
        assess(clip.audio, text=TEXT)


def test_a_sentence_that_is_no_text_says_so() -> None:
    with pytest.raises(InvalidInputError, match="target_text"):
        assess(CLIP, text=5)  # type: ignore[arg-type]


def test_many_recordings_show_how_far_they_are(clip: Clip, capsys: pytest.CaptureFixture[str]) -> None:
    found, missing = assess_many([clip.audio, "none.wav"], [TEXT, TEXT], rate=16_000)
    assert isinstance(found, Answer)
    assert isinstance(missing, AudioUnreachableError)
    assert "2 of 2 recordings" in capsys.readouterr().err
    with pytest.raises(ValueError, match="shorter"):
        assess_many([CLIP, CLIP], [TEXT])


def test_an_answer_is_printed_for_people() -> None:
    found = assess(CLIP, ipa="/h//i// //w//ɑ//z// //n//ɑ//t/ ən ɪl dɪspoʊzd jʌŋ mæn")
    shown = str(found)
    assert shown.startswith("target  h i w ɑ z n ɑ t ")
    assert shown.rpartition("\n")[2].startswith("overall ")
    assert "/" not in shown
