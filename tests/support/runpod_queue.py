"""A queue on this machine that speaks the worker's side of RunPod's protocol, and real workers on it."""

import itertools
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import psutil

from tests.support.data import ROOT

HOLD_SECONDS = 2.0  # how long a worker that asks for jobs is kept waiting for one
# A job is lost, and given out again, so long after the last ping that named it. RunPod does so too; after how long it
# does not say.
LOST_SECONDS = 4.0
NO_CONTENT = (204, None)


@dataclass
class Taken:
    """A job that a worker has and has not answered."""

    job: dict[str, Any]
    named: float  # when a ping last named it


@dataclass
class Queue:
    """Jobs waiting, taken and answered. A job is `{"id": …, "input": …}`."""

    waiting: list[dict[str, Any]] = field(default_factory=list)
    taken: dict[str, Taken] = field(default_factory=dict)
    answers: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    answered_at: dict[str, float] = field(default_factory=dict)
    taken_at: dict[str, float] = field(default_factory=dict)
    takers: dict[str, list[str]] = field(default_factory=dict)
    stops: list[str] = field(default_factory=list)
    polls: int = 0
    numbers: Iterator[int] = field(default_factory=itertools.count)
    changed: threading.Condition = field(default_factory=threading.Condition)
    open: bool = True

    def put(self, *inputs: Any) -> list[str]:
        """Adds jobs and returns their ids."""
        with self.changed:
            ids = [f"job-{next(self.numbers)}" for _ in inputs]
            self.waiting += [{"id": id_, "input": value} for id_, value in zip(ids, inputs, strict=True)]
            self.changed.notify_all()
        return ids

    def take(self, worker: str, most: int) -> list[dict[str, Any]]:
        """Gives a worker up to so many jobs, none when none came for HOLD_SECONDS. Lost jobs go first."""
        with self.changed:
            self._find_lost()
            self.polls += 1
            self.changed.notify_all()
            self.changed.wait_for(lambda: self.waiting or not self.open, HOLD_SECONDS)
            if not self.open:
                return []
            jobs, self.waiting = self.waiting[:most], self.waiting[most:]
            now = time.monotonic()
            for job in jobs:
                self.taken[job["id"]] = Taken(job, now)
                self.taken_at[job["id"]] = now
                self.takers.setdefault(job["id"], []).append(worker)
            self.changed.notify_all()
            return jobs

    def _find_lost(self) -> None:
        for id_, taken in list(self.taken.items()):
            if time.monotonic() - taken.named > LOST_SECONDS:
                self.waiting.insert(0, self.taken.pop(id_).job)

    def answer(self, id_: str, answer: dict[str, Any]) -> None:
        """Keeps an answer."""
        with self.changed:
            self.taken.pop(id_, None)
            self.answers.setdefault(id_, []).append(answer)
            self.answered_at[id_] = time.monotonic()
            self.changed.notify_all()

    def ping(self, ids: list[str]) -> None:
        """Notes that a worker still has these jobs."""
        with self.changed:
            for id_ in ids:
                if id_ in self.taken:
                    self.taken[id_].named = time.monotonic()

    def take_stops(self) -> list[str]:
        """Gives the ids of jobs to stop, after HOLD_SECONDS at most."""
        with self.changed:
            self.changed.wait_for(lambda: self.stops or not self.open, HOLD_SECONDS)
            stops, self.stops = self.stops, []
            return stops

    def wait_for_answers(self, ids: list[str], seconds: float = 120) -> None:
        """Waits until all these jobs have an answer. Raises TimeoutError."""
        with self.changed:
            if not self.changed.wait_for(lambda: all(id_ in self.answers for id_ in ids), seconds):
                missing = [id_ for id_ in ids if id_ not in self.answers]
                raise TimeoutError(f"{len(missing)} of {len(ids)} jobs have no answer: {missing[:5]}")

    def stop(self, id_: str) -> None:
        """Has the worker that has a job asked to stop it."""
        with self.changed:
            self.stops.append(id_)
            self.changed.notify_all()

    def wait_for_poll(self, seconds: float = 60) -> None:
        """Waits until a worker asks for jobs. Raises TimeoutError."""
        with self.changed:
            before = self.polls
            if not self.changed.wait_for(lambda: self.polls > before, seconds):
                raise TimeoutError("no worker asks for jobs")


class Plane:
    """A queue behind an HTTP server, which can go down and come back at the same address."""

    def __init__(self) -> None:
        self.queue = Queue()
        self._port = 0
        self.up()

    def up(self) -> None:
        """Serves."""
        self.queue.open = True
        self._server = ThreadingHTTPServer(("127.0.0.1", self._port), _handler(self.queue))
        self._server.daemon_threads = True
        self._port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def down(self) -> None:
        """Hangs up on everyone, and refuses connections."""
        with self.queue.changed:
            self.queue.open = False
            self.queue.changed.notify_all()
        self._server.shutdown()
        self._server.server_close()

    def environment(self, worker: str) -> dict[str, str]:
        """Returns the variables with which RunPod starts a worker."""
        url = f"http://127.0.0.1:{self._port}/v2/endpoint"
        return {
            "RUNPOD_WEBHOOK_GET_JOB": f"{url}/job-take/$ID?gpu=none",
            "RUNPOD_WEBHOOK_POST_OUTPUT": f"{url}/job-done/$RUNPOD_POD_ID/$ID?gpu=none",
            "RUNPOD_WEBHOOK_PING": f"{url}/ping/$RUNPOD_POD_ID",
            "RUNPOD_PING_INTERVAL": "1000",
            "RUNPOD_POD_ID": worker,
            "RUNPOD_ENDPOINT_ID": "endpoint",
            "RUNPOD_AI_API_KEY": "key",
            # RunPod's checks of the machine connect to a server on the internet.
            "RUNPOD_SKIP_AUTO_SYSTEM_CHECKS": "true",
        }


def _handler(queue: Queue) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            url = urlsplit(self.path)
            _, _, _, verb, worker, *_ = url.path.split("/")
            query = parse_qs(url.query)
            if verb == "job-take":
                jobs = queue.take(worker, 1)
                self._send(*((200, jobs[0]) if jobs else NO_CONTENT))
            elif verb == "job-take-batch":
                jobs = queue.take(worker, int(query["batch_size"][0]))
                self._send(*((200, jobs) if jobs else NO_CONTENT))
            elif verb == "job-stop":
                stops = queue.take_stops()
                self._send(*((200, {"jobsToStop": stops}) if stops else NO_CONTENT))
            elif verb == "ping":
                queue.ping(query.get("job_id", [""])[0].split(","))
                self._send(200, {})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            queue.answer(urlsplit(self.path).path.split("/")[5], json.loads(body))
            self._send(200, {})

        def _send(self, status: int, body: Any) -> None:
            if not queue.open:
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            content = b"" if body is None else json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None: ...

    return Handler


@dataclass
class Worker:
    """A worker's process, its log, and its temporary folder."""

    process: "subprocess.Popen[bytes]"
    log_file: Path
    temporary: Path

    @property
    def log(self) -> str:
        """All that the worker has written to stdout and stderr."""
        return self.log_file.read_text(encoding="utf-8")

    @property
    def megabytes(self) -> float:
        """The memory that the worker has in RAM."""
        return float(psutil.Process(self.process.pid).memory_info().rss) / 1e6

    def wait_for_log(self, text: str, seconds: float = 120) -> None:
        """Waits until the worker has written a text. Raises TimeoutError."""
        deadline = time.monotonic() + seconds
        while text not in self.log:
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise TimeoutError(f"{text!r} is not in the log:\n{self.log}")
            time.sleep(0.05)

    def terminate(self) -> int:
        """Sends SIGTERM, as RunPod does when it scales down, and returns the exit status."""
        self.process.terminate()
        return self.process.wait(timeout=120)

    def kill(self) -> None:
        """Sends SIGKILL to the worker and the process that pings for it, as when a container goes."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@contextmanager
def working(plane: Plane, folder: Path, *program: str, **environment: str) -> Iterator[Worker]:
    """Runs a worker on a plane's queue, `assessment` or another program, with a folder for its log and temporary files.

    RunPod's id of it is the folder's name.
    """
    temporary = folder / "tmp"
    temporary.mkdir(parents=True, exist_ok=True)
    log_file = folder / "log"
    with log_file.open("wb") as log:
        process = subprocess.Popen(  # noqa: S603
            [sys.executable, *(program or ["assessment/handler.py"])],
            cwd=ROOT,
            env=os.environ | plane.environment(folder.name) | {"TMPDIR": str(temporary)} | environment,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    worker = Worker(process, log_file, temporary)
    try:
        yield worker
    finally:
        if process.poll() is None:
            worker.kill()
