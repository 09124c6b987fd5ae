"""Both workers as processes, through the real SDK."""

import json
import os
import time
from http.server import BaseHTTPRequestHandler

import pytest
import requests

from assessment.assess import Assessor
from shared.audio.limits import AudioSources
from shared.errors import NoSpeechError, TimedOutError
from shared.serving.job import is_fatal_cuda_error
from shared.serving.record import job_context
from shared.serving.settings import Settings
from shared.serving.warm_up import IPA
from tests.support.data import DATA, ROOT
from tests.support.process import job_output, output, run_python
from tests.support.sdk_server import sdk_server
from tests.support.server import send, serving

pytestmark = pytest.mark.slow

JOBS = {
    "assessment": {"audio_uri": str(DATA / "librivox_0880.wav"), "target_ipa": "hi wɑz nɑt ən ɪl"},
    "ipa_generation": {"text": "hello"},
}


@pytest.mark.parametrize("worker", JOBS)
def test_a_job_given_on_the_command_line(worker: str) -> None:
    test_input = ["--test_input", json.dumps({"input": JOBS[worker]})]
    inside = job_output(run_python("handler.py", *test_input, folder=ROOT / worker))
    assert inside == job_output(run_python(f"{worker}/handler.py", *test_input))


def test_the_demo_runs_both_test_inputs_for_people() -> None:
    shown = output(run_python("-m", "assessment.report.demo"))
    assert '"actual_ipa": "' in shown
    assert "target  h i w ə z n ɑ t ə n ɪ l" in shown
    assert "substitute: expected k, actual p" in shown
    assert '"ipa_phonemes": "/' in shown
    assert "report with audio: build/report.html" in shown
    assert "expected k, substitution" in (ROOT / "build/report.html").read_text(encoding="utf-8")


def test_a_failed_job_fails_the_process() -> None:
    process = run_python("assessment/handler.py", "--test_input", '{"input": {"audio_uri": "x"}}')
    assert process.returncode == 1
    assert "failed with error: invalid_input: the sentence is missing" in process.stdout


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [([], "no job: this is not RunPod"), (["--test_input", '{"text": "hello"}'], "--test_input has no `input`")],
)
def test_a_wrong_command_line_is_one_line_before_the_models_load(arguments: list[str], complaint: str) -> None:
    process = run_python("ipa_generation/handler.py", *arguments)
    assert process.returncode == 1
    assert process.stdout == ""
    assert process.stderr.startswith(complaint)
    assert process.stderr.count("\n") == 1


def test_test_input_in_the_working_directory() -> None:
    assert job_output(run_python("handler.py", folder=ROOT / "ipa_generation"))["ipa_phonemes"]


@pytest.mark.parametrize(("switch", "code"), [([], "audio_forbidden"), (["--allow_local_files"], "audio_unreachable")])
def test_a_path_in_a_request_from_another_machine(switch: list[str], code: str) -> None:
    """Whether there is such a file is no business of theirs."""
    with sdk_server("ipa_generation", "--rp_api_host", "0.0.0.0", *switch) as url:  # noqa: S104
        job = {"input": {"text": "hello", "audio_uri": "/no/such/file.wav"}}
        answer = requests.post(f"{url}/runsync", json=job, timeout=60).json()
    assert answer["error"].startswith(f"{code}: ")


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
    process = run_python("assessment/handler.py", "--test_input", '{"input": {}}', environment=os.environ | environment)
    assert process.returncode == 1
    assert complaint in process.stderr
    assert "Traceback" not in process.stderr


def test_settings_are_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAX_AUDIO_SECONDS", "12.5")
    monkeypatch.setenv("ALIGNER", "ctc")
    settings = Settings()
    assert (settings.max_audio_seconds, settings.aligner, settings.recognizer) == (12.5, "ctc", "moonshine")


@pytest.mark.parametrize(
    ("package", "environment", "complaint"),
    [
        ("onnxruntime", {}, "encoder_model.ort needs the package `onnxruntime` installed"),
        ("torch", {"RECOGNIZER": "powsm"}, "RECOGNIZER=powsm needs the extra `powsm` installed"),
        ("viter", {"MFA_RUNTIME": "viter"}, "MFA_RUNTIME=viter needs viter installed"),
        ("kalpy", {"MFA_RUNTIME": "kalpy"}, "MFA_RUNTIME=kalpy needs kalpy installed"),
    ],
)
def test_an_engine_whose_package_is_missing_is_one_line_at_start(
    package: str, environment: dict[str, str], complaint: str
) -> None:
    without_package = (
        "import runpy, sys\n"
        "class Missing:\n"
        "    def find_spec(self, name, *rest):\n"
        f"        if name.partition('.')[0] == {package!r}:\n"
        "            raise ModuleNotFoundError(f'No module named {name!r}', name=name)\n"
        "sys.meta_path.insert(0, Missing())\n"
        "runpy.run_path('assessment/handler.py', run_name='__main__')"
    )
    command = ["-c", without_package, "--rp_serve_api", "--rp_api_port", "0"]
    process = run_python(*command, environment=os.environ | environment)
    assert process.returncode == 1
    [line] = process.stderr.splitlines()
    assert line.startswith(f"model_unavailable: {complaint}")


def test_a_job_out_of_time_ends_before_its_next_stage() -> None:
    assessor = Assessor(Settings(), AudioSources(private_addresses=True))

    def send_late(request: BaseHTTPRequestHandler) -> None:
        time.sleep(0.3)
        send(request, (DATA / "librivox_0880.wav").read_bytes())

    with (
        serving(send_late) as url,
        job_context(limit_seconds=0.2) as record,
        pytest.raises(TimedOutError, match="ran out in the stage `audio`"),
    ):
        assessor.assess(url, IPA)
    assert list(record.stages) == ["target", "audio"]


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
def test_fatal_cuda_errors_are_recognized(message: str, poisoned: bool) -> None:
    assert is_fatal_cuda_error(RuntimeError(message)) is poisoned
    try:
        raise ValueError("in between") from RuntimeError(message)
    except ValueError as error:
        assert is_fatal_cuda_error(error) is poisoned


@pytest.mark.parametrize("worker", JOBS)
def test_the_http_server(worker: str, request: pytest.FixtureRequest) -> None:
    url = request.getfixturevalue(f"{worker}_url")
    job = {"input": JOBS[worker]}
    answer = requests.post(f"{url}/runsync", json=job, timeout=60).json()
    assert answer["status"] == "COMPLETED"
    queued = requests.post(f"{url}/run", json=job, timeout=60).json()
    later = requests.post(f"{url}/status/{queued['id']}", timeout=60).json()
    assert later["output"] == answer["output"]
