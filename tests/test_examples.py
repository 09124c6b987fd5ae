"""The examples of the README and the pages do what the pages say: every fence with a language, as it stands there.

A `json` fence is the output of the job that the example before it asks for, a `text` fence the end of what that
example prints. A fence with a path is a file, and a `diff` a change, of a copy of the repository in which the examples
of that page run.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from assessment.report import demo
from tests.support import process
from tests.support.data import ROOT
from tests.support.examples import COMMANDS, OUTPUTS, PAGES, Example, examples, fences
from tests.support.node import NODE_PACKAGES, needs_node

pytestmark = pytest.mark.slow

EXAMPLES = [example for page in PAGES for example in examples(page)]
TYPESCRIPT = next(example for example in EXAMPLES if example.command.language == "ts")
[NEW_ENGINE] = [example for example in EXAMPLES if (example.page, example.command.language) == ("CONTRIBUTING", "sh")]


# Without the libraries: those of runpod-sdk 1.1.2 name types that it does not bring.
STRICT = "--strict --skipLibCheck --target es2022 --lib es2022,dom --module esnext --moduleResolution bundler".split()
PACKAGES = ("alignment", "assessment", "ipa_generation", "shared", "tests", "pyproject.toml")


class Folder:
    """A folder to run examples in, and where the workers are that they call."""

    def __init__(self, path: Path, assessment_url: str, ipa_generation_url: str) -> None:
        self.path = path
        assessment, ipa_generation = (url.removeprefix("http://") for url in (assessment_url, ipa_generation_url))
        self._base_url = f"{assessment_url}/v2"
        self._places = {"localhost:8000": assessment, "localhost:8001": ipa_generation}

    def write(self, name: str, example: str) -> str:
        for place, worker in self._places.items():
            example = example.replace(place, worker)
        (self.path / name).write_text(example, encoding="utf-8")
        return name

    def run(self, *command: str) -> str:
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        packages = self.path if (self.path / "shared").exists() else ROOT
        environment = {
            "PATH": path,
            "PYTHONPATH": str(packages),
            "PYTHONIOENCODING": "utf-8",
            "RUNPOD_ENDPOINT_BASE_URL": self._base_url,
            "RUNPOD_API_KEY": "none",
        }
        return process.output(process.run(*command, folder=self.path, environment=os.environ | environment))


@pytest.fixture
def folder(assessment_url: str, ipa_generation_url: str, tmp_path: Path) -> Folder:
    """A folder with the tests' data."""
    (tmp_path / "tests").symlink_to(ROOT / "tests")
    return Folder(tmp_path, assessment_url, ipa_generation_url)


@pytest.fixture
def changed_repository(assessment_url: str, ipa_generation_url: str, tmp_path: Path) -> Callable[[Path], Folder]:
    """A copy of the repository with the files and changes of a page."""

    def change(page: Path) -> Folder:
        for name in PACKAGES:
            source = ROOT / name
            (shutil.copytree if source.is_dir() else shutil.copy)(source, tmp_path / name)
        for fence in fences(page):
            if fence.path:
                (tmp_path / fence.path).write_text(fence.text, encoding="utf-8")
            elif fence.language == "diff":
                subprocess.run(["git", "apply", "-"], input=fence.text, cwd=tmp_path, check=True, text=True)  # noqa: S607
        return Folder(tmp_path, assessment_url, ipa_generation_url)

    return change


def run(example: Example, folder: Folder) -> str:
    """Returns what an example prints."""
    code = example.command.text
    if example.command.language == "python":
        return folder.run(sys.executable, folder.write("example.py", code))
    if example.command.language == "sh":
        return folder.run("bash", "-e", folder.write("example.sh", code))
    (folder.path / "pronunciation.d.ts").symlink_to(ROOT / "shared/schemas/pronunciation.d.ts")
    (folder.path / "node_modules").symlink_to(NODE_PACKAGES.parent)
    folder.run(str(NODE_PACKAGES / "tsc"), *STRICT, folder.write("example.mts", code))
    return folder.run("node", "example.mjs")


def marked(example: Example) -> object:
    """Returns an example as a parameter: skipped where a program is missing that it needs."""
    marks = [needs_node] if example.command.language == "ts" else []
    if "curl" in example.command.text:
        marks.append(pytest.mark.skipif(not shutil.which("curl"), reason="needs curl"))
    return pytest.param(example, id=str(example), marks=marks)


@pytest.mark.parametrize("example", [marked(each) for each in EXAMPLES if each != NEW_ENGINE])
def test_an_example_prints_its_output(example: Example, folder: Folder) -> None:
    printed = run(example, folder)
    if example.output is None:
        assert printed
    elif example.output.language == "json":
        assert json.loads(printed)["output"] == json.loads(example.output.text)
    else:
        assert printed.endswith(example.output.text)


def test_an_engine_is_added_as_the_page_says(changed_repository: Callable[[Path], Folder]) -> None:
    page = ROOT / "docs" / "CONTRIBUTING.md"
    repository = changed_repository(page)
    repository.run("ruff", "check", *(fence.path for fence in fences(page) if fence.path))
    printed = run(NEW_ENGINE, repository)
    assert "4 passed" in printed
    assert "'actual_ipa'" in printed


def test_the_demo_ends_as_the_readme_says(capsys: pytest.CaptureFixture[str]) -> None:
    shown = next(fence.text for fence in fences(ROOT / "README.md") if fence.language == "text")
    demo.main()
    printed = "".join(f"{line.rstrip()}\n" for line in capsys.readouterr().out.splitlines())
    assert shown in printed


@needs_node
def test_typescript_that_is_unsound_is_refused(folder: Folder) -> None:
    (folder.path / "pronunciation.d.ts").symlink_to(ROOT / "shared/schemas/pronunciation.d.ts")
    misspelt = folder.write("example.mts", TYPESCRIPT.command.text.replace("target_ipa:", "target:"))
    with pytest.raises(AssertionError, match="'target' does not exist in type 'AssessmentRequest'"):
        folder.run(str(NODE_PACKAGES / "tsc"), "--noEmit", "--lib", "es2022,dom", misspelt)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_no_fence_is_left_out(page: Path) -> None:
    for fence in fences(page):
        assert fence.language in (*COMMANDS, *OUTPUTS, "diff"), f"nothing runs a fence of {fence.language}"
