"""What is used of the SDK's internals is as it was when it was read."""

import hashlib
import importlib.metadata
import inspect
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import runpod
from runpod.http_client import AsyncClientSession
from runpod.serverless import worker
from runpod.serverless.modules.rp_job import handle_job, run_job
from runpod.serverless.modules.rp_local import run_local
from runpod.serverless.modules.rp_logger import RunPodLogger
from runpod.serverless.modules.rp_scale import JobScaler
from runpod.serverless.modules.worker_state import Job, JobsProgress
from runpod.serverless.utils import rp_ssrf

from shared import runpod_sdk

# The code that `shared/runpod_sdk.py` and the workers' start rely on. Where it changes, read it, then write its digest.
DIGESTS: dict[Callable[..., Any], str] = {
    runpod.serverless.start: "aa3f846dcfc5",
    runpod.serverless._set_config_args: "7d9129c8df0f",
    worker._is_local: "5408b22720ea",
    run_local: "e3f053c646c6",
    run_job: "3d5c3ab8a46d",
    handle_job: "849f93639768",
    AsyncClientSession: "1c7910233ce3",
    Job: "dba462d657ec",
    JobsProgress: "36fc501c771d",
    JobScaler: "b9b75d9270a3",
    RunPodLogger: "41935b62649a",
    rp_ssrf.is_safe_address: "5087203e7fae",
    rp_ssrf._ssrf_protection_enabled: "cf17b7bbc68f",
}


def digest(code: Callable[..., Any]) -> str:
    return hashlib.sha256(inspect.getsource(code).encode()).hexdigest()[:12]


def test_the_version_is_the_one_that_was_read() -> None:
    assert importlib.metadata.version("runpod") == runpod_sdk.VERSION


@pytest.mark.parametrize("code", DIGESTS, ids=lambda code: code.__qualname__)
def test_its_code_is_what_was_read(code: Callable[..., Any]) -> None:
    assert digest(code) == DIGESTS[code]


def test_the_command_line_is_the_sdks_and_ours() -> None:
    options = {option for action in runpod.serverless.parser._actions for option in action.option_strings}
    assert {"--rp_serve_api", "--rp_api_host", "--rp_api_port", "--test_input"} <= options
    assert "--allow_local_files" not in options


@pytest.fixture
def _new_command_line() -> Iterator[None]:
    """The command line is read anew, in this test and after it."""
    runpod_sdk.command_line.cache_clear()
    yield
    runpod_sdk.command_line.cache_clear()


@pytest.mark.usefixtures("_new_command_line")
@pytest.mark.parametrize(
    ("arguments", "environment", "allowed"),
    [
        ([], {}, True),
        (["--rp_serve_api"], {}, True),
        (["--rp_serve_api", "--rp_api_host", "127.0.0.2"], {}, True),
        (["--rp_serve_api", "--rp_api_host", "::1"], {}, True),
        (["--rp_serve_api", "--rp_api_host", "0.0.0.0"], {}, False),  # noqa: S104 (nothing is bound)
        (["--rp_serve_api", "--rp_api_host", "::"], {}, False),
        (["--rp_serve_api", "--rp_api_host", "192.168.0.7"], {}, False),
        (["--rp_serve_api", "--rp_api_host", "laptop.example"], {}, False),
        (["--rp_serve_api", "--rp_api_host", "192.168.0.7", "--allow_local_files"], {}, True),
        (["--allow_local_files"], {runpod_sdk.QUEUE_VARIABLE: "https://queue.example/job-take/$ID"}, False),
        (["--allow_local_files"], {runpod_sdk.REALTIME_VARIABLE: "80"}, False),
    ],
)
def test_local_files_are_for_requests_from_this_machine(
    arguments: list[str], environment: dict[str, str], allowed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", ["handler.py", *arguments])
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert runpod_sdk.local_files_allowed() is allowed
