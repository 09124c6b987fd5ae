"""Many recordings assessed: here, at an endpoint, and what is done again."""

import csv
import json
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from assessment.batch.command_line import INTERRUPTED, main
from tests.support.data import CLIP_IPA, DATA, ROOT
from tests.support.sdk_server import sdk_server

pytestmark = pytest.mark.slow

CLIPS = ("librivox_0880", "librivox_0930")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two recordings: one beside its text, one beside an IPA that is not what was said."""
    folder = tmp_path / "recordings"
    folder.mkdir()
    for name in CLIPS:
        shutil.copy(DATA / f"{name}.wav", folder)
    shutil.copy(DATA / f"{CLIPS[0]}.txt", folder / f"{CLIPS[0]}.TXT")
    (folder / f"{CLIPS[1]}.ipa").write_text(CLIP_IPA[CLIPS[1]].replace("hɪmsɛlf", "hɪmsup"), encoding="utf-8")
    return folder


@pytest.fixture
def output(tmp_path: Path) -> Path:
    return tmp_path / "out" / "results.csv"


@pytest.fixture(scope="module")
def assessment_url() -> Iterator[str]:
    with sdk_server("assessment") as url:
        yield url


def rows(table: Path) -> list[dict[str, str]]:
    """Returns the rows of a table of results, by the recording."""
    with table.open(encoding="utf-8", newline="") as file:
        return sorted(csv.DictReader(file), key=lambda row: row["audio_uri"])


def test_a_folder_here_and_again(
    folder: Path, output: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(folder), "-o", str(output)]) == 0
    said, shown = capsys.readouterr()
    assert shown.splitlines()[:2] == ["2 to assess, 0 assessed before", "0 of 2 recordings, ? recordings/s, ? left"]
    assert shown.splitlines()[-1].startswith("2 of 2 recordings, ")
    assert re.search(r"2 recordings, mean score \d\d\n", said)
    assert "librivox_0930.wav, " in said
    right, wrong = rows(output)
    assert (right["score"], right["errors"], right["speaker"]) == ("1.0", "", "recordings")
    assert float(wrong["score"]) < 1
    assert {error.split("@")[0].split("→")[0] for error in wrong["errors"].split("; ")} >= {"u", "p"}
    assert right["fluency"] and right["overall"]

    content = output.read_bytes()
    grids = tmp_path / "grids"
    assert main([str(folder), "-o", str(output), "--textgrids", str(grids)]) == 0
    assert capsys.readouterr().err == "0 to assess, 2 assessed before\n"
    assert output.read_bytes() == content
    assert sorted(path.name for path in grids.iterdir()) == [f"{name}.TextGrid" for name in CLIPS]


def test_an_endpoint_gives_the_same_results(folder: Path, tmp_path: Path, assessment_url: str) -> None:
    here, there = tmp_path / "here.csv", tmp_path / "there.csv"
    assert main([str(folder), "-o", str(here), "--jobs", "1"]) == 0
    assert main([str(folder), "-o", str(there), "--url", assessment_url]) == 0
    assert rows(there) == rows(here)


def test_another_worker_is_told(
    folder: Path, output: Path, ipa_generation_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(folder), "-o", str(output), "--url", ipa_generation_url]) == 1
    assert "is an `ipa_generation` worker" in capsys.readouterr().err


def test_rows_that_fail_are_in_the_results_and_done_again(
    tmp_path: Path, output: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = tmp_path / "rows.csv"
    shutil.copy(DATA / f"{CLIPS[0]}.wav", tmp_path / "a.wav")
    lines = [
        "Audio_URI;Target_Text;Speaker",
        "none.wav;Hello.;",
        "a.wav;;",
        ";;",
        'b.wav;"Hi"x;',
        "a.wav;He was not ill.;Ann",
    ]
    table.write_text("\n".join(lines), encoding="utf-16")
    assert main([str(table), "-o", str(output)]) == 1
    shown = capsys.readouterr().err
    failures = {
        str(tmp_path / "none.wav"): "audio_unreachable: there is no such file here",
        str(tmp_path / "a.wav"): "invalid_input: the sentence is missing",
        "rows.csv, line 5": "check its quotes",
    }
    failed = {row["audio_uri"]: row["error"] for row in rows(output) if row["error"]}
    assert failed.keys() == failures.keys()
    for uri, reason in failures.items():
        assert reason in failed[uri]
        assert f"failed: {uri}: {failed[uri]}\n" in shown
    [done] = [row for row in rows(output) if not row["error"]]
    assert (done["target_text"], done["speaker"]) == ("He was not ill.", "Ann")

    shutil.copy(DATA / f"{CLIPS[0]}.wav", tmp_path / "none.wav")
    assert main([str(table), "-o", str(output)]) == 1
    assert "2 to assess, 1 assessed before" in capsys.readouterr().err
    assert sum(not row["error"] for row in rows(output)) == 2


def test_the_accent_is_that_of_recordings_without_one(tmp_path: Path, output: Path) -> None:
    table = tmp_path / "rows.csv"
    shutil.copy(DATA / "librivox_0890.wav", tmp_path / "a.wav")
    text = "Unless to be rather cold hearted and rather selfish is to be ill disposed."
    table.write_text(f"audio_uri,target_text,accent\na.wav,{text},\na.wav,{text},any\n", encoding="utf-8")
    assert main([str(table), "-o", str(output), "--accent", "gb"]) == 0
    errors = {row["accent"]: row["errors"] for row in rows(output)}
    assert "ɑː→æ" in errors["gb"]
    assert "æ" not in errors["any"]


def test_a_class_on_one_page(folder: Path, output: Path, tmp_path: Path) -> None:
    for speaker in ("ann", "bob"):
        shutil.copytree(folder, tmp_path / "class" / speaker)
    pages = tmp_path / "pages"
    assert main([str(tmp_path / "class"), "-o", str(output), "--html", str(pages)]) == 0
    overview = (pages / "index.html").read_text(encoding="utf-8")
    reports = {path.name for path in pages.iterdir()} - {"index.html"}
    assert len(reports) == 4
    assert all(f'href="{name}"' in overview for name in reports)
    assert overview.index("<h2>All</h2>") < overview.index("<h2>ann</h2>") < overview.index("<h2>bob</h2>")
    assert "himself" not in overview  # which was right
    assert "Lowest words" in overview


def test_what_is_no_input_and_no_results(tmp_path: Path, output: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table, empty = tmp_path / "rows.csv", tmp_path / "empty"
    table.write_text("file,text\na.wav,Hello.\n", encoding="utf-8")
    empty.mkdir()
    for source, complaint in {
        table: "rows.csv: no column `audio_uri`; the first line has file, text",
        tmp_path / "none.csv": f"{tmp_path / 'none.csv'}: No such file or directory",
        empty: f"{empty} has no recordings; looked for files *.wav *.flac *.mp3 ",
    }.items():
        assert main([str(source), "-o", str(output)]) == 1
        assert capsys.readouterr().err.startswith(complaint)
    assert not output.exists()


@pytest.mark.parametrize("name", ["results.csv", "results.jsonl"])
def test_another_file_is_not_written_over(
    name: str, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = tmp_path / name
    other.write_text("a,b\n1,2\n", encoding="utf-8")
    assert main([str(folder), "-o", str(tmp_path / "results.csv")]) == 1
    assert name in capsys.readouterr().err
    assert other.read_text(encoding="utf-8") == "a,b\n1,2\n"


def test_a_line_that_was_cut_off_is_assessed_again(folder: Path, output: Path) -> None:
    assert main([str(folder), "-o", str(output)]) == 0
    whole, answers = rows(output), output.with_suffix(".jsonl")
    answers.write_bytes(answers.read_bytes()[:-10])
    assert main([str(folder), "-o", str(output)]) == 0
    assert rows(output) == whole


@pytest.mark.parametrize(("stop", "status"), [(signal.SIGKILL, -signal.SIGKILL), (signal.SIGINT, INTERRUPTED)])
def test_stopped_in_the_middle_and_started_again(
    stop: signal.Signals, status: int, output: Path, tmp_path: Path
) -> None:
    table = tmp_path / "rows.csv"
    clip = DATA / f"{CLIPS[0]}.wav"
    table.write_text("audio_uri,target_text\n" + "".join(f"{clip},he was {n}\n" for n in range(16)), encoding="utf-8")
    command = [sys.executable, "-m", "assessment.batch", str(table), "-o", str(output), "--jobs", "2"]
    signal.signal(signal.SIGINT, signal.default_int_handler)  # else a child would ignore what its parents ignore
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True, start_new_session=True) as process:  # noqa: S603
        while not (output.exists() and len(rows(output)) > 3):
            time.sleep(0.02)
        process.send_signal(stop)
        assert process.stderr
        shown = process.stderr.read()  # until the last of its processes has ended
        assert process.wait() == status
    done = len(rows(output))
    assert 3 < done < 16
    if stop == signal.SIGINT:
        assert shown.splitlines()[-1] == f"{done} done; run the same command to go on"
        assert "Traceback" not in shown
    assert main([str(table), "-o", str(output)]) == 0
    assert len(rows(output)) == 16
    assert len({json.loads(line)["target_text"] for line in output.with_suffix(".jsonl").open(encoding="utf-8")}) == 16
