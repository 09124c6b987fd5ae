"""What is used of the SDK's internals is as it was when it was read."""

import hashlib
import importlib.metadata
import inspect
from collections.abc import Callable
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

from shared.serving import runpod_sdk
from tests.support.process import output, run_python

# The code that `shared/serving/runpod_sdk.py` and the workers' start rely on. Where it changes, read it, then write
# its digest.
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


def test_the_sdk_is_imported_without_asking_for_the_processors_name() -> None:
    """py-cpuinfo starts another Python for it: half a second of each start."""
    load = (
        "import cpuinfo\n"
        "asked = cpuinfo.get_cpu_info\n"
        "import assessment.handler, ipa_generation.handler\n"
        "from runpod.serverless.utils import rp_debugger\n"
        "print(rp_debugger.PROCESSOR, cpuinfo.get_cpu_info is asked)"
    )
    assert output(run_python("-c", load)).splitlines()[-1] == "Unable to get processor info. True"


def test_what_our_modules_log_goes_to_the_sdks_log_and_what_libraries_log_nowhere() -> None:
    log = (
        "import logging\n"
        "from shared.serving.runpod_sdk import configure_logging\n"
        "configure_logging()\n"
        "logging.getLogger('shared.recognizers.powsm.model').warning('slow')\n"
        "logging.getLogger('urllib3').error('a signed URL')"
    )
    process = run_python("-c", log)
    assert output(process).splitlines()[-1] == "WARN   | slow"
    assert "signed" not in process.stdout + process.stderr
