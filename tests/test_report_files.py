"""The report's command line, and what it writes beside a page."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from praatio.textgrid import openTextgrid

from assessment import handler as worker
from assessment.report import page as report
from assessment.report.answer import Assessed, assessed, points
from shared.audio.samples import SAMPLE_RATE
from shared.errors import InvalidInputError
from tests.support.data import DATA
from tests.support.report import SAID, WAV, detailed

pytestmark = pytest.mark.slow

WRONG = "hi wɑz nɑt ən ɪl dɪskoʊzd jʌŋ mɪn"


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda a: a.pop("phones"), 'to a request with "detail": true: phones: Field required'),
        (lambda a: a.pop("alignment"), 'to a request with "detail": true: alignment: Field required'),
        (lambda a: a["alignment"].pop(), "the answer's errors are not those of its alignment"),
        (lambda a: a["errors"][0].update(position=1000), "the answer's errors are not those of its alignment"),
        (lambda a: a["errors"][0].update(type="<b>"), "errors.0.type: Input should be 'substitute'"),
        (lambda a: a["alignment"][0]["timestamp"].update(end=10**6), "is about a longer recording"),
    ],
)
def test_an_answer_that_does_not_fit_has_one_clear_line(change: Any, complaint: str) -> None:
    broken = json.loads(json.dumps(detailed("hi wɑz nɑt ən ɪl dɪspoʊzd jʌŋ mæ")))  # errs at its end
    change(broken)
    with pytest.raises(InvalidInputError) as error:
        assessed(broken, WAV)
    assert complaint in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("name", ["0870", "0880", "0930"])
def test_strips_show_all_of_a_recording_once(name: str) -> None:
    uri = str(DATA / f"librivox_{name}.wav")
    whole = assessed(detailed(SAID, uri), uri)
    strips = report.strips(whole)
    assert [strip.start for strip in strips[1:]] == [strip.end for strip in strips[:-1]]
    assert (strips[0].start, strips[-1].end) == (0, len(whole.audio))
    assert [group for strip in strips for group in strip.groups] == whole.groups
    assert max(strip.length for strip in strips) < 1.25 * report.STRIP_SECONDS * SAMPLE_RATE
    for strip in strips:
        for [marked, *_] in strip.groups:
            timestamp = marked.pair.timestamp
            assert 0 <= strip.percent(timestamp.start) < strip.percent(timestamp.end) <= 100


def test_praat_reads_the_textgrid(tmp_path: Path, mangled: Assessed) -> None:
    from assessment.report.textgrid import write_textgrid

    write_textgrid(mangled, tmp_path / "a.TextGrid")
    grid = openTextgrid(str(tmp_path / "a.TextGrid"), includeEmptyIntervals=False)
    assert grid.tierNames == ("target", "pronounced", "errors", "deleted")
    assert grid.maxTimestamp == pytest.approx(len(mangled.audio) / SAMPLE_RATE)
    pronounced = [
        (round(entry.start * SAMPLE_RATE), round(entry.end * SAMPLE_RATE), entry.label)
        for entry in grid.getTier("pronounced").entries
    ]
    phones = mangled.answer.phones
    assert pronounced == [(phone.timestamp.start, phone.timestamp.end, phone.phone) for phone in phones]
    assert [entry.label for entry in grid.getTier("errors").entries] == ["substitute?", "insert"]
    assert [entry.label for entry in grid.getTier("deleted").entries] == ["s? t ɹ?", "b ɛ? ɹ i?", "θ", "ə?"]


def command(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> None:
    monkeypatch.setattr(sys, "argv", ["report", *map(str, arguments)])
    report.main()


def test_from_a_recording(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page, picture, grid = (tmp_path / f"a.{suffix}" for suffix in ("html", "png", "TextGrid"))
    command(monkeypatch, WAV, "--target", WRONG, "-o", page, "--png", picture, "--textgrid", grid)
    assert capsys.readouterr().out.endswith(f"{page}\n{picture}\n{grid}\n")
    now = worker.handler({"id": "job", "input": {"audio_uri": WAV, "target_ipa": WRONG}})
    assert f"÷ 26</sup> = <strong>{points(now['score'])}</strong>" in page.read_text(encoding="utf-8")
    assert grid.read_text(encoding="utf-8").startswith('File type = "ooTextFile"')
    with Image.open(picture) as image:
        assert image.format == "PNG"
        assert image.width > 4 * 2.99 * 100


def test_from_answers(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, answer: dict[str, Any]) -> None:
    one, many, page = tmp_path / "answer.json", tmp_path / "answers.jsonl", tmp_path / "report.html"
    one.write_text(json.dumps({"id": "sync-1", "status": "COMPLETED", "output": answer}, indent=2), encoding="utf-8")
    command(monkeypatch, one, "--audio", WAV, "-o", page)
    assert page.read_text(encoding="utf-8").count("<article") == 1
    many.write_text((json.dumps(answer | {"audio_uri": WAV}) + "\n") * 2, encoding="utf-8")
    command(monkeypatch, many, "-o", page)
    assert page.read_text(encoding="utf-8").count("<article") == 2
    one.write_text(json.dumps([answer | {"audio_uri": WAV}] * 3), encoding="utf-8")
    command(monkeypatch, one, "-o", page)
    assert page.read_text(encoding="utf-8").count("<article") == 3


@pytest.mark.parametrize(
    ("content", "arguments", "complaint"),
    [
        ("{}", [], "an answer's recording is named as `audio_uri` beside it, or with --audio"),
        ("[]", ["--audio", WAV], "the file has no answer"),
        ("[1]", ["--audio", WAV], "an answer's recording is named"),
        ("{}", ["--audio", WAV], "actual_ipa: Field required"),
        ("{", [], "Expecting property name"),
        ('{"audio_uri": "no_such.wav", "output": ANSWER}', [], "audio_unreachable: "),
        (None, [], "No such file"),
    ],
)
def test_a_wrong_file_ends_in_one_line(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    answer: dict[str, Any],
    content: str | None,
    arguments: list[str],
    complaint: str,
) -> None:
    source = tmp_path / "answer.json"
    if content is not None:
        source.write_text(content.replace("ANSWER", json.dumps(answer)), encoding="utf-8")
    with pytest.raises(SystemExit) as end:
        command(monkeypatch, source, *arguments, "-o", tmp_path / "report.html")
    assert complaint in str(end.value)
    assert "\n" not in str(end.value)
    assert not (tmp_path / "report.html").exists()


def test_a_recording_needs_a_target(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SystemExit, match="a recording needs --target"):
        command(monkeypatch, WAV)
