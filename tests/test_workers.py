"""Both workers as processes, through the real SDK."""

import ast
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import requests

from assessment import demo
from shared.errors import ModelUnavailableError
from shared.recognizer import load_recognizer
from shared.settings import Settings

ROOT = Path(__file__).parents[1]
JOBS = {
    "assessment": {"audio": str(ROOT / "tests/data/librivox_0880.wav"), "target_ipa": "hi wɑz nɑt ən ɪl"},
    "ipa_generation": {"text": "hello"},
}


def run(arguments: list[str], folder: Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(  # noqa: S603
        [sys.executable, *arguments],
        cwd=folder,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=120,
    )


def result(process: "subprocess.CompletedProcess[str]") -> Any:
    assert process.returncode == 0, process.stdout + process.stderr
    line = next(line for line in process.stdout.splitlines() if demo.RESULT in line)
    return ast.literal_eval(line.partition(demo.RESULT)[2])["output"]


@pytest.mark.parametrize("worker", JOBS)
def test_a_job_given_on_the_command_line(worker: str) -> None:
    test_input = ["--test_input", json.dumps({"input": JOBS[worker]})]
    inside = result(run(["handler.py", *test_input], ROOT / worker))
    assert inside == result(run([f"{worker}/handler.py", *test_input], ROOT))


def test_the_demo_runs_both_test_inputs_for_people() -> None:
    process = run(["-m", "assessment.demo"], ROOT)
    assert process.returncode == 0, process.stdout + process.stderr
    assert '"actual_ipa": "hiwɑznɑt' in process.stdout
    assert "target  h i w ə z n ɑ t ə n   ɪ l" in process.stdout
    assert "heard   h i w ɑ z n ɑ t æ n d ɪ l" in process.stdout
    assert '"ipa_phonemes": "/h//i// //w//ɑ//z/' in process.stdout


def test_a_failed_job_fails_the_process() -> None:
    process = run(["assessment/handler.py", "--test_input", '{"input": {"audio": "x"}}'], ROOT)
    assert process.returncode == 1
    assert "failed with error: invalid_input: target_ipa: Field required" in process.stdout


@pytest.mark.parametrize(
    ("environment", "complaint"),
    [
        ({"RECOGNIZER": "whisper"}, "RECOGNIZER='whisper'"),
        ({"ALIGNER": ""}, "ALIGNER=''"),
        ({"MAX_AUDIO_SECONDS": "-1"}, "MAX_AUDIO_SECONDS='-1'"),
        ({"MFA_ACOUSTIC_MODEL": "no_such_model"}, "model_unavailable: MFA_ACOUSTIC_MODEL=no_such_model"),
    ],
)
def test_a_wrong_setting_is_an_error_at_start(environment: dict[str, str], complaint: str) -> None:
    process = run(["assessment/handler.py", "--test_input", '{"input": {}}'], ROOT, **environment)
    assert process.returncode == 1
    assert complaint in process.stderr
    assert "Traceback" not in process.stderr


def test_settings_are_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAX_AUDIO_SECONDS", "12.5")
    monkeypatch.setenv("ALIGNER", "ctc")
    settings = Settings()
    assert (settings.max_audio_seconds, settings.aligner, settings.recognizer) == (12.5, "ctc", "hama")


def test_an_engine_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "shared.powsm", None)  # what an import finds where a package is missing
    with pytest.raises(ModelUnavailableError, match="extra `powsm`"):
        load_recognizer(Settings(recognizer="powsm"))


@pytest.mark.parametrize("worker", JOBS)
def test_the_sdks_http_server(worker: str, request: pytest.FixtureRequest) -> None:
    url = request.getfixturevalue(f"{worker}_url")
    job = {"input": JOBS[worker]}
    answer = requests.post(f"{url}/runsync", json=job, timeout=60).json()
    assert answer["status"] == "COMPLETED"
    queued = requests.post(f"{url}/run", json=job, timeout=60).json()
    later = requests.post(f"{url}/status/{queued['id']}", timeout=60).json()
    assert later["output"] == answer["output"]
