"""The local server answers as RunPod does: to RunPod's own SDKs, with nothing changed but the base URL."""

import asyncio
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
import requests
import runpod
from fastapi import HTTPException

from shared.serving import http_server
from shared.serving.http_server import JobQueue, JobRequest
from tests.support.data import DATA, ROOT
from tests.support.node import NODE_PACKAGES, needs_node
from tests.support.process import output, run
from tests.support.sdk_server import free_port, wait_for
from tests.support.server import send, serving

pytestmark = pytest.mark.slow

REQUEST = {"audio_uri": str(DATA / "librivox_0880.wav"), "target_ipa": "hi wəz nɑt ən ɪl dɪspoʊzd jʌŋ mæn"}
BAD_REQUEST = {"audio_uri": "none.wav", "target_ipa": "h1"}
HEALTH = {"jobs", "workers"}


@pytest.fixture(scope="module")
def base_url() -> Iterator[str]:
    """Where both workers are, as `make serve` starts them."""
    ports = {"assessment": free_port(), "ipa_generation": free_port()}
    workers = [f"{name}={port}" for name, port in ports.items()]
    with subprocess.Popen([sys.executable, "-m", "shared.serving.local", *workers], cwd=ROOT) as process:  # noqa: S603
        try:
            for port in ports.values():
                wait_for(process, port)
            yield f"http://localhost:{ports['assessment']}/v2"
        finally:
            process.terminate()


@pytest.fixture
def sdk(base_url: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """RunPod's SDK for Python, as RUNPOD_ENDPOINT_BASE_URL makes it."""
    monkeypatch.setattr(runpod, "endpoint_url_base", base_url)
    return runpod


def test_runpods_sdk_for_python(sdk: Any) -> None:
    endpoint = sdk.Endpoint("assessment", api_key="any")
    job = endpoint.run({"input": REQUEST})
    assert job.status() in ("IN_QUEUE", "IN_PROGRESS", "COMPLETED")
    assert job.output(timeout=60)["score"] == 1.0
    assert job.status() == "COMPLETED"
    assert [chunk["score"] for chunk in job.stream()] == [1.0]
    assert endpoint.run_sync({"input": REQUEST})["score"] == 1.0
    assert endpoint.run_sync({"input": BAD_REQUEST}) is None  # as it is for RunPod's failed jobs
    assert endpoint.health().keys() == HEALTH
    assert endpoint.health()["jobs"]["failed"] == 1
    assert endpoint.purge_queue() == {"removed": 0, "status": "completed"}


def test_another_worker_at_the_same_url(sdk: Any) -> None:
    output = sdk.Endpoint("ipa_generation", api_key="any").run_sync({"input": {"text": "Hello."}})
    assert output["phonemes"] == ["h", "ɛ", "l", "o", "ʊ"]


SCRIPT = """
import runpodSdk from "runpod-sdk";

const [baseUrl, uri] = process.argv.slice(2);
const endpoint = runpodSdk("any", { baseUrl }).endpoint("assessment");
const request = { input: { audio_uri: uri, target_ipa: "hi wəz nɑt ən ɪl dɪspoʊzd jʌŋ mæn" } };

const { output, succeeded } = await endpoint.runSync(request);
console.log(succeeded, output.score);
const { id } = await endpoint.run(request);
console.log((await endpoint.statusSync(id)).status, (await endpoint.status(id)).output.score);
for await (const chunk of endpoint.stream(id)) console.log(chunk.output.score);
console.log(Object.keys(await endpoint.health()).join(), (await endpoint.purgeQueue()).removed);
const failed = await endpoint.runSync({ input: { audio_uri: uri } });
console.log(failed.status, failed.error.split(":")[0]);
const other = runpodSdk("any", { baseUrl }).endpoint("ipa_generation");
console.log((await other.runSync({ input: { text: "See." } })).output.ipa_phonemes);
"""


@needs_node
def test_runpods_sdk_for_javascript(base_url: str, tmp_path: Path) -> None:
    (tmp_path / "node_modules").symlink_to(NODE_PACKAGES.parent)
    (tmp_path / "script.mjs").write_text(SCRIPT, encoding="utf-8")
    printed = output(run("node", "script.mjs", base_url, REQUEST["audio_uri"], folder=tmp_path))
    assert printed.splitlines() == [
        "true 1",
        "COMPLETED 1",
        "1",
        "jobs,workers 0",
        "FAILED invalid_input",
        "/s//i/",
    ]


def test_a_webhook_is_sent_what_the_status_is(base_url: str) -> None:
    received: list[bytes] = []
    came = threading.Event()

    def receive(request: BaseHTTPRequestHandler) -> None:
        received.append(request.rfile.read(int(request.headers["Content-Length"])))
        send(request, b"")
        came.set()

    with serving(receive) as webhook:
        body = {"input": BAD_REQUEST, "webhook": webhook}
        job = requests.post(f"{base_url}/assessment/run", json=body, timeout=60).json()
        assert came.wait(60)
    status = requests.get(f"{base_url}/assessment/status/{job['id']}", timeout=60).json()
    assert json.loads(received[0]) == status
    assert status.keys() == {"id", "status", "error", "delayTime", "executionTime"}


def test_jobs_wait_for_their_turn_and_are_cancelled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_server, "MAX_ENDED", 2)

    async def scenario() -> None:
        go_on = asyncio.Event()

        async def handler(job: dict[str, Any]) -> dict[str, Any]:
            await go_on.wait()
            return dict(job["input"])

        jobs = JobQueue(handler)
        first, second, third = (jobs.add(JobRequest(input={"number": n})) for n in range(3))
        assert await jobs.wait(first, 20) == {"id": first.id, "status": "IN_PROGRESS"}
        assert (second.status, third.status) == ("IN_QUEUE", "IN_QUEUE")
        jobs.cancel(second)
        assert jobs.purge() == 1
        assert (await jobs.wait(third, 1_000))["status"] == "CANCELLED"
        go_on.set()
        assert (await jobs.wait(first, 1_000))["output"] == {"number": 0}
        jobs.cancel(first)
        assert first.status == "COMPLETED"
        fourth = jobs.add(JobRequest(input={"number": 3}))
        assert (await jobs.wait(fourth, 1_000))["output"] == {"number": 3}
        with pytest.raises(HTTPException, match="no such job"):
            jobs[first.id]  # the oldest of those that have ended

    asyncio.run(scenario())
