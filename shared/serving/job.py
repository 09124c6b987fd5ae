"""One job: its record, its answer or error, and its line in the log."""

import json
import math
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, TypedDict

from shared.errors import ServiceError, TimedOutError
from shared.serving.request import SomeRequest, ignored_fields, read_request
from shared.serving.runpod_sdk import REFRESH_WORKER, log
from shared.serving.settings import read_settings

# After one of these a CUDA context fails at every call. To be out of memory is none of them.
FATAL_CUDA_ERRORS = ("CUDA error", "cuDNN error")


class Job(TypedDict):
    """What RunPod hands to a handler."""

    id: str
    input: dict[str, Any]


@dataclass
class JobRecord:
    """Seconds by stage in the order they were run, and what the log names of a job; filled in as the job goes on."""

    limit_seconds: float = math.inf
    stages: dict[str, float] = field(default_factory=dict)
    audio_seconds: float | None = None
    recognizer: str | None = None
    aligner: str | None = None
    ignored: list[str] = field(default_factory=list)
    started: float = field(default_factory=time.perf_counter)

    @property
    def total_seconds(self) -> float:
        """Seconds since the job began."""
        return round(time.perf_counter() - self.started, 4)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Times what runs inside, a failure too.

        Raises TimedOutError, naming the stage before, where the job has no time left to begin this one: a stage is
        a call into a library, which nothing can interrupt.
        """
        if self.total_seconds > self.limit_seconds:
            slow = next(reversed(self.stages), "start")
            raise TimedOutError(f"the time of {self.limit_seconds:g} s ran out in the stage `{slow}`; send less")
        start = time.perf_counter()
        try:
            yield
        finally:
            self.stages[name] = round(time.perf_counter() - start, 4)

    def log_line(self, job_id: str, code: str) -> str:
        """Returns what the log has of a job, as JSON: nothing of the learner, and no URL."""
        line = {
            "job": job_id,
            "code": code,
            "seconds": {**self.stages, "total": self.total_seconds},
            "audio_seconds": self.audio_seconds,
            "recognizer": self.recognizer,
            "aligner": self.aligner,
            "ignored": self.ignored,
        }
        return json.dumps(line)


_current: ContextVar[JobRecord] = ContextVar("current job")


@contextmanager
def job_context(limit_seconds: float) -> Iterator[JobRecord]:
    """Makes a new record that of the current job."""
    token = _current.set(JobRecord(limit_seconds))
    try:
        yield _current.get()
    finally:
        _current.reset(token)


def job_record() -> JobRecord:
    """Returns the record of the current job, or, outside a job, one that is not read."""
    return _current.get(None) or JobRecord()


def respond(
    job: Job, request_type: type[SomeRequest], answer: Callable[[SomeRequest], dict[str, Any]]
) -> dict[str, Any]:
    """Returns the answer to a job, or `{"error": "code: what is wrong and what to do"}`, and logs a line of it.

    An unexpected error goes to the log with the job's id, and to the caller as `internal_error` alone; with
    `refresh_worker` where the process cannot do another job.
    """
    with job_context(read_settings().job_timeout_seconds) as record:
        record.ignored = ignored_fields(job["input"], request_type)
        try:
            result, code = answer(read_request(job["input"], request_type)), "ok"
        except ServiceError as error:
            result, code = {"error": str(error)}, error.code
        except Exception as error:  # the last line of defence: one job must not end the worker
            _log_unexpected(error, job["id"])
            unexpected = ServiceError("something went wrong here; try again, and tell us the job's id")
            result, code = {"error": str(unexpected)}, unexpected.code
            if is_fatal_cuda_error(error):
                result[REFRESH_WORKER] = True
        log.info(record.log_line(job["id"], code), job["id"])
    return result


def is_fatal_cuda_error(error: BaseException) -> bool:
    """Returns whether an error, or one that it came from, leaves the process unable to do another job."""
    cause = error.__cause__ or error.__context__
    return any(sign in str(error) for sign in FATAL_CUDA_ERRORS) or (cause is not None and is_fatal_cuda_error(cause))


def _log_unexpected(error: Exception, job_id: str) -> None:
    """Logs where an error came from. Its message can quote the learner's text or URL, so that is for DEBUG alone."""
    frames = "".join(traceback.format_tb(error.__traceback__))
    log.error(f"{type(error).__name__} at\n{frames}", job_id)
    log.debug("".join(traceback.format_exception(error)), job_id)
