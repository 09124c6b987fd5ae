"""What both handlers do around their pipelines: check the request, answer, and say what went wrong."""

import asyncio
import json
import logging
import os
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Annotated, Any, Protocol, TypedDict, TypeVar

import psutil
import runpod
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from runpod.http_client import AsyncClientSession
from runpod.serverless.modules.rp_job import handle_job
from runpod.serverless.modules.worker_state import JobsProgress

from shared.errors import InvalidInputError, ServiceError
from shared.serving.job import JobRecord, job_context
from shared.serving.settings import read_settings

QUEUE_VARIABLE = "RUNPOD_WEBHOOK_GET_JOB"  # set where jobs come from RunPod's queue
LEVEL_VARIABLES = ("RUNPOD_LOG_LEVEL", "RUNPOD_DEBUG_LEVEL")

# A CUDA context that has seen one of these fails at every call from then on. To be out of memory is none of them.
FATAL_CUDA_ERRORS = ("CUDA error", "cuDNN error")
# What tells RunPod, beside an error, that this worker must not go on.
REFRESH = "refresh_worker"

log = runpod.RunPodLogger()


class Job(TypedDict):
    """What RunPod hands to a handler."""

    id: str
    input: dict[str, Any]


class Request(BaseModel):
    """A job's `input`: every field as its type says, and no other."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Pipeline(Protocol):
    """What a worker loads once and does its jobs with."""

    def warm_up(self) -> None:
        """Does a job like any other, so that the first is as fast as the second."""
        ...


Language = Annotated[str, Field(pattern="^[a-z]{3}$", description="ISO 639-3 code of the language spoken")]

SomeRequest = TypeVar("SomeRequest", bound=Request)


def respond(
    job: Job, request_type: type[SomeRequest], answer: Callable[[SomeRequest], dict[str, Any]]
) -> dict[str, Any]:
    """Returns the answer to a job, or `{"error": "code: what went wrong and what to do"}`, and logs a line of it.

    What nobody foresaw goes to the log with the job's id, and to the caller as `internal_error` alone; with
    `refresh_worker`, where it has poisoned the process.
    """
    with job_context(read_settings().job_timeout_seconds) as record:
        try:
            result, code = answer(_read_request(job, request_type)), "ok"
        except ServiceError as error:
            result, code = {"error": str(error)}, error.code
        except Exception as error:  # the last line of defence: one job's surprise must not end the worker
            _log_unexpected(error, job["id"])
            surprise = ServiceError("something went wrong here; try again, and tell us the job's id")
            result, code = {"error": str(surprise)}, surprise.code
            if is_fatal_cuda_error(error):
                result[REFRESH] = True
        log.info(json.dumps(_line(job["id"], code, record)), job["id"])
    return result


def _read_request(job: Job, request_type: type[SomeRequest]) -> SomeRequest:
    """Returns a job's input as a request. Raises InvalidInputError, naming the first field that is wrong."""
    try:
        return request_type.model_validate(job["input"])
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        field = ".".join(map(str, first["loc"])) or "input"
        raise InvalidInputError(f"{field}: {first['msg']}") from None


def is_fatal_cuda_error(error: BaseException) -> bool:
    """Returns whether an error, or one that it came from, leaves the process unable to do another job."""
    cause = error.__cause__ or error.__context__
    return any(sign in str(error) for sign in FATAL_CUDA_ERRORS) or (cause is not None and is_fatal_cuda_error(cause))


def _log_unexpected(error: Exception, job_id: str) -> None:
    """Logs where an error came from. What it says can quote the learner's text or URL, so that is for DEBUG alone."""
    frames = "".join(traceback.format_tb(error.__traceback__))
    log.error(f"{type(error).__name__} at\n{frames}", job_id)
    log.debug("".join(traceback.format_exception(error)), job_id)


def _line(job_id: str, code: str, record: JobRecord) -> dict[str, Any]:
    """Returns what the log says of a job: nothing of the learner, and no URL."""
    return {
        "job": job_id,
        "code": code,
        "seconds": {**record.stages, "total": record.total_seconds},
        "audio_seconds": record.audio_seconds,
        "recognizer": record.recognizer,
        "aligner": record.aligner,
    }


def run(handler: Callable[[Job], dict[str, Any]], load: Callable[[], Pipeline]) -> None:
    """Loads the models and starts the RunPod worker, as its command line and environment say.

    Exits with one line where a setting or a model is wrong: before the first job, not at it.
    """
    _configure_logging()
    _keep_lines_whole()
    log.info(f"import: {time.time() - psutil.Process().create_time():.2f} s")
    # One job at a time, as each takes all cores or the GPU, and in a thread: the SDK's loop stays free to hand in
    # answers, to take the next job, and to hear that it has to stop.
    thread = ThreadPoolExecutor(max_workers=1)
    try:
        thread.submit(_prepare, load).result()
    except ServiceError as error:
        sys.exit(str(error))

    async def handle(job: Job) -> dict[str, Any]:
        answer = await asyncio.get_running_loop().run_in_executor(thread, handler, job)
        config[REFRESH] |= REFRESH in answer
        return answer

    # In an answer REFRESH makes RunPod stop the pod; in the configuration, the SDK take no other job.
    config: dict[str, Any] = {
        "handler": handle,
        "concurrency_modifier": lambda _: read_settings().max_concurrency,
        REFRESH: False,
    }
    runpod.serverless.start(config)
    if QUEUE_VARIABLE in os.environ and not config[REFRESH]:
        asyncio.run(_drain(handle))


def _configure_logging() -> None:
    """Keeps learners out of the log: at the SDK's own level, DEBUG, it has every answer.

    What libraries log can quote a text or a signed URL, so it goes nowhere. Who names a level in the environment
    gets all of it.
    """
    if not any(variable in os.environ for variable in LEVEL_VARIABLES):
        log.set_level("INFO")
        logging.basicConfig(handlers=[logging.NullHandler()], force=True)


def _keep_lines_whole() -> None:
    """Lets one thread log at a time: the SDK prints a line and its end apart, and jobs have a thread of their own."""
    lock, write = threading.RLock(), log.log  # an RLock, since the SDK logs in its signal handler too

    def write_alone(*line: Any) -> None:
        with lock:
            write(*line)

    log.log = write_alone


def _prepare(load: Callable[[], Pipeline]) -> None:
    """Loads the models and, where many jobs are to come, warms them up. Raises ServiceError."""
    with _logged("load"):
        pipeline = load()
    if QUEUE_VARIABLE in os.environ:
        with _logged("warm-up"):
            pipeline.warm_up()


@contextmanager
def _logged(step: str) -> Iterator[None]:
    start = time.perf_counter()
    yield
    log.info(f"{step}: {time.perf_counter() - start:.2f} s")


async def _drain(handle: Callable[[Job], Any]) -> None:
    """Does the jobs that the SDK took while it was being told to stop, and left lying."""
    async with AsyncClientSession() as session:
        for job in list(JobsProgress()):
            await handle_job(session, {"handler": handle}, vars(job))
