"""The README's examples do what it says: those in fences, with their language, run against both workers."""

import json
import os
import re
import shutil
import sys
from pathlib import Path

import pytest

from tests.support.data import ROOT
from tests.support.node import NODE_PACKAGES, needs_node
from tests.support.process import output, run

README = (ROOT / "README.md").read_text(encoding="utf-8")


def examples(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)


needs_curl = pytest.mark.skipif(not shutil.which("curl"), reason="needs curl")


@pytest.fixture
def here(assessment_url: str, ipa_generation_url: str, tmp_path: Path) -> "Here":
    (tmp_path / "tests").symlink_to(ROOT / "tests")
    return Here(tmp_path, {"localhost:8000": assessment_url, "localhost:8001": ipa_generation_url})


class Here:
    """A folder to run examples in, and where the workers are that they call."""

    def __init__(self, folder: Path, urls: dict[str, str]) -> None:
        self.folder = folder
        self._urls = urls

    def write(self, name: str, example: str) -> str:
        for place, url in self._urls.items():
            example = example.replace(place, url.removeprefix("http://"))
        (self.folder / name).write_text(example, encoding="utf-8")
        return name

    def run(self, *command: str) -> str:
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        variables = {"PATH": path, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
        return output(run(*command, folder=self.folder, environment=os.environ | variables))


ASSESS, GENERATE, QUEUE, ADMIN = examples("sh")
[ANSWER] = map(json.loads, examples("json"))
[PYTHON] = examples("python")
[TYPESCRIPT] = examples("ts")


@needs_curl
def test_curl_assesses_a_recording(here: Here) -> None:
    assert json.loads(here.run("bash", "-e", here.write("assess.sh", ASSESS)))["output"] == ANSWER


@needs_curl
def test_curl_writes_the_ipa_of_a_text(here: Here) -> None:
    job = json.loads(here.run("bash", "-e", here.write("generate.sh", GENERATE)))
    assert job["output"]["ipa_phonemes"].startswith("/s//i// //j//u/")


@needs_curl
def test_curl_asks_for_a_jobs_status(here: Here) -> None:
    job = json.loads(here.run("bash", "-e", here.write("queue.sh", QUEUE)))
    assert job["output"] == {"ipa_phonemes": "/s//i// //j//u/", "phonemes": ["s", "i", " ", "j", "u"]}


@pytest.mark.parametrize("route", ["run", "runsync"])
def test_python_assesses_a_recording(route: str, here: Here) -> None:
    example = PYTHON.replace("/run", f"/{route}", 1)
    assert here.run(sys.executable, here.write("example.py", example)) == f"{ANSWER['score']}\n"


@needs_node
def test_typescript_is_sound_and_finds_the_errors(here: Here) -> None:
    (here.folder / "pronunciation.d.ts").symlink_to(ROOT / "shared/schemas/pronunciation.d.ts")
    sound = "--strict --target es2022 --lib es2022,dom --module esnext --moduleResolution bundler".split()
    here.run(str(NODE_PACKAGES / "tsc"), *sound, here.write("example.mts", TYPESCRIPT))
    assert "expected ə, heard æ" in here.run("node", "example.mjs")


@needs_node
def test_typescript_that_is_unsound_is_refused(here: Here) -> None:
    (here.folder / "pronunciation.d.ts").symlink_to(ROOT / "shared/schemas/pronunciation.d.ts")
    misspelt = here.write("example.mts", TYPESCRIPT.replace("target_ipa:", "target:"))
    with pytest.raises(AssertionError, match="'target' does not exist in type 'AssessmentRequest'"):
        here.run(str(NODE_PACKAGES / "tsc"), "--noEmit", "--lib", "es2022,dom", misspelt)


def test_the_admins_script(here: Here) -> None:
    shown = here.run("bash", "-e", here.write("admin.sh", ADMIN))
    assert shown.startswith('{"input": {"text": "See you at 3:45."}}\n')
    results = (here.folder / "results.jsonl").read_text(encoding="utf-8").splitlines()
    texts = {json.loads(line)["text"] for line in results}
    assert texts == {"See you at 3:45.", "He was not, he said.", "Good morning."}
