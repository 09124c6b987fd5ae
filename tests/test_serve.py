"""`make serve` in a terminal: both workers stop together, at any moment, and leave no port taken."""

import contextlib
import os
import pty
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler

import psutil
import pytest
import requests

from shared.audio.download import ALLOW_PRIVATE_VARIABLE
from tests.support.data import ROOT
from tests.support.sdk_server import free_port
from tests.support.server import serving

pytestmark = pytest.mark.slow

CTRL_C = b"\x03"
START_SECONDS, STOP_SECONDS = 120.0, 20.0


@dataclass
class Terminal:
    """`make serve` as the only program of a terminal, and what it has written."""

    pid: int
    keyboard: int
    ports: tuple[int, int]
    screen: str = ""

    def read(self) -> None:
        """Reads until the terminal closes."""
        with contextlib.suppress(OSError):  # how Linux ends it
            while written := os.read(self.keyboard, 4096):
                self.screen += written.decode(errors="replace")

    def press_ctrl_c(self) -> None:
        os.write(self.keyboard, CTRL_C)

    def workers(self) -> list[psutil.Process]:
        """Returns the processes that have one of the ports on their command line."""
        ports = set(map(str, self.ports))
        return [
            process
            for process in psutil.process_iter(["cmdline"])
            if "--rp_api_port" in (process.info["cmdline"] or ()) and ports & set(process.info["cmdline"])
        ]

    def wait_for_workers(self) -> None:
        self.wait_until(lambda: len(self.workers()) == 2, START_SECONDS)

    def wait_for_ports(self) -> None:
        self.wait_until(lambda: all(map(is_open, self.ports)), START_SECONDS)

    def wait_for_the_end(self, seconds: float = STOP_SECONDS) -> int:
        """Waits until the program has ended, and with it its workers. Returns the exit status."""
        statuses: list[int] = []

        def has_ended() -> bool:
            ended, status = os.waitpid(self.pid, os.WNOHANG)
            statuses.append(os.waitstatus_to_exitcode(status))
            return bool(ended)

        self.wait_until(has_ended, seconds)
        assert not self.workers()
        assert "Traceback" not in self.screen
        return statuses[-1]

    def wait_until(self, is_so: Callable[[], bool], seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not is_so():
            assert time.monotonic() < deadline, self.screen
            time.sleep(0.1)


def is_open(port: int) -> bool:
    with socket.socket() as connection:
        return connection.connect_ex(("127.0.0.1", port)) == 0


def open_terminal(*ports: int) -> Terminal:
    pid, keyboard = pty.fork()
    if not pid:
        os.chdir(ROOT)
        os.execlp("make", "make", "serve", f"ASSESSMENT_PORT={ports[0]}", f"IPA_GENERATION_PORT={ports[1]}")  # noqa: S606, S607
    terminal = Terminal(pid, keyboard, (ports[0], ports[1]))
    threading.Thread(target=terminal.read, daemon=True).start()
    return terminal


def send_job(port: int, fields: dict[str, str]) -> None:
    """Sends a job to a worker that is about to be stopped."""
    with contextlib.suppress(requests.ConnectionError):
        requests.post(f"http://127.0.0.1:{port}/runsync", json={"input": fields}, timeout=60)


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    terminal = open_terminal(free_port(), free_port())
    yield terminal
    for worker in terminal.workers():
        worker.kill()
    os.close(terminal.keyboard)


def test_ctrl_c_while_the_workers_start(terminal: Terminal) -> None:
    terminal.wait_for_workers()
    terminal.press_ctrl_c()
    terminal.wait_for_the_end()


@pytest.fixture
def this_machine_is_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ALLOW_PRIVATE_VARIABLE, "1")


@pytest.mark.usefixtures("this_machine_is_allowed")
def test_ctrl_c_in_the_middle_of_a_job(terminal: Terminal) -> None:
    asked, over = threading.Event(), threading.Event()

    def never_answer(_: BaseHTTPRequestHandler) -> None:
        asked.set()
        over.wait(60)

    terminal.wait_for_ports()
    with serving(never_answer) as url:
        caller = threading.Thread(target=send_job, args=(terminal.ports[0], {"audio_uri": url, "target_ipa": "hi"}))
        caller.start()
        assert asked.wait(60)
        terminal.press_ctrl_c()
        terminal.wait_for_the_end()
        over.set()
        caller.join()
    assert not any(map(is_open, terminal.ports))


def test_sigterm_to_make(terminal: Terminal) -> None:
    terminal.wait_for_ports()
    os.kill(terminal.pid, signal.SIGTERM)
    assert terminal.wait_for_the_end() == -signal.SIGTERM
    terminal.wait_until(lambda: terminal.screen.count("Finished server process") == 2, STOP_SECONDS)
    assert not any(map(is_open, terminal.ports))


def test_where_one_worker_cannot_have_its_port_the_other_stops() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        terminal = open_terminal(free_port(), taken.getsockname()[1])
        assert terminal.wait_for_the_end(START_SECONDS) != 0
    assert "ipa_generation" in terminal.screen
    assert "has ended" in terminal.screen
