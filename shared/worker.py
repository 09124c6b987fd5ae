"""What both handlers do around their pipelines: check the request, answer, and say what went wrong."""

import sys
import traceback
from collections.abc import Callable
from typing import Annotated, Any, TypedDict, TypeVar

import runpod
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shared.errors import InvalidInputError, ServiceError

log = runpod.RunPodLogger()


class Job(TypedDict):
    """What RunPod hands to a handler."""

    id: str
    input: dict[str, Any]


class Request(BaseModel):
    """A job's `input`: every field as its type says, and no other."""

    model_config = ConfigDict(extra="forbid", strict=True)


Language = Annotated[str, Field(pattern="^[a-z]{3}$", description="ISO 639-3 code of the language spoken")]

SomeRequest = TypeVar("SomeRequest", bound=Request)


def respond(
    job: Job, request_type: type[SomeRequest], answer: Callable[[SomeRequest], dict[str, Any]]
) -> dict[str, Any]:
    """Returns the answer to a job, or `{"error": "code: what went wrong and what to do"}`.

    What nobody foresaw goes to the log with the job's id, and to the caller as `internal_error` alone.
    """
    try:
        return answer(_read_request(job, request_type))
    except ServiceError as error:
        return {"error": str(error)}
    except Exception:  # the last line of defence: one job's surprise must not end the worker
        log.error(traceback.format_exc(), job["id"])
        return {"error": str(ServiceError("something went wrong here; try again, and tell us the job's id"))}


def _read_request(job: Job, request_type: type[SomeRequest]) -> SomeRequest:
    """Returns a job's input as a request. Raises InvalidInputError, naming the first field that is wrong."""
    try:
        return request_type.model_validate(job["input"])
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        field = ".".join(map(str, first["loc"])) or "input"
        raise InvalidInputError(f"{field}: {first['msg']}") from None


def run(handler: Callable[[Job], dict[str, Any]], load: Callable[[], object]) -> None:
    """Loads the models and starts the RunPod worker, as its command line and environment say.

    Exits with one line where a setting or a model is wrong: before the first job, not at it.
    """
    try:
        load()
    except ServiceError as error:
        sys.exit(str(error))
    runpod.serverless.start({"handler": handler})
