"""Many recordings assessed: here, at an endpoint, and what is done again."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from assessment.batch import Recording, main, read_results
from tests.support.data import CLIP_IPA, DATA
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
    shutil.copy(DATA / f"{CLIPS[0]}.txt", folder)
    (folder / f"{CLIPS[1]}.ipa").write_text(CLIP_IPA[CLIPS[1]].replace("hɪmsɛlf", "hɪmsup"), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def assessment_url() -> Iterator[str]:
    with sdk_server("assessment") as url:
        yield url


def test_a_folder_here_and_again(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    output, grids = tmp_path / "out" / "results.csv", tmp_path / "grids"
    command = [str(folder), "-o", str(output), "--textgrids", str(grids)]
    assert main(command) == 0
    said, errors = capsys.readouterr()
    assert "2 to assess, 0 assessed before" in errors
    assert "2 recordings, mean score 0." in said
    assert "librivox_0930.wav, " in said
    right, wrong = sorted(read_results(output).values(), key=lambda result: result.audio_uri)
    assert (right.score, right.errors) == (1.0, "")
    assert wrong.score < 1
    assert {error.split("@")[0].split("→")[0] for error in wrong.errors.split("; ")} >= {"u", "p"}
    assert right.fluency and right.overall
    assert sorted(path.name for path in grids.iterdir()) == [f"{name}.TextGrid" for name in CLIPS]

    content = output.read_bytes()
    assert main(command) == 0
    assert "0 to assess, 2 assessed before" in capsys.readouterr().err
    assert output.read_bytes() == content


def test_an_endpoint_gives_the_same_results(folder: Path, tmp_path: Path, assessment_url: str) -> None:
    here, there = tmp_path / "here.csv", tmp_path / "there.csv"
    assert main([str(folder), "-o", str(here)]) == 0
    assert main([str(folder), "-o", str(there), "--url", assessment_url]) == 0
    assert read_results(there) == read_results(here)


def test_another_worker_is_told(
    folder: Path, tmp_path: Path, ipa_generation_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(folder), "-o", str(tmp_path / "results.csv"), "--url", ipa_generation_url]) == 1
    assert "is an `ipa_generation` worker" in capsys.readouterr().err


def test_rows_that_fail_are_told_and_the_others_are_done(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = tmp_path / "rows.csv"
    shutil.copy(DATA / f"{CLIPS[0]}.wav", tmp_path / "a.wav")
    rows.write_text("audio_uri,target_text\nnone.wav,Hello.\na.wav,\na.wav,He was not ill.\n", encoding="utf-8")
    output = tmp_path / "results.csv"
    assert main([str(rows), "-o", str(output)]) == 1
    errors = capsys.readouterr().err
    assert "none.wav: audio_unreachable" in errors
    assert "the sentence is missing" in errors
    assert [*read_results(output)] == [Recording(str(tmp_path / "a.wav"), "He was not ill.", "")]


def test_what_is_no_input_and_no_results(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows, output = tmp_path / "rows.csv", tmp_path / "results.csv"
    rows.write_text("file,text\na.wav,Hello.\n", encoding="utf-8")
    assert main([str(rows), "-o", str(output)]) == 1
    assert "has no column `audio_uri`" in capsys.readouterr().err
    assert main([str(tmp_path / "none.csv"), "-o", str(output)]) == 1
    assert "No such file" in capsys.readouterr().err
    output.write_text("a,b\n1,2\n", encoding="utf-8")
    assert main([str(tmp_path), "-o", str(output)]) == 1
    assert "row 1 of results.csv is no result" in capsys.readouterr().err


def test_a_line_that_was_cut_off_is_assessed_again(folder: Path, tmp_path: Path) -> None:
    output = tmp_path / "results.csv"
    assert main([str(folder), "-o", str(output)]) == 0
    whole = output.read_bytes()
    output.write_bytes(whole[:-10])
    assert main([str(folder), "-o", str(output)]) == 0
    assert output.read_bytes() == whole
