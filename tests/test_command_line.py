"""A worker's command line: what is wrong with it in one line, and what it allows."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from shared.serving import runpod_sdk
from shared.serving.command_line import check_command_line
from tests.support.data import ROOT

TEST_INPUT = ROOT / "assessment" / "test_input.json"

StartedWith = Callable[..., None]


@pytest.fixture
def started_with(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[StartedWith]:
    """This process, as if it had been started with other arguments in an empty folder."""
    monkeypatch.chdir(tmp_path)
    runpod_sdk.command_line.cache_clear()
    yield lambda *arguments: monkeypatch.setattr("sys.argv", ["handler.py", *arguments])
    runpod_sdk.command_line.cache_clear()


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ([], "no job: this is not RunPod, and there is no test_input.json here; give --test_input "),
        (["--test_input", '{"input": '], "--test_input is no JSON ("),
        (["--test_input", '{"text": "hello"}'], '--test_input has no `input`; wrap the request: {"input": {…}}'),
        (["--test_input", '{"input": null}'], "--test_input has no `input`"),
        (["--test_input", '["hello"]'], "--test_input has no `input`"),
        (["--test_input", ""], "--test_input is no JSON ("),
        (
            ["--test_input", str(TEST_INPUT)],
            f'--test_input takes JSON, not a file; write --test_input "$(cat {TEST_INPUT})"',
        ),
        (["--test_input", "no_such_file.json"], "--test_input is no JSON ("),
        (["--test_input", "x" * 5000], "--test_input is no JSON ("),
        (["--test-input", "{}"], "--test-input: no such argument; --help lists them"),
        (["test_input.json"], "test_input.json: no such argument"),
    ],
)
def test_a_wrong_argument_is_one_line(arguments: list[str], complaint: str, started_with: StartedWith) -> None:
    started_with(*arguments)
    with pytest.raises(SystemExit) as exit_:
        check_command_line()
    assert str(exit_.value).startswith(complaint)
    assert "\n" not in str(exit_.value)


@pytest.mark.parametrize("content", [b"", b"{", b'{"text": "hello"}', b"\xff\xfe{}"])
def test_a_wrong_test_input_file_is_named(content: bytes, started_with: StartedWith) -> None:
    started_with()
    Path("test_input.json").write_bytes(content)
    with pytest.raises(SystemExit, match=r"^test_input\.json (is no JSON|has no `input`)"):
        check_command_line()


@pytest.mark.parametrize("arguments", [["--test_input", '{"input": {}}'], ["--rp_serve_api", "--rp_api_port", "8001"]])
def test_what_needs_no_test_input_file(arguments: list[str], started_with: StartedWith) -> None:
    started_with(*arguments)
    check_command_line()


def test_on_runpod_no_argument_is_needed(started_with: StartedWith, monkeypatch: pytest.MonkeyPatch) -> None:
    started_with()
    monkeypatch.setenv(runpod_sdk.QUEUE_VARIABLE, "https://queue.example/job-take/$ID")
    check_command_line()


@pytest.mark.parametrize(
    ("arguments", "environment", "allowed"),
    [
        ([], {}, True),
        (["--rp_serve_api"], {}, True),
        (["--rp_serve_api", "--rp_api_host", "127.0.0.2"], {}, True),
        (["--rp_serve_api", "--rp_api_host", "::1"], {}, True),
        (["--rp_serve_api", "--rp_api_host", "0.0.0.0"], {}, False),  # noqa: S104 (nothing is bound)
        (["--rp_serve_api", "--rp_api_host", "::"], {}, False),
        (["--rp_serve_api", "--rp_api_host", "192.168.0.7"], {}, False),
        (["--rp_serve_api", "--rp_api_host", "laptop.example"], {}, False),
        (["--rp_serve_api", "--rp_api_host", "192.168.0.7", "--allow_local_files"], {}, True),
        (["--allow_local_files"], {runpod_sdk.QUEUE_VARIABLE: "https://queue.example/job-take/$ID"}, False),
        (["--allow_local_files"], {runpod_sdk.REALTIME_VARIABLE: "80"}, False),
    ],
)
def test_local_files_are_for_requests_from_this_machine(
    arguments: list[str],
    environment: dict[str, str],
    allowed: bool,
    started_with: StartedWith,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    started_with(*arguments)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert runpod_sdk.audio_sources().local_files is allowed
