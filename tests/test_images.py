"""The images' trees and requirements, tried without Docker: each worker in a copy of what its image will have."""

import ast
import importlib.metadata
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("docker", reason="the dev extra is not installed")

from shared.phonology.ipa import parse_words, with_boundaries
from tests.support.data import CLIP_IPA, DATA, POWSM_MINI, ROOT
from tests.support.image import Image, install, megabytes, uv
from tests.support.process import Completed, job_output, output, run

pytestmark = pytest.mark.slow

WORKERS = ("assessment", "ipa_generation")
CLIP = "librivox_0880"
IPA = CLIP_IPA[CLIP]
SPOKEN = IPA.replace(" ", "")
AUDIO = str(DATA / f"{CLIP}.wav")
TEXT = (DATA / f"{CLIP}.txt").read_text().strip()
JOBS = [
    ("assessment", {"audio_uri": AUDIO, "target_ipa": IPA}, {"actual_ipa": SPOKEN, "score": 1.0, "errors": []}),
    ("assessment", {"audio_uri": AUDIO, "target_ipa": IPA, "target_text": TEXT}, {"score": 1.0}),
    ("assessment", {"audio_uri": AUDIO, "target_text": "hello"}, {"target_ipa": "/h//ɛ//l//o//ʊ/"}),
    ("ipa_generation", {"text": TEXT, "audio_uri": AUDIO}, {"phonemes": with_boundaries(parse_words(IPA))}),
    ("ipa_generation", {"text": "hello"}, {"phonemes": ["h", "ɛ", "l", "o", "ʊ"]}),
]
# In place of the model and the aligner that an image has, and of a network.
SUBSTITUTES = {
    "POWSM_MODEL": str(POWSM_MINI),
    "POWSM_DEVICE": "cpu",
    "ALIGNER": "ctc",
    "HTTP_PROXY": "http://localhost:9",
    "HTTPS_PROXY": "http://localhost:9",
}
# Packages that the code can import and an image lacks: the embedded engine's, and conda-forge's.
MAX_EMBEDDED_MEGABYTES = 700
ELSEWHERE = {
    "assessment": {"kalpy", "montreal_forced_aligner", "viter"},
    "ipa_generation": {"kalpy", "montreal_forced_aligner", "viter"},
}
COPY_LINES = [
    (worker, line)
    for worker in WORKERS
    for line in re.findall(r"^COPY (?!.*\.lock).*\n", (ROOT / worker / "Dockerfile").read_text(), re.MULTILINE)
]


def image_of(worker: str, without: str = "", engine: str = "powsm") -> Image:
    """Returns the image of a worker's Dockerfile, or of what is left of it."""
    return Image.read((ROOT / worker / "Dockerfile").read_text().replace(without, ""), engine)


@pytest.fixture(scope="module")
def environment() -> Path:
    """A new virtual environment."""
    folder = Path(sys.prefix) / "image"
    uv("venv", "--clear", "--python", sys.executable, str(folder))
    return folder


@pytest.fixture
def requirements(worker: str, environment: Path) -> Path:
    """The environment with a worker's requirements, and nothing else."""
    install(ROOT / worker / "requirements.lock", environment)
    return environment


def run_job(image: Image, job: dict[str, str], tree: Path, environment: Path) -> Completed:
    image.assemble(tree)
    return image.run(tree, environment, ["--test_input", json.dumps({"input": job})], **SUBSTITUTES)


@pytest.mark.parametrize(("worker", "job", "expected"), JOBS)
def test_an_image_has_all_that_its_worker_needs(
    worker: str,
    job: dict[str, str],
    expected: dict[str, Any],
    requirements: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    process = run_job(image_of(worker), job, tmp_path, requirements)
    answer = job_output(process)
    assert {field: answer[field] for field in expected} == expected
    assert "nltk" not in process.stdout + process.stderr  # whose data ESPnet's modules can ask the network for
    with capsys.disabled():
        print(f"\n{worker}: {megabytes(tmp_path):.1f} MB of code, {megabytes(requirements):,.0f} MB of requirements")


def test_the_image_for_cpus_has_the_embedded_engine_and_no_pytorch(
    environment: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    install(ROOT / "assessment/embedded.lock", environment)
    image = image_of("assessment", engine="embedded")
    image.assemble(tmp_path)
    job = json.dumps({"input": {"audio_uri": AUDIO, "target_ipa": IPA}})
    answer = job_output(image.run(tmp_path, environment, ["--test_input", job]))
    assert (answer["score"], answer["errors"]) == (1.0, [])
    assert "aligned_by" not in answer  # by the acoustic model
    assert not {"torch", "espnet", "librosa", "numba"} & pins(ROOT / "assessment/embedded.lock").keys()
    assert megabytes(environment) < MAX_EMBEDDED_MEGABYTES
    with capsys.disabled():
        print(f"\nassessment, embedded engine: {megabytes(environment):,.0f} MB of requirements")


@pytest.mark.parametrize("worker", WORKERS)
def test_an_image_lacks_no_module_but_those_of_other_engines(worker: str, requirements: Path, tmp_path: Path) -> None:
    image_of(worker).assemble(tmp_path)
    modules = {name for source in tmp_path.rglob("*.py") for name in imported(ast.parse(source.read_text()))}
    find = "import sys, importlib.util as i; print(*(name for name in sys.argv[1:] if not i.find_spec(name)))"
    missing = output(run(requirements / "bin/python", "-c", find, *modules, folder=tmp_path))
    assert set(missing.split()) == ELSEWHERE[worker]


def imported(module: ast.Module) -> Iterator[str]:
    """Yields the packages that a module imports, wherever in it."""
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.partition(".")[0]


@pytest.mark.parametrize(("worker", "line"), COPY_LINES)
def test_a_removed_copy_line_is_found(worker: str, line: str, requirements: Path, tmp_path: Path) -> None:
    process = run_job(image_of(worker, without=line), {}, tmp_path, requirements)
    assert process.returncode != 0
    assert f"No module named '{line.split()[1]}" in process.stderr or "can't open file" in process.stderr


@pytest.mark.parametrize(("worker", "package"), [("assessment", "av"), ("ipa_generation", "gruut")])
def test_a_removed_requirement_is_found(worker: str, package: str, requirements: Path, tmp_path: Path) -> None:
    uv("pip", "uninstall", "--python", str(requirements), package)
    process = run_job(image_of(worker), {}, tmp_path, requirements)
    assert process.returncode != 0
    assert f"No module named '{package}'" in process.stderr


@pytest.mark.parametrize("worker", WORKERS)
def test_a_lock_has_the_pins_of_its_requirements(worker: str) -> None:
    lock = pins(ROOT / worker / "requirements.lock")
    assert pins(ROOT / worker / "requirements.txt").items() <= lock.items()
    assert lock["nvidia-cuda-runtime-cu12"].startswith("12.8.")


def test_the_tests_run_with_what_the_images_have() -> None:
    workers = [pins(ROOT / worker / "requirements.lock") for worker in WORKERS]
    locks = [*workers, pins(ROOT / "assessment/embedded.lock"), pins(ROOT / "tests/requirements.lock")]
    for package in set.union(*map(set, locks)):
        assert len({lock[package] for lock in locks if package in lock}) == 1, package
    installed = {name: version for lock in workers for name, version in lock.items()}
    assert {name: importlib.metadata.version(name) for name in installed} == installed


def pins(path: Path) -> dict[str, str]:
    """Returns the versions that a requirements file and those that it names say."""
    text = path.read_text()
    found = dict(re.findall(r"^([\w.-]+)==(\S+)", text, re.MULTILINE))
    for other in re.findall(r"^-r (\S+)", text, re.MULTILINE):
        found |= pins(path.parent / other)
    return found


@pytest.mark.parametrize("worker", WORKERS)
def test_a_change_of_code_runs_no_command_again(worker: str) -> None:
    _, _, after_code = (ROOT / worker / "Dockerfile").read_text().partition("COPY shared")
    assert after_code
    assert "\nRUN " not in after_code


@pytest.mark.parametrize("worker", WORKERS)
def test_hadolint_finds_nothing(worker: str) -> None:
    output(run(Path(sys.prefix) / "bin" / "hadolint", f"{worker}/Dockerfile"))
