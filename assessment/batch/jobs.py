"""Recordings assessed several at a time: by processes of this machine, or at an endpoint."""

import functools
import os
import signal
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor, as_completed
from multiprocessing import get_context, parent_process
from typing import Any

from pydantic import TypeAdapter

from assessment.answer import DetailedAssessmentAnswer
from assessment.batch.recordings import Recording
from assessment.handler import AssessmentRequest, answer, assessor
from shared.errors import ModelUnavailableError, ServiceError
from shared.serving.endpoint import Endpoint, JobError, Route, WorkerKind, data_uri, is_remote
from shared.serving.request import parse_request

JOBS_AT_ENDPOINT = 4
ROUTE: Route = "run"

ANSWER = TypeAdapter(DetailedAssessmentAnswer)
# What the `ipa_generation` worker misses in a request for an assessment.
ASSESSMENT = WorkerKind("assessment", ANSWER, "ipa_generation", ("invalid_input: text: Field required",))

Outcome = DetailedAssessmentAnswer | str
"""An answer, or why there is none."""


def assess_each(
    recordings: Sequence[Recording], endpoint: Endpoint | None, jobs: int
) -> Iterator[tuple[Recording, Outcome]]:
    """Yields the outcome of each recording as it comes, `jobs` at a time.

    Raises ModelUnavailableError, EndpointError, or BrokenProcessPool where a process has ended.
    """
    pool = ThreadPoolExecutor(jobs) if endpoint else _processes(min(jobs, len(recordings)))
    do = functools.partial(_send, endpoint) if endpoint else _assess
    try:
        futures = {pool.submit(do, recording): recording for recording in recordings}
        for future in as_completed(futures):
            try:
                yield futures[future], ANSWER.validate_python(future.result())
            except ModelUnavailableError:
                raise
            except (JobError, ServiceError) as error:
                yield futures[future], str(error)
    finally:
        pool.shutdown(wait=endpoint is None, cancel_futures=True)  # processes end after the recording that they have


def request_of(recording: Recording, audio_uri: str) -> dict[str, Any]:
    """Returns the `input` of a recording's job."""
    fields = {"target_text": recording.target_text, "target_ipa": recording.target_ipa, "accent": recording.accent}
    return {"audio_uri": audio_uri, "detail": True} | {name: value for name, value in fields.items() if value}


def _send(endpoint: Endpoint, recording: Recording) -> dict[str, Any]:
    uri = recording.audio_uri if is_remote(recording.audio_uri) else data_uri(recording.audio_uri)
    return endpoint.answer(request_of(recording, uri))


def _processes(number: int) -> Executor:
    context = get_context("forkserver")
    context.set_forkserver_preload([__name__])  # imported once for all
    return ProcessPoolExecutor(max(1, number), context, _start_process)


def _start_process() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that gives out the recordings
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """Ends this process with the one that gives out the recordings: a killed one sends no signal."""
    if parent := parent_process():
        parent.join()
    os._exit(1)


def _assess(recording: Recording) -> dict[str, Any]:
    _load_pipeline()
    return answer(parse_request(request_of(recording, recording.audio_uri), AssessmentRequest))


@functools.cache
def _load_pipeline() -> None:
    """Loads the pipeline of this process on one core, so that its engines make no threads: each core has a process."""
    if not hasattr(os, "sched_setaffinity"):  # on macOS
        assessor()
        return
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(allowed)})
    try:
        assessor()
    finally:
        os.sched_setaffinity(0, allowed)
