"""The process of a worker: its start, its jobs one after the other, its end."""

import asyncio
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, Protocol

import psutil

from shared.errors import ServiceError
from shared.serving.command_line import check_command_line
from shared.serving.job import Job
from shared.serving.runpod_sdk import (
    REFRESH_WORKER,
    command_line,
    configure_logging,
    finish_taken_jobs,
    log,
    start,
    takes_jobs_from_queue,
)
from shared.serving.settings import read_settings


class Pipeline(Protocol):
    """What a worker loads once and does its jobs with."""

    def warm_up(self) -> None:
        """Does a job like any other, so that the first is as fast as the second."""
        ...


def run(handler: Callable[[Job], dict[str, Any]], load: Callable[[], Pipeline]) -> None:
    """Loads the models and starts the RunPod worker, as its command line and environment name it.

    Exits with one line where an argument, a setting or a model is wrong: before the first job, not at it.
    """
    check_command_line()
    settings = read_settings()
    configure_logging()
    log.info(f"import: {time.time() - psutil.Process().create_time():.2f} s")
    # One job at a time, as each takes all cores or the GPU, and in a thread: the SDK's loop stays free to hand in
    # answers, to take the next job, and to receive the signal to stop.
    thread = ThreadPoolExecutor(max_workers=1)
    try:
        thread.submit(_prepare, load).result()
    except ServiceError as error:
        sys.exit(str(error))

    async def handle(job: Job) -> dict[str, Any]:
        answer = await asyncio.get_running_loop().run_in_executor(thread, handler, job)
        config[REFRESH_WORKER] |= REFRESH_WORKER in answer
        return answer

    config: dict[str, Any] = {
        "handler": handle,
        "concurrency_modifier": lambda _: settings.max_concurrency,
        REFRESH_WORKER: False,
    }
    arguments = command_line()
    if arguments.rp_serve_api:
        from shared.serving.http_server import serve_http  # FastAPI, which jobs of a queue do not need

        ports = {name: int(port) for name, _, port in (each.partition("=") for each in arguments.beside)}
        serve_http(handle, arguments.rp_api_host, int(arguments.rp_api_port), ports)
        return
    start(config)
    if takes_jobs_from_queue() and not config[REFRESH_WORKER]:
        asyncio.run(finish_taken_jobs(handle))


def _prepare(load: Callable[[], Pipeline]) -> None:
    """Loads the models and, where many jobs are to come, warms them up. Raises ServiceError."""
    with _logged("load"):
        pipeline = load()
    if takes_jobs_from_queue():
        with _logged("warm-up"):
            pipeline.warm_up()


@contextmanager
def _logged(step: str) -> Iterator[None]:
    start = time.perf_counter()
    yield
    log.info(f"{step}: {time.perf_counter() - start:.2f} s")
