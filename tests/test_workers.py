"""Both workers as processes, through the real SDK."""

import ast
import json
import os
import subprocess
import sys
import time
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
import requests

from assessment.assess import Assessor
from shared.errors import ModelUnavailableError, NoSpeechError, TimedOutError
from shared.recognizers.loader import load_recognizer
from shared.serving.job import job_context
from shared.serving.settings import Settings
from shared.serving.warm_up import IPA
from shared.serving.worker import is_fatal_cuda_error
from tests.support.data import ROOT
from tests.support.server import send, serving

RESULT = "Job result: "  # how the SDK's log line of an answer begins
JOBS = {
    "assessment": {"audio_uri": str(ROOT / "tests/data/librivox_0880.wav"), "target_ipa": "hi wɑz nɑt ən ɪl"},
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
    line = next(line for line in process.stdout.splitlines() if RESULT in line)
    return ast.literal_eval(line.partition(RESULT)[2])["output"]


@pytest.mark.parametrize("worker", JOBS)
def test_a_job_given_on_the_command_line(worker: str) -> None:
    test_input = ["--test_input", json.dumps({"input": JOBS[worker]})]
    inside = result(run(["handler.py", *test_input], ROOT / worker))
    assert inside == result(run([f"{worker}/handler.py", *test_input], ROOT))


def test_the_demo_runs_both_test_inputs_for_people() -> None:
    process = run(["-m", "assessment.report.demo"], ROOT)
    assert process.returncode == 0, process.stdout + process.stderr
    assert '"actual_ipa": "hiwɑznɑt' in process.stdout
    assert "target  h i w ə z n ɑ t ə n   ɪ l" in process.stdout
    assert "actual  h i w ɑ z n ɑ t æ n d ɪ l" in process.stdout
    assert '"ipa_phonemes": "/h//i// //w//ɑ//z/' in process.stdout
    assert "to see and to hear: build/report.html" in process.stdout
    assert "expected ə, substitution" in (ROOT / "build/report.html").read_text(encoding="utf-8")


def test_a_failed_job_fails_the_process() -> None:
    process = run(["assessment/handler.py", "--test_input", '{"input": {"audio_uri": "x"}}'], ROOT)
    assert process.returncode == 1
    assert "failed with error: invalid_input: the sentence is missing" in process.stdout


@pytest.mark.parametrize(
    ("environment", "complaint"),
    [
        ({"RECOGNIZER": "whisper"}, "RECOGNIZER='whisper'"),
        ({"ALIGNER": ""}, "ALIGNER=''"),
        ({"MAX_AUDIO_SECONDS": "-1"}, "MAX_AUDIO_SECONDS='-1'"),
        ({"MAX_CONCURRENCY": "0"}, "MAX_CONCURRENCY='0'"),
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
    monkeypatch.setitem(
        sys.modules, "shared.recognizers.powsm.recognizer", None
    )  # what an import finds where a package is missing
    with pytest.raises(ModelUnavailableError, match="extra `powsm`"):
        load_recognizer(Settings(recognizer="powsm"))


def test_a_job_out_of_time_ends_before_its_next_stage(assessor: Assessor, monkeypatch: pytest.MonkeyPatch) -> None:
    def send_late(request: BaseHTTPRequestHandler) -> None:
        time.sleep(0.3)
        send(request, (ROOT / "tests/data/librivox_0880.wav").read_bytes())

    monkeypatch.setenv("RUNPOD_ALLOW_PRIVATE_DOWNLOAD_URLS", "1")
    with (
        serving(send_late) as url,
        job_context(limit_seconds=0.2) as record,
        pytest.raises(TimedOutError, match="ran out in the stage `audio`"),
    ):
        assessor.assess(url, IPA)
    assert list(record.stages) == ["audio"]


def test_a_failed_job_has_the_seconds_of_the_stage_that_failed() -> None:
    with job_context(limit_seconds=60) as record, pytest.raises(NoSpeechError), record.stage("recognition"):
        raise NoSpeechError("nothing")
    assert list(record.stages) == ["recognition"]


@pytest.mark.parametrize(
    ("message", "poisoned"),
    [
        ("CUDA error: device-side assert triggered", True),
        ("cuDNN error: CUDNN_STATUS_EXECUTION_FAILED", True),
        ("CUDA out of memory. Tried to allocate 2.00 GiB", False),
        ("list index out of range", False),
    ],
)
def test_errors_that_poison_a_process(message: str, poisoned: bool) -> None:
    assert is_fatal_cuda_error(RuntimeError(message)) is poisoned
    try:
        raise ValueError("in between") from RuntimeError(message)
    except ValueError as error:
        assert is_fatal_cuda_error(error) is poisoned


@pytest.mark.parametrize("worker", JOBS)
def test_the_sdks_http_server(worker: str, request: pytest.FixtureRequest) -> None:
    url = request.getfixturevalue(f"{worker}_url")
    job = {"input": JOBS[worker]}
    answer = requests.post(f"{url}/runsync", json=job, timeout=60).json()
    assert answer["status"] == "COMPLETED"
    queued = requests.post(f"{url}/run", json=job, timeout=60).json()
    later = requests.post(f"{url}/status/{queued['id']}", timeout=60).json()
    assert later["output"] == answer["output"]
