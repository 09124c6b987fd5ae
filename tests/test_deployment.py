"""What a person deploys with: RunPod's files, make's targets, the workflow."""

import json
import os
import re
import shutil
import sys
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
import yaml

pytest.importorskip("docker", reason="the dev extra is not installed")

from shared.serving.settings import Settings
from tests.support.data import ROOT
from tests.support.image import Image
from tests.support.process import Completed, job_output, output, run, run_python
from tests.support.server import send, serving

pytestmark = pytest.mark.slow

IMAGES = {"assessment": "nonce-assessment", "ipa_generation": "nonce-generation"}
WORKERS = tuple(IMAGES)
HUB = ROOT / ".runpod"
WORKFLOW = ROOT / ".github/workflows/images.yml"
# Of RunPod's REST API (https://rest.runpod.io/v1/openapi.json): TemplateCreateInput and EndpointCreateInput.
TEMPLATE_FIELDS = {"name", "imageName", "isServerless", "dockerStartCmd", "containerDiskInGb", "volumeInGb", "env"}
ENDPOINT_FIELDS = {
    *("name", "computeType", "workersMin", "workersMax", "idleTimeout"),
    *("executionTimeoutMs", "scalerType", "scalerValue", "flashboot"),
}
MACHINE_FIELDS = {"GPU": {"gpuTypeIds", "gpuCount", "minCudaVersion"}, "CPU": {"cpuFlavorIds", "vcpuCount"}}


def make(*arguments: str, folder: Path = ROOT) -> Completed:
    return run("make", "--no-print-directory", *arguments, folder=folder)  # which `make test` prints as well


@pytest.mark.parametrize("engine", ["powsm", "embedded"])
def test_deploy_config_is_what_the_rest_api_takes(engine: str) -> None:
    requests = json.loads(
        make("--silent", "deploy-config", "REGISTRY=example", "TAG=v1.2.3", f"ENGINE={engine}").stdout
    )
    assert set(requests) == {*WORKERS, "assessment_embedded"}
    embedded = requests["assessment_embedded"]["template"]
    assert (embedded["imageName"], embedded["category"]) == ("example/nonce-assessment-embedded:v1.2.3", "CPU")
    assert requests["assessment"]["template"]["imageName"] == "example/nonce-assessment:v1.2.3"
    assert requests["ipa_generation"]["template"]["imageName"] == "example/nonce-generation:v1.2.3"
    assert requests["assessment"]["endpoint"]["name"] == "pronunciation-assessment"
    assert requests["ipa_generation"]["endpoint"]["name"] == "ipa-generation"
    for worker, request in requests.items():
        assert request["template"]["name"] == request["endpoint"]["name"]
        assert request["template"]["dockerStartCmd"] == ["python", f"{worker.removesuffix('_embedded')}/handler.py"]
        assert set(request["template"]) - {"category"} == TEMPLATE_FIELDS
        assert set(request["endpoint"]) == ENDPOINT_FIELDS | MACHINE_FIELDS[request["endpoint"]["computeType"]]
        assert {name.lower() for name in request["template"]["env"]} <= set(Settings.model_fields)


def test_deploy_creates_a_template_and_an_endpoint_for_each_worker() -> None:
    received: list[tuple[str, dict[str, Any]]] = []

    def create(request: BaseHTTPRequestHandler) -> None:
        assert request.headers["Authorization"] == "Bearer secret"
        body = json.loads(request.rfile.read(int(request.headers["Content-Length"])))
        received.append((request.path, body))
        send(request, json.dumps({"id": f"id-{len(received)}", "name": body["name"]}).encode())

    with serving(create) as url:
        command = make("--dry-run", "deploy", "REGISTRY=example", "TAG=v1.2.3").stdout.replace("\\\n", "").split()
        created = run(*command, "--url", url.rstrip("/"), environment=os.environ | {"RUNPOD_API_KEY": "secret"})
    assert output(created) == "pronunciation-assessment id-2\nipa-generation id-4\n"
    assert [path for path, _ in received] == ["/templates", "/endpoints"] * 2
    assert received[0][1]["imageName"] == "example/nonce-assessment:v1.2.3"
    assert received[3][1]["templateId"] == "id-3"


def test_deploy_says_what_the_api_refuses() -> None:
    with serving(lambda request: send(request, b'{"error":\n"name is taken"}', status=400)) as url:
        command = [sys.executable, ".runpod/endpoints.py", "--create", "assessment", "--url", url.rstrip("/")]
        images = [f"--image={worker}=x" for worker in ("assessment", "ipa_generation", "assessment_embedded")]
        refused = run(*command, *images, environment=os.environ | {"RUNPOD_API_KEY": "secret"})
        without_key = {name: value for name, value in os.environ.items() if name != "RUNPOD_API_KEY"}
        unknown = run(*command, *images, environment=without_key)
    assert refused.stderr == f'{url}templates answered 400: {{"error": "name is taken"}}\n'
    assert unknown.stderr == "set RUNPOD_API_KEY to a key with write access\n"


def test_digests_are_written_into_the_dockerfiles_and_renewed(repository: Path) -> None:
    for folder in (*WORKERS, ".runpod"):
        (repository / folder).mkdir()
        shutil.copy(ROOT / folder / "Dockerfile", repository / folder)
    docker = repository / "docker"
    path = os.pathsep.join([str(repository), os.environ["PATH"]])
    for digest in ("sha256:0123", "sha256:abcd"):
        docker.write_text(f"#!/bin/sh\necho {digest}\n")
        docker.chmod(0o755)
        output(run("make", "digests", folder=repository, environment=os.environ | {"PATH": path}))
        bases = re.findall(r"^FROM ([a-z].*)", (repository / "assessment/Dockerfile").read_text(), re.MULTILINE)
        assert bases == [
            f"python:3.11-slim-bookworm@{digest} AS embedded",
            f"mambaorg/micromamba:2.3.3@{digest} AS powsm",
        ]
        assert f"FROM python:3.11-slim-bookworm@{digest}\n" in (repository / "ipa_generation/Dockerfile").read_text()


@pytest.mark.parametrize("worker", WORKERS)
def test_build_is_the_command_for_both_images(worker: str) -> None:
    commands = make("--dry-run", "build", "REGISTRY=example").stdout
    image = f"example/{IMAGES[worker]}"
    assert f"docker build --file {worker}/Dockerfile --tag {image}:{version()} --tag {image}:latest" in commands


def test_one_image_alone() -> None:
    commands = make("--dry-run", "build", "push", "WORKERS=assessment", "TAG=a-branch").stdout
    assert "docker push ucede/nonce-assessment:a-branch" in commands
    assert "ipa" not in commands


def test_an_image_for_cpus() -> None:
    commands = make("--dry-run", "build", "push", "ENGINE=embedded", "REGISTRY=example").stdout
    assert "docker build --file assessment/Dockerfile --tag example/nonce-assessment-embedded:" in commands
    assert "--build-arg ENGINE=embedded" in commands
    assert "generation" not in commands


@pytest.mark.parametrize("worker", WORKERS)
def test_an_image_is_labelled_with_its_name(worker: str) -> None:
    assert f'image.title="{IMAGES[worker]}"' in (ROOT / worker / "Dockerfile").read_text()


def test_help_lists_every_target() -> None:
    listed = {line.split()[0] for line in make("help").stdout.splitlines()}
    lines = [line for line in (ROOT / "Makefile").read_text().splitlines() if line.startswith(".PHONY:")]
    targets = {name for line in lines for name in line.removeprefix(".PHONY:").split() if not name.startswith("$")}
    assert listed == targets


def version() -> str:
    return make("--silent", "version").stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with this one's version, changes and Makefile."""
    for name in ("Makefile", "pyproject.toml", "CHANGELOG.md"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / ".gitignore").write_text(".venv\n")
    (tmp_path / ".venv/bin").mkdir(parents=True)
    (tmp_path / ".venv/bin/uv").symlink_to(Path(sys.prefix) / "bin/uv")
    (tmp_path / ".venv/uv").touch()
    git("init", "--quiet", folder=tmp_path)
    git("config", "user.name", "A developer", folder=tmp_path)
    git("config", "user.email", "developer@example.com", folder=tmp_path)
    git("add", ".", folder=tmp_path)
    git("commit", "--quiet", "--message", "All", folder=tmp_path)
    return tmp_path


def git(*arguments: str, folder: Path) -> str:
    return output(run("git", *arguments, folder=folder))


def test_tag_sets_the_version_of_both_images(repository: Path) -> None:
    output(make("tag", "VERSION=v12.3.4", folder=repository))
    assert git("describe", folder=repository).strip() == "v12.3.4"
    assert git("diff", "--name-only", "HEAD~1", folder=repository).split() == ["CHANGELOG.md", "pyproject.toml"]
    assert make("--silent", "version", folder=repository).stdout.strip() == "v12.3.4"
    assert "there is a tag v12.3.4" in make("tag", "VERSION=v12.3.4", folder=repository).stderr


def test_tag_dates_what_is_unreleased(repository: Path) -> None:
    before = (repository / "CHANGELOG.md").read_text(encoding="utf-8")
    output(make("tag", "VERSION=v12.3.4", folder=repository))
    after = (repository / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.sub(r"\n\n## \[12\.3\.4\] - \d{4}-\d\d-\d\d$", "", after, flags=re.MULTILINE) == before != after


def test_tag_refuses_what_is_no_version_and_what_is_not_committed(repository: Path) -> None:
    assert "make tag VERSION=v1.0.0" in make("tag", "VERSION=1", folder=repository).stderr
    (repository / "Makefile").open("a").write("\n")
    assert "not committed" in make("tag", "VERSION=v12.3.4", folder=repository).stderr
    assert not git("tag", folder=repository)


def test_tag_changes_nothing_where_git_cannot_commit(repository: Path) -> None:
    git("config", "user.name", "", folder=repository)
    assert "empty ident name" in make("tag", "VERSION=v12.3.4", folder=repository).stderr
    assert not git("status", "--short", folder=repository)


def test_the_hubs_variables_are_settings() -> None:
    config = json.loads((HUB / "hub.json").read_text())["config"]
    inputs = {variable["key"]: variable["input"]["default"] for variable in config["env"]}
    assert inputs == {name: Settings.model_fields[name.lower()].default for name in inputs}


def test_the_hubs_tests_are_answered() -> None:
    for test in json.loads((HUB / "tests.json").read_text())["tests"]:
        job = json.dumps({"input": test["input"]})
        answer = job_output(run_python("assessment/handler.py", "--test_input", job))
        assert answer["actual_ipa"][:7] in ("hiwɑznɑ", "hiwəznɑ")


def test_the_hub_builds_the_assessment_image() -> None:
    # A file, since BuildKit does not read a Dockerfile by a link out of its folder.
    assert (HUB / "Dockerfile").read_text() == (ROOT / "assessment/Dockerfile").read_text(), "make docs"
    assert (HUB / "handler.py").resolve() == ROOT / "assessment/handler.py"


def test_the_workflow_is_one() -> None:
    output(run_python("-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows", WORKFLOW))


@pytest.mark.parametrize("worker", WORKERS)
def test_the_workflow_builds_an_image_whose_inputs_changed(worker: str) -> None:
    workflow = yaml.safe_load(WORKFLOW.read_text())
    [step] = [step for step in workflow["jobs"]["changes"]["steps"] if step.get("id") == "changed"]
    watched = {pattern.removesuffix("/**") for pattern in yaml.safe_load(step["with"]["filters"])[worker]}
    copies = Image.read((ROOT / worker / "Dockerfile").read_text()).copies
    assert watched == {".dockerignore", *(source.partition("/")[0] for sources, _ in copies for source in sources)}
