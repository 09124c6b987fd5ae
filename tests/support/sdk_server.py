"""A worker behind its HTTP server, as a process."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

from tests.support.data import ROOT

START_SECONDS = 120


@contextmanager
def sdk_server(worker: str, *arguments: str) -> Iterator[str]:
    """Runs a worker's `handler.py` as `make serve` does, at the URL it yields."""
    port = free_port()
    command = [sys.executable, f"{worker}/handler.py", "--rp_serve_api", "--rp_api_port", str(port), *arguments]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL) as process:  # noqa: S603
        try:
            wait_for(process, port)
            yield f"http://localhost:{port}"
        finally:
            process.terminate()


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for(process: "subprocess.Popen[Any]", port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("localhost", port)).close()
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise TimeoutError(f"no worker on port {port}")
