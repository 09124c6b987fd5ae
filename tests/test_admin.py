"""The admins' script against the real worker, and against servers that misbehave."""

import json
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from ipa_generation.admin import batch as admin
from ipa_generation.admin.batch import main
from shared.serving import endpoint
from tests.support.admin import OUTPUT, SCRIPT, answers
from tests.support.data import DATA
from tests.support.server import send, serving

pytestmark = pytest.mark.slow

KEY = "secret-key"

QUEUED = {"id": "1", "status": "IN_QUEUE"}
RUNNING = {"id": "1", "status": "IN_PROGRESS"}
DONE = {"id": "1", "status": "COMPLETED", "output": OUTPUT}
TIMED_OUT = {"id": "1", "status": "TIMED_OUT"}
HANG_UP = None

Reply = dict[str, Any] | int | None


def failed(error: str) -> dict[str, Any]:
    return {"id": "1", "status": "FAILED", "error": error}


def test_failures_are_told_at_the_end_and_asked_for_again(
    ipa_generation_url: str, tmp_path: Path, results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = tmp_path / "rows.csv"
    rows.write_text("id,text,audio_uri\na,Hello.,\nb,你好,\nc,Hello.,none.wav\n", encoding="utf-8")
    command = [str(rows), "--url", ipa_generation_url, "-o", str(results)]
    assert main(command) == 1
    assert [line["id"] for line in answers(results)] == ["a"]
    table = capsys.readouterr().err.partition("2 failed:")[2]
    assert "invalid_input: the text has '你', which is no English letter" in table
    assert "none.wav: No such file or directory" in table

    rows.write_text("id,text,audio_uri\na,Hello.,\nb,Good day.,\n", encoding="utf-8")
    assert main(command) == 0
    assert "1 to ask for, 1 answered before" in capsys.readouterr().err
    assert [line["id"] for line in answers(results)] == ["a", "b"]


@contextmanager
def conversation(*replies: Reply) -> Iterator[tuple[str, list[BaseHTTPRequestHandler]]]:
    """Replies to one request after the other: with a job, with an error status, or by hanging up."""
    left = list(replies)
    received: list[BaseHTTPRequestHandler] = []

    def reply(request: BaseHTTPRequestHandler) -> None:
        request.rfile.read(int(request.headers.get("Content-Length", 0)))
        received.append(request)
        now = left.pop(0)
        if isinstance(now, int):
            send(request, b"", status=now)
        elif now is not HANG_UP:
            send(request, json.dumps(now).encode())

    with serving(reply) as url:
        yield url, received
    assert not left, f"{len(left)} replies too many"


@pytest.fixture
def runpod(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An account on RunPod, and no time lost."""
    monkeypatch.setenv("RUNPOD_ENDPOINT_ID", "endpoint")
    monkeypatch.setenv("RUNPOD_API_KEY", KEY)
    monkeypatch.setattr(endpoint, "BACKOFF_SECONDS", 0)
    monkeypatch.setattr(endpoint, "POLL_SECONDS", 0)
    return monkeypatch


def ask_runpod(runpod: pytest.MonkeyPatch, url: str, results: Path, *options: str) -> int:
    texts = results.with_name("texts.txt")
    texts.write_text("Hi\n", encoding="utf-8")
    runpod.setenv("RUNPOD_ENDPOINT_BASE_URL", url.rstrip("/"))
    return main([str(texts), "-o", str(results), *options])


def test_a_job_on_runpod_is_queued_and_its_status_asked_for(runpod: pytest.MonkeyPatch, results: Path) -> None:
    with conversation(QUEUED, QUEUED, RUNNING, DONE) as (url, received):
        assert ask_runpod(runpod, url, results) == 0
    assert answers(results) == [{"text": "Hi", "output": OUTPUT}]
    assert [f"{request.command} {request.path}" for request in received] == [
        "POST /endpoint/run",
        *["GET /endpoint/status/1"] * 3,
    ]
    assert {request.headers["Authorization"] for request in received} == {f"Bearer {KEY}"}


def test_a_job_that_outlasts_runsync_is_waited_for(runpod: pytest.MonkeyPatch, results: Path) -> None:
    with conversation(RUNNING, DONE) as (url, received):
        assert ask_runpod(runpod, url, results, "--sync") == 0
    assert [request.path for request in received] == ["/endpoint/runsync", "/endpoint/status/1"]


def test_the_key_is_sent_to_runpod_alone(runpod: pytest.MonkeyPatch, results: Path) -> None:
    with conversation(DONE) as (url, received):
        assert ask_runpod(runpod, url, results, "--sync", "--url", url) == 0
    assert "Authorization" not in received[0].headers


@pytest.mark.parametrize(
    "replies",
    [
        (500, QUEUED, DONE),
        (429, 503, QUEUED, DONE),
        (HANG_UP, QUEUED, DONE),
        (QUEUED, 502, HANG_UP, DONE),
        (QUEUED, TIMED_OUT, QUEUED, DONE),
        (QUEUED, failed("internal_error: something went wrong here"), QUEUED, DONE),
        (QUEUED, failed("audio_unreachable: the server is too slow"), QUEUED, DONE),
    ],
)
def test_what_may_pass_is_tried_again(replies: tuple[Reply, ...], runpod: pytest.MonkeyPatch, results: Path) -> None:
    with conversation(*replies) as (url, _):
        assert ask_runpod(runpod, url, results) == 0
    assert answers(results) == [{"text": "Hi", "output": OUTPUT}]


@pytest.mark.parametrize(
    ("replies", "complaint"),
    [
        ((QUEUED, failed("no_speech: the recording has no phone")), "no_speech: the recording has no phone"),
        ((QUEUED, {"id": "1", "status": "CANCELLED"}), "CANCELLED"),
        ((400,), "answered 400"),
        ((500,) * 5, "answered 500"),
        ((HANG_UP,) * 5, "does not answer: ConnectionError"),
        ((QUEUED, TIMED_OUT) * 5, "TIMED_OUT"),
        ((401,), "answered 401: check the API key"),
        ((404,), "answered 404: check the endpoint's id or the URL"),
    ],
)
def test_what_does_not_pass_is_a_failure(
    replies: tuple[Reply, ...],
    complaint: str,
    runpod: pytest.MonkeyPatch,
    results: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with conversation(*replies) as (url, _):
        assert ask_runpod(runpod, url, results) == 1
    assert answers(results) == []
    shown = capsys.readouterr()
    assert complaint in shown.err
    assert KEY not in shown.out + shown.err


@pytest.mark.parametrize(("stop", "status"), [(signal.SIGKILL, -signal.SIGKILL), (signal.SIGINT, admin.INTERRUPTED)])
def test_stopped_in_the_middle_and_started_again(stop: signal.Signals, status: int, results: Path) -> None:
    texts = results.with_name("texts.txt")
    texts.write_text("".join(f"text {n}\n" for n in range(6)), encoding="utf-8")
    asked: list[str] = []
    go_on = threading.Event()

    def answer_two_and_wait(request: BaseHTTPRequestHandler) -> None:
        asked.append(json.loads(request.rfile.read(int(request.headers["Content-Length"])))["input"]["text"])
        if len(asked) > 2:
            go_on.wait(60)
        send(request, json.dumps(DONE).encode())

    with serving(answer_two_and_wait) as url:
        command = [str(texts), "--url", url, "--sync", "-o", str(results)]
        signal.signal(signal.SIGINT, signal.default_int_handler)  # else a child would ignore what its parents ignore
        with subprocess.Popen([*SCRIPT, *command]) as process:  # noqa: S603
            while not (results.exists() and len(results.read_bytes().splitlines()) == 2):
                time.sleep(0.05)
            process.send_signal(stop)
            assert process.wait(60) == status
        answered = {line["text"] for line in answers(results)}
        asked.clear()
        go_on.set()
        assert main(command) == 0
    assert set(asked) == {f"text {n}" for n in range(6)} - answered
    assert sorted(line["text"] for line in answers(results)) == [f"text {n}" for n in range(6)]


@pytest.mark.parametrize("output", ["texts.txt/results.jsonl", "."])
def test_results_that_cannot_be_written_are_refused_before_a_request(
    output: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "texts.txt").write_text("Hi\n", encoding="utf-8")
    with conversation() as (url, received):
        assert main([str(tmp_path / "texts.txt"), "-o", str(tmp_path / output), "--url", url]) == admin.UNREADABLE
    assert not received
    assert f"{tmp_path / output}: " in capsys.readouterr().err


@pytest.mark.parametrize("row", [{"text": "Hi"}, {"text": "Hi", "audio_uri": str(DATA / "librivox_0880.wav")}])
def test_the_assessment_worker_is_not_the_right_one(
    row: dict[str, str], assessment_url: str, tmp_path: Path, results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "rows.json").write_text(json.dumps([row]), encoding="utf-8")
    assert main([str(tmp_path / "rows.json"), "-o", str(results), "--url", assessment_url]) == admin.FAILED
    assert "is an `assessment` worker (invalid_input: " in capsys.readouterr().err


@pytest.mark.parametrize(
    ("reply", "complaint"),
    [
        ({"id": "1", "status": "COMPLETED", "output": {"text": "Hi"}}, "is no `ipa_generation` worker"),
        ({"id": "1", "status": "COMPLETED"}, "is no `ipa_generation` worker"),
        ({"detail": "hello"}, "does not answer as RunPod does"),
    ],
)
def test_after_the_first_answer_of_another_worker_nothing_is_sent(
    reply: dict[str, Any], complaint: str, tmp_path: Path, results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "texts.txt").write_text("Hi\nBye\nHello\n", encoding="utf-8")
    with conversation(reply) as (url, received):
        assert main([str(tmp_path / "texts.txt"), "-o", str(results), "--url", url, "--sync"]) == admin.FAILED
    assert len(received) == 1
    assert complaint in capsys.readouterr().err
    assert answers(results) == []


def test_without_an_endpoint_the_script_says_what_to_set(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("RUNPOD_ENDPOINT_ID", raising=False)
    texts = tmp_path / "texts.txt"
    texts.write_text("Hello\n", encoding="utf-8")
    with pytest.raises(SystemExit, match="2"):
        main([str(texts), "-o", str(tmp_path / "results.jsonl")])
    assert "set RUNPOD_ENDPOINT_ID and RUNPOD_API_KEY, or give --url" in capsys.readouterr().err
