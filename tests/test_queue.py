"""Both workers on a queue like RunPod's, through the SDK's real loop: nothing lost, nothing leaked, nothing left."""

import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from shared.errors import ServiceError
from tests.support.data import DATA
from tests.support.mixed_jobs import TARGET, mixed_jobs, speech
from tests.support.runpod_queue import Plane, Worker, working
from tests.support.server import send, serving

pytestmark = pytest.mark.slow

WAV = (DATA / "librivox_0880.wav").read_bytes()
GOOD_JOB = {"audio_uri": speech(1.0), "target_ipa": TARGET}
FROM_HERE = {"RUNPOD_ALLOW_PRIVATE_DOWNLOAD_URLS": "1"}
IPA_GENERATION = "ipa_generation/handler.py"
READY = "Starting Serverless Worker"
STAGES = ["target", "audio", "recognition", "comparison", "alignment", "total"]


@pytest.fixture
def plane() -> Iterator[Plane]:
    plane = Plane()
    yield plane
    plane.down()


@pytest.fixture(scope="module")
def lasting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Plane, Worker]]:
    """A worker that lives through several tests, and its plane."""
    plane = Plane()
    with working(plane, tmp_path_factory.mktemp("lasting"), **FROM_HERE) as worker:
        yield plane, worker
    plane.down()


class Gate:
    """A server that sends its recording only when it is asked to, so that a job is in the middle of it until then."""

    def __init__(self) -> None:
        self.entered, self.opened = threading.Event(), threading.Event()

    def __call__(self, request: BaseHTTPRequestHandler) -> None:
        self.entered.set()
        self.opened.wait(60)
        send(request, WAV)


@contextmanager
def gated_job() -> Iterator[tuple[dict[str, str], Gate]]:
    gate = Gate()
    with serving(gate) as url:
        yield {"audio_uri": url, "target_ipa": TARGET}, gate
        gate.opened.set()


def files_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_a_thousand_good_and_hostile_jobs(plane: Plane, tmp_path: Path) -> None:
    queue = plane.queue
    jobs = list(islice(mixed_jobs(), 1000))
    with working(plane, tmp_path, MAX_CONCURRENCY="16") as worker:
        ids = queue.put(*(job for job, _ in jobs[:100]))
        queue.wait_for_answers(ids)
        megabytes = worker.megabytes
        ids += queue.put(*(job for job, _ in jobs[100:]))
        queue.wait_for_answers(ids, seconds=600)
        assert worker.megabytes - megabytes < 30
        assert files_in(worker.temporary) == ["dict"]  # viter's, 264 bytes, as long as the worker lives
        assert worker.terminate() == 0
        assert not list(worker.temporary.iterdir())
    codes = Counter(code_of(queue.answers[id_]) for id_ in ids)
    assert set(codes) <= {"ok", *(error.code for error in ServiceError.__subclasses__())}
    good = [id_ for id_, (_, is_good) in zip(ids, jobs, strict=True) if is_good]
    assert all(code_of(queue.answers[id_]) == "ok" for id_ in good)
    assert len(lines_of_jobs(worker)) == 1000
    assert "X-Amz-Signature" not in worker.log


def code_of(answers: list[dict[str, Any]]) -> str:
    """Returns the code of a job's only answer."""
    [answer] = answers
    if "error" in answer:
        return str(answer["error"].partition(":")[0])
    assert answer["output"]["target_ipa"] == TARGET
    return "ok"


def lines_of_jobs(worker: Worker) -> list[dict[str, Any]]:
    """Returns what a worker has logged of its jobs, one line each."""
    messages = [entry["message"] for line in worker.log.splitlines() for entry in json_objects(line)]
    return [json.loads(message) for message in messages if message.startswith("{")]


def json_objects(line: str) -> Iterator[dict[str, Any]]:
    """Yields the JSON objects that a line begins with: two, where two threads of runpod 1.12 printed at once.

    >>> list(json_objects('{"message": "a"}{"message": "b"}'))
    [{'message': 'a'}, {'message': 'b'}]
    """
    while line.startswith("{"):
        entry, end = json.JSONDecoder().raw_decode(line)
        yield entry
        line = line[end:]


def test_a_job_whose_worker_was_killed_is_done_by_another(plane: Plane, tmp_path: Path) -> None:
    with gated_job() as (job, gate), working(plane, tmp_path / "first", **FROM_HERE) as first:
        [id_] = plane.queue.put(job)
        assert gate.entered.wait(60)
        first.kill()
        gate.opened.set()
        assert id_ not in plane.queue.answers
        with working(plane, tmp_path / "second", **FROM_HERE):
            plane.queue.wait_for_answers([id_])
        assert code_of(plane.queue.answers[id_]) == "ok"
        assert plane.queue.takers[id_] == ["first", "second"]


def test_sigterm_finishes_the_job_at_hand_and_takes_no_other(plane: Plane, tmp_path: Path) -> None:
    with gated_job() as (job, gate), working(plane, tmp_path, **FROM_HERE) as worker:
        at_hand, next_one = plane.queue.put(job, GOOD_JOB)
        assert gate.entered.wait(60)
        worker.process.terminate()
        gate.opened.set()
        assert worker.process.wait(60) == 0
        assert code_of(plane.queue.answers[at_hand]) == "ok"
        assert next_one not in plane.queue.takers
        assert not list(worker.temporary.iterdir())


def test_a_job_taken_while_the_worker_is_told_to_stop_is_done(plane: Plane, tmp_path: Path) -> None:
    with working(plane, tmp_path, IPA_GENERATION) as worker:
        worker.wait_for_log(READY)
        plane.queue.wait_for_poll()
        worker.process.terminate()
        time.sleep(0.5)  # the SDK's loops look every tenth of a second whether they have to stop
        [id_] = plane.queue.put({"text": "hello"})
        assert worker.process.wait(60) == 0
        [answer] = plane.queue.answers[id_]
        assert answer["output"]["phonemes"]


def test_a_worker_outlives_ten_seconds_without_the_queue(lasting: tuple[Plane, Worker]) -> None:
    plane, _ = lasting
    with gated_job() as (job, gate):
        [at_hand] = plane.queue.put(job)
        assert gate.entered.wait(60)
        plane.down()
        gate.opened.set()  # the SDK tries three times to hand the answer in, then drops it
        time.sleep(10)
        plane.up()
        [later] = plane.queue.put(GOOD_JOB)
        plane.queue.wait_for_answers([at_hand, later])
    assert [code_of(plane.queue.answers[id_]) for id_ in (at_hand, later)] == ["ok", "ok"]
    assert len(plane.queue.takers[at_hand]) == 2


def test_two_workers_share_a_queue(plane: Plane, tmp_path: Path) -> None:
    with (
        working(plane, tmp_path / "one", IPA_GENERATION) as one,
        working(plane, tmp_path / "other", IPA_GENERATION) as other,
    ):
        one.wait_for_log(READY)
        other.wait_for_log(READY)
        ids = plane.queue.put(*({"text": f"number {number}"} for number in range(10)))
        plane.queue.wait_for_answers(ids)
    assert all(len(plane.queue.answers[id_]) == 1 for id_ in ids)
    taken = Counter(worker for id_ in ids for worker in plane.queue.takers[id_])
    assert set(taken) == {"one", "other"}
    assert sum(taken.values()) == 10


def test_a_job_that_is_stopped_has_no_answer_and_the_next_has(lasting: tuple[Plane, Worker]) -> None:
    plane, worker = lasting
    with gated_job() as (job, gate):
        stopped, next_one = plane.queue.put(job, GOOD_JOB)
        assert gate.entered.wait(60)
        plane.queue.stop(stopped)
        worker.wait_for_log("Job stopped.")
        gate.opened.set()
        plane.queue.wait_for_answers([next_one])
    assert stopped not in plane.queue.answers


def test_the_log_has_a_line_for_each_job_and_nothing_of_the_learner(lasting: tuple[Plane, Worker]) -> None:
    plane, worker = lasting

    def hang_up(request: BaseHTTPRequestHandler) -> None:
        request.close_connection = True

    def send_recording(request: BaseHTTPRequestHandler) -> None:
        send(request, WAV)

    query = "?X-Amz-Signature=5ec4e7"
    with serving(send_recording) as url, serving(hang_up) as gone:
        jobs: list[dict[str, Any]] = [
            {"audio_uri": f"{url}a.wav{query}", "target_ipa": TARGET, "detail": True},
            {"audio_uri": f"{gone}a.wav{query}", "target_ipa": TARGET},
            {"audio_uri": f"http://no-such-host.invalid/a.wav{query}", "target_ipa": TARGET},
            {"audio_uri": GOOD_JOB["audio_uri"], "target_ipa": f"{TARGET}%"},
        ]
        ids = plane.queue.put(*jobs)
        plane.queue.wait_for_answers(ids)
        lines = [line for line in lines_of_jobs(worker) if line["job"] in ids]
        assert [(line["job"], line["code"]) for line in lines] == [
            (id_, code_of(plane.queue.answers[id_])) for id_ in ids
        ]
        assert [line["code"] for line in lines] == ["ok", "audio_unreachable", "audio_unreachable", "invalid_input"]
        assert list(lines[0]["seconds"]) == STAGES
        assert list(lines[1]["seconds"]) == ["target", "audio", "total"]
        assert (lines[0]["audio_seconds"], lines[0]["recognizer"]) == (2.99, "moonshine")
        for step in ("import: ", "load: ", "warm-up: "):
            assert step in worker.log
        actual_ipa = plane.queue.answers[ids[0]][0]["output"]["actual_ipa"]
        for private in ("5ec4e7", TARGET, actual_ipa, GOOD_JOB["audio_uri"][100:140]):
            assert private not in worker.log
            assert json.dumps(private)[1:-1] not in worker.log


def test_texts_stay_out_of_the_log(plane: Plane, tmp_path: Path) -> None:
    # a name, a currency that gruut logs as unknown, a number that it fails on
    private = ["Xylovane", "51723", "1" * 50]
    with working(plane, tmp_path, IPA_GENERATION) as worker:
        ids = plane.queue.put(*({"text": f"¥{text} please"} for text in private))
        plane.queue.wait_for_answers(ids)
        assert len(lines_of_jobs(worker)) == len(private)
        assert not [text for text in private if text.lower() in worker.log.lower()]


# What a GPU does to a process, without one: every call fails from then on.
WITH_FATAL_CUDA_ERROR = """
from shared.serving.job import respond
from shared.serving.request import Request
from shared.serving.worker import run

class Model:
    def warm_up(self): ...

def fail(request):
    raise RuntimeError("CUDA error: an illegal memory access was encountered")

run(lambda job: respond(job, Request, fail), load=Model)
"""


def test_after_a_cuda_error_the_worker_ends_and_another_goes_on(plane: Plane, tmp_path: Path) -> None:
    with working(plane, tmp_path, "-c", WITH_FATAL_CUDA_ERROR) as worker:
        first, next_one = plane.queue.put({}, GOOD_JOB)
        assert worker.process.wait(60) == 0
        [answer] = plane.queue.answers[first]
        assert answer["error"].startswith("internal_error: ")
        assert answer["stopPod"] is True
        assert "CUDA" not in worker.log
        assert next_one not in plane.queue.takers
