"""The admins' script: files of rows, and files of results."""

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipa_generation import handler as worker
from ipa_generation.admin import batch as admin
from ipa_generation.admin.batch import main
from ipa_generation.admin.items import Item, read_items
from ipa_generation.admin.results import prepare_results, read_results
from tests.support.admin import OUTPUT, SCRIPT, answers
from tests.support.data import DATA

pytestmark = pytest.mark.slow


def answer_to(**request: Any) -> Any:
    return worker.handler({"id": "job", "input": request})


@pytest.mark.parametrize("options", [[], ["--sync"], ["--workers", "1"]])
def test_each_line_of_a_text(options: list[str], ipa_generation_url: str, tmp_path: Path, results: Path) -> None:
    texts = tmp_path / "texts.txt"
    texts.write_text("See you at 3:45.\n\nHello.\nHello.\n", encoding="utf-8")
    assert main([str(texts), "--url", ipa_generation_url, "-o", str(results), *options]) == 0
    assert sorted(answers(results), key=lambda line: str(line["text"])) == [
        {"text": "Hello.", "output": answer_to(text="Hello.", detail=True)},
        {"text": "See you at 3:45.", "output": answer_to(text="See you at 3:45.", detail=True)},
    ]


def test_guessed_words_are_in_a_table(
    ipa_generation_url: str, tmp_path: Path, results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = tmp_path / "rows.csv"
    rows.write_text("id,text\n1,A blorptastic day\n2,{Blorp|blɔɹp} was good\n", encoding="utf-8")
    assert main([str(rows), "--url", ipa_generation_url, "-o", str(results)]) == 0
    table = capsys.readouterr().err.partition("not in the dictionary, check their pronunciation:\n")[2]
    assert table.split() == ["1", "blorptastic"]


def test_rows_of_a_csv_file_with_a_recording_of_this_machine(
    ipa_generation_url: str, tmp_path: Path, results: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "He was not an ill-disposed young man."
    rows = tmp_path / "rows.csv"
    rows.write_text(f'id,text,audio_uri\n1,"{text}",\n2,"{text}",librivox_0880.wav\n', encoding="utf-8-sig")
    monkeypatch.chdir(DATA)  # where the worker is not: the recording itself has to be sent
    assert main([str(rows), "--url", ipa_generation_url, "-o", str(results)]) == 0
    transcribed = {line["id"]: "".join(line["output"]["phonemes"]) for line in answers(results)}
    assert transcribed == {"1": "hi wəz nɑt ən ɪl dɪspoʊzd jʌŋ mæn", "2": "hi wəz nɑt æn ɪl dɪspoʊzd jʌŋ mæn"}


def test_json_lines_from_standard_input(ipa_generation_url: str, results: Path) -> None:
    process = subprocess.run(  # noqa: S603
        [*SCRIPT, "-", "--format", "jsonl", "--url", ipa_generation_url, "-o", str(results)],
        input='{"id": 7, "text": "Zürich", "language": "eng"}\n',
        env=os.environ | {"PYTHONIOENCODING": "utf-8"},
        text=True,
        encoding="utf-8",
        check=False,
        timeout=120,
    )
    assert process.returncode == 0
    assert answers(results) == [
        {"text": "Zürich", "language": "eng", "id": 7, "output": answer_to(text="Zürich", language="eng", detail=True)}
    ]


items = st.builds(Item, text=st.text(min_size=1), id=st.none() | st.text() | st.integers())


@given(done=st.lists(items, min_size=1, unique=True), data=st.data())
def test_a_file_of_results_broken_off_anywhere_keeps_its_whole_lines(
    done: list[Item], data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    lines = [json.dumps(item.model_dump() | {"output": OUTPUT}, ensure_ascii=False).encode() + b"\n" for item in done]
    whole = data.draw(st.integers(0, len(lines) - 1))
    more = data.draw(st.integers(0, len(lines[whole]) - 1))
    results = tmp_path_factory.getbasetemp() / "broken.jsonl"
    results.write_bytes(b"".join(lines[:whole]) + lines[whole][:more])
    assert read_results(results) == set(done[:whole])
    prepare_results(results)
    assert results.read_bytes() == b"".join(lines[:whole])


def test_a_dry_run_shows_what_would_be_sent_and_sends_nothing(
    tmp_path: Path, results: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("RUNPOD_API_KEY", raising=False)
    (tmp_path / "long.wav").write_bytes(bytes(8_000_000))
    rows = tmp_path / "rows.csv"
    rows.write_text(
        f"text,audio_uri\nHi,{DATA / 'librivox_0880.wav'}\nHello,{tmp_path / 'long.wav'}\n", encoding="utf-8"
    )
    assert main([str(rows), "-o", str(results), "--dry-run"]) == 1
    shown = capsys.readouterr()
    assert re.fullmatch(
        r'\{"input": \{"text": "Hi", "audio_uri": "data:audio/[a-z-]+;base64,…", "detail": true\}\}\n', shown.out
    )
    assert "bytes are too many for /run; send the recording by URL" in shown.err
    assert not results.exists()
    assert main([str(rows), "-o", str(results), "--dry-run", "--sync"]) == 0


def test_the_accent_is_that_of_rows_without_one(
    tmp_path: Path, results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = tmp_path / "rows.jsonl"
    rows.write_text('{"text": "Hi"}\n{"text": "Bye", "accent": "us"}\n', encoding="utf-8")
    assert main([str(rows), "-o", str(results), "--dry-run", "--accent", "gb"]) == 0
    sent = [json.loads(line)["input"] for line in capsys.readouterr().out.splitlines()]
    assert [(request["text"], request["accent"]) for request in sent] == [("Hi", "gb"), ("Bye", "us")]


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("rows.csv", b"id,txt\n1,Hello\n", "rows.csv: no column `text`; the first line has id, txt"),
        ("rows.csv", b"", "rows.csv: no column `text`; the first line has nothing"),
        ("rows.json", b'{"text": "Hello"}', "rows.json: no array; a file with an object on each line is .jsonl"),
        ("rows.json", b"[", "rows.json: no JSON: "),
        ("texts.txt", b"Hello\nZ\x81rich\n", "texts.txt: line 2 is not UTF-8; save the file as UTF-8"),
        ("texts.txt", b"\xff\xfe\x00", "texts.txt: line 1 is not UTF-8"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_line(
    name: str, content: bytes, complaint: str, tmp_path: Path, results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert main([str(path), "-o", str(results)]) == admin.UNREADABLE
    error = capsys.readouterr().err
    assert error.startswith(complaint)
    assert error.count("\n") == 1


def test_a_file_that_is_not_there_is_one_line(results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["none.csv", "-o", str(results)]) == admin.UNREADABLE
    assert capsys.readouterr().err == "none.csv: No such file or directory\n"


HELLO = [Item(text="Hello", id="1"), Item(text="Good day; sir", id="2")]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("rows.csv", 'id,text\n1,Hello\n2,"Good day; sir"\n'),
        ("rows.csv", 'id;text\r\n1;Hello\r\n2;"Good day; sir"\r\n'),
        ("rows.tsv", "\nid\ttext\n\n1\tHello\n  \t \n2\tGood day; sir\n"),
        ("rows.CSV", "Text \tID\nHello\t1\nGood day; sir\t2\n\t\n"),
        ("rows.json", '[{"id": "1", "text": "Hello"}, {"id": "2", "Text": "Good day; sir", "audio_uri": null}]'),
        ("rows.jsonl", '{"id": "1", "text": "Hello"}\n\n{"ID": "2", "text": "Good day; sir"}\n'),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_rows_as_spreadsheets_and_programs_write_them(name: str, content: str, encoding: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(content.encode(encoding))
    rows = read_items(path, path.suffix.removeprefix(".").lower())
    assert rows.items == HELLO
    assert not rows.problems
    assert not rows.ignored


def test_a_file_of_an_old_spreadsheet_is_read_and_said_to_be_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "rows.csv").write_bytes("id;text\n1;It’s Zürich\n".encode("windows-1252"))
    assert read_items(tmp_path / "rows.csv", "csv").items == [Item(text="It’s Zürich", id="1")]
    assert capsys.readouterr().err == "rows.csv: line 2 is not UTF-8, so the file is read as windows-1252\n"


def test_an_array_of_texts(tmp_path: Path) -> None:
    (tmp_path / "texts.json").write_text('["Hello", "Good day"]', encoding="utf-8")
    assert read_items(tmp_path / "texts.json", "json").items == [Item(text="Hello"), Item(text="Good day")]


BAD_ROWS = {
    "rows.csv": (
        'id,text,audio,language\n1,Hi,,\n2,"two\nlines",,English\n3,,,\n4,Hi,a.wav,\n5,a,b,c,d\n6,"Hi"x,,\n7,Bye,,\n',
        {
            "line 3": "language: Input should be a language",
            "line 5": "text: Field required",
            "line 6": "the field of the recording is `audio_uri`, not `audio`",
            "line 7": "more cells than columns",
            "line 8": "check its quotes",
        },
    ),
    "rows.jsonl": (
        '{"text": "Hi", "id": 1}\nHello\n{"text": 5}\n[1]\n{"text": "Bye", "id": 7}\n',
        {
            "line 2": "no JSON: Expecting value",
            "line 3": "text: Input should be a valid string",
            "line 4": "the request is no object",
        },
    ),
    "rows.json": (
        '[{"text": "Hi", "id": 1}, 5, {"txt": "Hello"}, {"text": "Bye", "id": 7}]',
        {"row 2": "the request is no object", "row 3": "text: Field required"},
    ),
    "rows.txt": ("Hi\n\n" + "x" * 2001 + "\nBye\n", {"line 3": "text: String should have at most 2000 characters"}),
}


@pytest.mark.parametrize("name", BAD_ROWS)
def test_a_bad_row_fails_alone_with_its_place(
    name: str, ipa_generation_url: str, tmp_path: Path, results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    content, problems = BAD_ROWS[name]
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    command = [str(path), "-o", str(results), "--url", ipa_generation_url]
    assert main([*command, "--dry-run"]) == admin.FAILED
    assert_lists(problems, capsys.readouterr().err)
    assert not results.exists()

    assert main(command) == admin.FAILED
    assert_lists(problems, capsys.readouterr().err)
    assert sorted(line["text"] for line in answers(results)) == ["Bye", "Hi"]


def assert_lists(problems: dict[str, str], shown: str) -> None:
    assert f"2 to ask for, 0 answered before, {len(problems)} bad rows left out" in shown
    table = shown.partition(f"{len(problems)} failed:\n")[2].splitlines()
    for line, (place, problem) in zip(table, problems.items(), strict=True):
        assert line.split("  ")[1] == place
        assert problem in line


def test_columns_that_mean_nothing_are_named(tmp_path: Path, results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "rows.csv").write_text("text,colour,level\nHi,red,\n", encoding="utf-8")
    assert main([str(tmp_path / "rows.csv"), "-o", str(results), "--dry-run"]) == 0
    assert "ignored: colour\n" in capsys.readouterr().err


def test_the_folder_of_the_results_is_made(ipa_generation_url: str, tmp_path: Path) -> None:
    texts, results = tmp_path / "texts.txt", tmp_path / "new" / "folder" / "results.jsonl"
    texts.write_text("Hi\n", encoding="utf-8")
    assert main([str(texts), "-o", str(results), "--url", ipa_generation_url]) == 0
    assert len(answers(results)) == 1


@pytest.mark.parametrize("content", [b"Hello", b"Hello\n", b'{"text": "Hello"}\n', b"[]\n"])
def test_a_file_that_is_not_of_results_is_left_alone(content: bytes, tmp_path: Path) -> None:
    texts = tmp_path / "texts.txt"
    texts.write_bytes(content)
    assert main([str(texts), "-o", str(texts), "--url", "http://localhost:1"]) == admin.UNREADABLE
    assert texts.read_bytes() == content
