"""One job: its answer or error, and its line in the log."""

import traceback
from collections.abc import Callable
from typing import Any, TypedDict

from shared.errors import ServiceError
from shared.serving.record import job_context
from shared.serving.request import SomeRequest, ignored_fields, parse_request
from shared.serving.runpod_sdk import REFRESH_WORKER, log
from shared.serving.settings import read_settings

# After one of these a CUDA context fails at every call. To be out of memory is none of them.
FATAL_CUDA_ERRORS = ("CUDA error", "cuDNN error")


class Job(TypedDict):
    """What RunPod hands to a handler."""

    id: str
    input: dict[str, Any]


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
            result, code = answer(parse_request(job["input"], request_type)), "ok"
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
