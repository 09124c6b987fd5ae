"""A worker over HTTP on this machine, with the routes that RunPod has on the internet, so that clients work unchanged.

`/v2/ID/…` are the same routes, with the name of a worker beside this one for ID those of that worker. Routes and fields
are RunPod's (https://docs.runpod.io/serverless/endpoints/operation-reference); jobs are run by its SDK.
"""

import asyncio
import contextlib
import os
import time
import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

import requests
import uvicorn
from fastapi import APIRouter, Depends, FastAPI, HTTPException, Query, Request
from pydantic import BaseModel

from shared.serving.runpod_sdk import log, run_job

Handler = Callable[[Any], Awaitable[dict[str, Any]]]
State = dict[str, Any]

MAX_ENDED = 1000  # jobs whose answers are kept
MIN_WAIT, WAIT, MAX_WAIT = 1_000, 90_000, 300_000  # ms that /runsync waits for a job
WEBHOOK_SECONDS = 10
Milliseconds = Annotated[int, Query(ge=MIN_WAIT, le=MAX_WAIT)]


class JobRequest(BaseModel):
    """The body that asks for a job."""

    input: dict[str, Any]
    webhook: str | None = None


@dataclass
class QueuedJob:
    """A job: what came of it, and when, in seconds."""

    id: str = field(default_factory=lambda: f"local-{uuid.uuid4()}")
    status: Literal["IN_QUEUE", "IN_PROGRESS", "COMPLETED", "FAILED", "CANCELLED"] = "IN_QUEUE"
    result: State = field(default_factory=dict)  # `output` or `error`
    asked: float = field(default_factory=time.perf_counter)
    started: float | None = None
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    task: "asyncio.Task[None] | None" = None
    is_streamed: bool = False

    @property
    def state(self) -> State:
        """What `/status` answers."""
        return {"id": self.id, "status": self.status} | self.result

    def end(self, status: Literal["COMPLETED", "FAILED", "CANCELLED"], **result: Any) -> None:
        """Notes what came of the job, and how many milliseconds it waited and took."""
        now = time.perf_counter()
        started = now if self.started is None else self.started
        times = {"delayTime": round(1000 * (started - self.asked)), "executionTime": round(1000 * (now - started))}
        self.status, self.result = status, result | times
        self.ended.set()


class JobQueue:
    """The jobs of a worker, done one after the other in the order in which they came."""

    def __init__(self, handler: Handler) -> None:
        self._handler = handler
        self._jobs: dict[str, QueuedJob] = {}
        self._turn = asyncio.Lock()

    def __getitem__(self, id_: str) -> QueuedJob:
        if id_ not in self._jobs:
            raise HTTPException(404, "there is no such job here")
        return self._jobs[id_]

    def add(self, request: JobRequest) -> QueuedJob:
        """Puts a job in the queue."""
        job = QueuedJob()
        ended = [id_ for id_, each in self._jobs.items() if each.ended.is_set()]
        for id_ in ended[: max(0, len(ended) - MAX_ENDED + 1)]:
            del self._jobs[id_]
        self._jobs[job.id] = job
        job.task = asyncio.create_task(self._do(job, request))
        return job

    async def _do(self, job: QueuedJob, request: JobRequest) -> None:
        async with self._turn:
            job.status, job.started = "IN_PROGRESS", time.perf_counter()
            done = await run_job(self._handler, {"id": job.id, "input": request.input})
        if "error" in done:
            job.end("FAILED", error=done["error"])
        else:
            job.end("COMPLETED", output=done.get("output"))
        if request.webhook:
            await asyncio.to_thread(_post, request.webhook, job.state)

    async def wait(self, job: QueuedJob, milliseconds: int) -> State:
        """Returns the state of a job when it has ended, or after so long."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(job.ended.wait(), milliseconds / 1000)
        return job.state

    def cancel(self, job: QueuedJob) -> None:
        """Ends a job that has not ended; what runs already is only not waited for."""
        if not job.ended.is_set() and job.task:
            job.task.cancel()
            job.end("CANCELLED")

    def purge(self) -> int:
        """Cancels all jobs in the queue. Returns how many these are."""
        queued = [job for job in self._jobs.values() if job.status == "IN_QUEUE"]
        for job in queued:
            self.cancel(job)
        return len(queued)

    def count(self, *statuses: str) -> int:
        """Returns how many jobs have one of these statuses."""
        return sum(job.status in statuses for job in self._jobs.values())


def _post(url: str, state: State) -> None:
    try:
        requests.post(url, json=state, timeout=WEBHOOK_SECONDS).raise_for_status()
    except requests.RequestException as error:
        log.warn(f"the webhook does not answer: {type(error).__name__}")


def create_app(handler: Handler, ports: Mapping[str, int]) -> FastAPI:
    """Returns the server of a worker. `ports` are those of other workers on this machine, by their names."""
    jobs = JobQueue(handler)
    routes = APIRouter()

    @routes.post("/run")
    async def run(request: JobRequest) -> State:
        return jobs.add(request).state

    @routes.post("/runsync")
    async def runsync(request: JobRequest, wait: Milliseconds = WAIT) -> State:
        return await jobs.wait(jobs.add(request), wait)

    @routes.get("/status/{job}")
    async def status(job: str) -> State:
        return jobs[job].state

    @routes.get("/status-sync/{job}")  # which RunPod's SDK for JavaScript asks for
    @routes.post("/status/{job}")  # as RunPod's SDK for Python 1.12 serves it
    async def status_sync(job: str, wait: Milliseconds = WAIT) -> State:
        return await jobs.wait(jobs[job], wait)

    @routes.get("/stream/{job}")
    async def stream(job: str) -> State:
        found = jobs[job]
        chunks = [] if found.is_streamed or found.status != "COMPLETED" else [{"output": found.result["output"]}]
        found.is_streamed = bool(chunks) or found.is_streamed
        return {"id": found.id, "status": found.status, "stream": chunks}

    @routes.post("/cancel/{job}")
    async def cancel(job: str) -> State:
        jobs.cancel(jobs[job])
        return jobs[job].state

    @routes.post("/purge-queue")
    async def purge_queue() -> State:
        return {"removed": jobs.purge(), "status": "completed"}

    @routes.get("/health")
    async def health() -> State:
        running = jobs.count("IN_PROGRESS")
        return {
            "jobs": {
                "completed": jobs.count("COMPLETED"),
                "failed": jobs.count("FAILED", "CANCELLED"),
                "inProgress": running,
                "inQueue": jobs.count("IN_QUEUE"),
                "retried": 0,
            },
            "workers": {"idle": int(not running), "initializing": 0, "ready": 1, "running": running, "throttled": 0},
        }

    async def redirect(endpoint: str, request: Request) -> None:
        if endpoint in ports and ports[endpoint] != request.url.port:
            raise HTTPException(307, headers={"Location": str(request.url.replace(port=ports[endpoint]))})

    app = FastAPI(title="Pronunciation worker", docs_url="/")
    app.include_router(routes)
    app.include_router(routes, prefix="/v2/{endpoint}", dependencies=[Depends(redirect)], include_in_schema=False)
    return app


def serve_http(handler: Handler, host: str, port: int, ports: Mapping[str, int]) -> None:
    """Serves a worker until a signal comes."""
    level = os.environ.get("UVICORN_LOG_LEVEL", "info")
    uvicorn.run(create_app(handler, ports), host=host, port=port, log_level=level, access_log=False)
