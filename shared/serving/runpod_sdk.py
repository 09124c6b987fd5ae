"""What is used of the RunPod SDK besides `runpod.serverless.start`: internals, variables and its command line.

Written against runpod 1.12.0, https://github.com/runpod/runpod-python/tree/1.12.0/runpod. `tests/test_runpod_sdk.py`
fails where another version changes one of them.
"""

import argparse
import functools
import ipaddress
import logging
import os
import threading
from collections.abc import Awaitable, Callable
from typing import Any

import cpuinfo  # of the SDK

from shared.audio.download import ALLOW_PRIVATE_VARIABLE
from shared.audio.limits import AudioSources

# serverless/utils/rp_debugger.py asks for the processor's name when it is imported. py-cpuinfo 9.0 starts another
# Python for it: half a second of each start, for what the SDK's debugger alone shows. Without a name it says so.
_get_cpu_info = cpuinfo.get_cpu_info
cpuinfo.get_cpu_info = dict
# serverless/utils/rp_upload.py has the root logger write to the terminal, unless it has a handler already.
_handler = logging.NullHandler()
logging.root.addHandler(_handler)
try:
    import runpod
    from runpod.http_client import AsyncClientSession
    from runpod.serverless.modules import rp_job
    from runpod.serverless.modules.worker_state import JobsProgress
finally:
    cpuinfo.get_cpu_info = _get_cpu_info
    logging.root.removeHandler(_handler)

VERSION = "1.12.0"
OWN_PACKAGES = ("assessment", "ipa_generation", "shared")

# serverless/worker.py takes jobs from the queue where the first is set, serverless/__init__.py serves jobs over HTTP
# where the second is.
QUEUE_VARIABLE, REALTIME_VARIABLE = "RUNPOD_WEBHOOK_GET_JOB", "RUNPOD_REALTIME_PORT"
# serverless/modules/rp_logger.py: the first one counts. Without either, the level is DEBUG.
LEVEL_VARIABLES = ("RUNPOD_LOG_LEVEL", "RUNPOD_DEBUG_LEVEL")
# serverless/modules/rp_job.py: in an answer it stops the pod; in the configuration, the worker takes no other job.
REFRESH_WORKER = "refresh_worker"

log = runpod.RunPodLogger()


def start(config: dict[str, Any]) -> None:
    """Takes jobs from the queue, from the command line or over HTTP, as the environment and the arguments say."""
    runpod.serverless.start(config)


async def run_job(handler: Callable[[Any], Awaitable[dict[str, Any]]], job: dict[str, Any]) -> dict[str, Any]:
    """Returns a job's `output`, or its `error`, as RunPod makes them of what a handler returns."""
    done: dict[str, Any] = await rp_job.run_job(handler, job)
    return done


def takes_jobs_from_queue() -> bool:
    """Returns whether this process is a worker on RunPod's queue."""
    return QUEUE_VARIABLE in os.environ


def runs_on_runpod() -> bool:
    """Returns whether this process is a worker on RunPod, on its queue or behind its load balancer."""
    return takes_jobs_from_queue() or REALTIME_VARIABLE in os.environ


@functools.cache
def command_line() -> argparse.Namespace:
    """Returns the arguments of this process: the SDK's, `allow_local_files`, and `unknown`, which are neither.

    Cached, because `runpod.serverless.start` removes what it reads from `sys.argv`.
    """
    parser = argparse.ArgumentParser(
        description="A RunPod worker. On RunPod it takes jobs from the queue. Elsewhere it does the job of "
        "--test_input or of test_input.json in the working directory, or serves HTTP with --rp_serve_api.",
        parents=[runpod.serverless.parser],
        add_help=False,  # the SDK's parser has it
        allow_abbrev=False,
    )
    parser.add_argument(
        "--allow_local_files",
        action="store_true",
        help="Read recordings from local paths although --rp_api_host lets other machines in.",
    )
    parser.add_argument(
        "--beside",
        metavar="WORKER=PORT",
        nargs="*",
        default=[],
        help="With --rp_serve_api: workers on this machine, whose jobs are those below /v2/WORKER.",
    )
    arguments, unknown = parser.parse_known_args()
    arguments.unknown = unknown
    return arguments


def audio_sources() -> AudioSources:
    """Returns where requests may have recordings read from: not from files, where other machines may send requests.

    Private addresses are for development; serverless/utils/rp_ssrf.py reads the same variable.
    """
    arguments = command_line()
    is_private = not arguments.rp_serve_api or arguments.allow_local_files or _is_loopback(arguments.rp_api_host)
    allow_private = os.environ.get(ALLOW_PRIVATE_VARIABLE, "").strip().lower()
    return AudioSources(
        local_files=is_private and not runs_on_runpod(), private_addresses=allow_private in ("1", "true", "yes")
    )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def configure_logging() -> None:
    """Keeps learners out of the log: at the SDK's own level, DEBUG, it has every answer.

    What libraries log can quote a text or a signed URL, so it goes nowhere. Who names a level in the environment
    gets all of it. What this project's modules log goes to the SDK's log. The SDK prints a line and its end apart: only
    one thread logs at a time, so that lines stay whole.
    """
    if any(variable in os.environ for variable in LEVEL_VARIABLES):
        logging.basicConfig(level=logging.INFO)
    else:
        log.set_level("INFO")
        logging.basicConfig(handlers=[logging.NullHandler()], force=True)
    lock, write = threading.RLock(), log.log  # an RLock, since the SDK logs in its signal handler too

    def write_alone(*line: Any) -> None:
        with lock:
            write(*line)

    log.log = write_alone
    for package in OWN_PACKAGES:
        logger = logging.getLogger(package)
        logger.handlers = [_ForwardingHandler()]
        logger.setLevel(logging.INFO)


class _ForwardingHandler(logging.Handler):
    """Hands records to the SDK's logger, with the names that it has for levels."""

    def emit(self, record: logging.LogRecord) -> None:
        log.log(record.getMessage(), "WARN" if record.levelno == logging.WARNING else record.levelname)


async def finish_taken_jobs(handle: Callable[[Any], Awaitable[dict[str, Any]]]) -> None:
    """Does the jobs that the SDK took from the queue while it was asked to stop, and hands in their answers.

    Its loops look every tenth of a second whether to stop: a job taken in between stays in JobsProgress.
    """
    async with AsyncClientSession() as session:
        for job in list(JobsProgress()):
            await rp_job.handle_job(session, {"handler": handle}, vars(job))
