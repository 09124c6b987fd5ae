"""A worker called over HTTP, on RunPod or on this machine, with retries."""

import base64
import json
import mimetypes
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import requests
from pydantic import TypeAdapter, ValidationError
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from shared.errors import AudioUnreachableError, ServiceError, TimedOutError

Route = Literal["run", "runsync"]

MAX_BYTES: dict[Route, int] = {"run": 10_000_000, "runsync": 20_000_000}  # what RunPod takes

MAX_RETRIES = 4
BACKOFF_SECONDS = 1.0  # doubled each time
POLL_SECONDS, LOCAL_POLL_SECONDS = 1.0, 0.05
TIMEOUT_SECONDS = 120  # RunPod answers /runsync within 90

UNFINISHED = ("IN_QUEUE", "IN_PROGRESS")
RETRYABLE_STATUSES = (408, 429, 500, 502, 503, 504)
RETRYABLE_CODES = (ServiceError.code, AudioUnreachableError.code, TimedOutError.code)
REFUSALS = {401: "check the API key", 403: "check the API key", 404: "check the endpoint's id or the URL"}

RUNPOD_URL = "https://api.runpod.ai/v2"
# As RunPod's SDK has them.
ID_VARIABLE, KEY_VARIABLE, URL_VARIABLE = "RUNPOD_ENDPOINT_ID", "RUNPOD_API_KEY", "RUNPOD_ENDPOINT_BASE_URL"


@dataclass(frozen=True)
class WorkerKind:
    """A worker's name, its answer, and how the errors begin with which `another` worker shows itself."""

    name: str
    answer: TypeAdapter[Any]
    another: str
    complaints_of_another: tuple[str, ...]


class JobError(Exception):
    """One job has no answer; others may have."""


class EndpointError(Exception):
    """No job can be answered."""


def job_body(request: dict[str, Any], route: Route) -> bytes:
    """Returns the body that asks for a job. Raises JobError where RunPod takes less."""
    body = json.dumps({"input": request}, ensure_ascii=False).encode()
    if len(body) > MAX_BYTES[route]:
        raise JobError(f"{len(body):,} bytes are too many for /{route}; send the recording by URL")
    return body


def is_remote(uri: str) -> bool:
    """Returns whether a recording is no file of this machine."""
    return uri.lower().startswith(("https:", "http:", "data:"))


def data_uri(path: str) -> str:
    """Returns a recording on this machine as a `data:` URI. Raises JobError where it can't be read."""
    try:
        recording = base64.b64encode(Path(path).read_bytes()).decode()
    except OSError as error:
        raise JobError(f"{path}: {error.strerror}") from error
    media_type = mimetypes.guess_type(path)[0] or "application/octet-stream"
    return f"data:{media_type};base64,{recording}"


class Endpoint:
    """A worker's address, and how jobs are sent there. Threads may share it."""

    def __init__(self, kind: WorkerKind, url: str, key: str | None, route: Route, connections: int) -> None:
        """Takes the URL of one of RunPod's endpoints with a key, of a local server without one."""
        self._kind = kind
        self._url = url.rstrip("/")
        self._route: Route = route
        self._on_runpod = key is not None
        self._session = requests.Session()
        self._session.headers["Content-Type"] = "application/json"
        if key:
            self._session.headers["Authorization"] = f"Bearer {key}"
        retries = Retry(
            MAX_RETRIES,
            backoff_factor=BACKOFF_SECONDS,
            status_forcelist=RETRYABLE_STATUSES,
            allowed_methods=None,  # POST too: a job that is run twice has one answer
            raise_on_status=False,
        )
        for scheme in ("https://", "http://"):
            self._session.mount(scheme, HTTPAdapter(max_retries=retries, pool_maxsize=connections))

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """Returns the `output` of a job. Retries what may pass.

        Raises JobError, or EndpointError where no job can be answered: the answer of another worker shows it too.
        """
        body = job_body(request, self._route)
        for retry in range(MAX_RETRIES + 1):
            time.sleep(BACKOFF_SECONDS * 2**retry if retry else 0)
            job = self._call("POST", self._route, body)
            while job["status"] in UNFINISHED:
                time.sleep(POLL_SECONDS if self._on_runpod else LOCAL_POLL_SECONDS)
                job = self._call("GET", f"status/{job['id']}")
            if job["status"] == "COMPLETED":
                return self._checked(job.get("output"))
            error = str(job.get("error") or job["status"])
            if error.startswith(self._kind.complaints_of_another):
                kind = self._kind
                raise EndpointError(f"{self._url} is an `{kind.another}` worker ({error}); give that of `{kind.name}`")
            if job["status"] != "TIMED_OUT" and error.partition(":")[0] not in RETRYABLE_CODES:
                break
        raise JobError(error)

    def _checked(self, output: Any) -> dict[str, Any]:
        """Returns an output of the worker. Raises EndpointError for another one."""
        try:
            self._kind.answer.validate_python(output)
        except ValidationError:
            raise EndpointError(f"{self._url} is no `{self._kind.name}` worker: its answer has other fields") from None
        checked: dict[str, Any] = output
        return checked

    def _call(self, method: str, path: str, body: bytes | None = None) -> dict[str, Any]:
        try:
            response = self._session.request(method, f"{self._url}/{path}", data=body, timeout=TIMEOUT_SECONDS)
            if response.status_code in REFUSALS:
                raise EndpointError(f"{self._url} answered {response.status_code}: {REFUSALS[response.status_code]}")
            if not response.ok:
                raise JobError(f"{self._url} answered {response.status_code} {response.reason}")
            job = response.json()
        except requests.RequestException as error:
            raise EndpointError(f"{self._url} does not answer: {type(error).__name__}") from error
        if not (isinstance(job, dict) and "id" in job and "status" in job):
            raise EndpointError(f"{self._url} does not answer as RunPod does; check the URL")
        return job


def find_endpoint(kind: WorkerKind, url: str | None, route: Route, connections: int) -> Endpoint | None:
    """Returns the endpoint at a URL, else the one on RunPod that the environment names; None where it names none."""
    endpoint_id, key = os.environ.get(ID_VARIABLE), os.environ.get(KEY_VARIABLE)
    if url:
        return Endpoint(kind, url, None, route, connections)
    if endpoint_id and key:
        return Endpoint(kind, f"{os.environ.get(URL_VARIABLE, RUNPOD_URL)}/{endpoint_id}", key, route, connections)
    return None
