"""Where recordings are not fetched from, whatever the spelling: no connection is so much as tried."""

import base64
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler

import pytest

from shared.audio import download
from shared.audio.limits import AudioSources
from shared.audio.load import load_audio
from shared.errors import AudioForbiddenError, AudioUnreachableError
from shared.serving.runpod_sdk import audio_sources
from tests.support.data import DATA, Clip
from tests.support.server import send, serving

WAV = DATA / "librivox_0880.wav"
OPEN, HIDDEN = "127.0.0.2", "127.0.0.1"
"""Addresses of this machine that stand for a public server and for one that must not be reached."""

PRIVATE = [
    "127.0.0.1",
    "localhost",
    "LOCALHOST",
    "2130706433",  # decimal
    "0x7f000001",
    "0x7f.0x0.0x0.0x1",
    "017700000001",  # octal
    "0177.0.0.1",
    "127.1",
    "0",
    "0.0.0.0",  # noqa: S104 (nothing is bound)
    "①②⑦.⓪.⓪.①",
    "127。0。0。1",
    "[::1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::127.0.0.1]",
    "[64:ff9b::7f00:1]",  # NAT64
    "[2002:7f00:1::]",  # 6to4
    "[fe80::1]",
    "[fe80::1%25lo]",
    "[fec0::1]",
    "[fd00:ec2::254]",  # metadata
    "169.254.169.254",
    "[::ffff:169.254.169.254]",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.0.1",
    "100.64.0.1",  # shared address space
    "198.18.0.1",
    "224.0.0.1",
    "255.255.255.255",
    "user:password@127.0.0.1",
    "example.org@127.0.0.1",
    "127.0.0.1#@example.org",
    "127.0.0.1\t",
    "127%2e0%2e0%2e1",
    "%31%32%37.0.0.1",
    "example.org%2f@127.0.0.1",
    "user%40example.org:p%2Fss@127.0.0.1",
    "%6c%6f%63alhost",
    "[::1%25]",
    "127.0.0.1:80",
    "127.0.0.1:443?@example.org",
]

attempts: list[object] = []
"""Every address that this process has tried to connect to: Python's own audit of it."""
sys.addaudithook(lambda event, arguments: attempts.append(arguments[1]) if event == "socket.connect" else None)


@pytest.fixture(autouse=True)
def no_attempts() -> None:
    attempts.clear()


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("host", PRIVATE)
def test_a_private_address_in_any_spelling(scheme: str, host: str) -> None:
    with pytest.raises(AudioForbiddenError):
        load_audio(f"{scheme}://{host}/latest/meta-data")
    assert attempts == []


@pytest.mark.parametrize(
    "uri",
    [
        "file:///etc/hostname",
        "FILE:///etc/hostname",
        "ftp://example.org/a.wav",
        "gopher://127.0.0.1:6379/_FLUSHALL",
        "unix:///var/run/docker.sock",
        "s3://bucket/a.wav",
        "/etc/hostname",
        "~/.ssh/id_rsa",
        "../../etc/hostname",
        "//127.0.0.1/a.wav",
        " http://127.0.0.1/",
        "javascript:1",
        "http:",
        "http://",
        "http:///a.wav",
        "http://[::1",
        "http://example..org/",
        "http://example.org:99999/",
        "http://\ud800/",
        "http://" + "a" * 1_000_000,
    ],
)
def test_what_is_no_url_of_a_server(uri: str) -> None:
    with pytest.raises(AudioForbiddenError) as raised:
        load_audio(uri, sources=AudioSources(local_files=False))
    assert attempts == []
    assert len(str(raised.value)) < 200


@pytest.mark.parametrize("port", [22, 25, 3306, 5432, 6379, 9200, 11211, 27017])
def test_a_port_where_no_files_are(port: int) -> None:
    with pytest.raises(AudioForbiddenError):
        load_audio(f"http://8.8.8.8:{port}/")
    assert attempts == []


@contextmanager
def public_server(answer: Callable[[BaseHTTPRequestHandler], None]) -> Iterator[int]:
    """Serves on the open address as if that alone were public, and yields the port."""
    with serving(answer, OPEN) as url, pytest.MonkeyPatch.context() as patch:
        port = int(url.rstrip("/").rpartition(":")[2])
        patch.setattr(download, "PORTS", {port})
        patch.setattr(download, "is_public", lambda host: host == OPEN)
        yield port


def redirecting_to(url: str) -> Callable[[BaseHTTPRequestHandler], None]:
    return lambda request: void(request.wfile.write(f"HTTP/1.1 302 Found\r\nLocation: {url}\r\n\r\n".encode()))


def void(_: object) -> None: ...


@pytest.mark.parametrize("host", PRIVATE)
def test_a_redirect_to_a_private_address(host: str) -> None:
    with public_server(redirecting_to(f"http://{host}/")) as port, pytest.raises(AudioForbiddenError):
        load_audio(f"http://{OPEN}:{port}/")
    assert attempts == [(OPEN, port)]


@pytest.mark.parametrize(
    "to", ["file:///etc/hostname", "ftp://example.org/", "data:audio/wav;base64,AAAA", "http://[::1"]
)
def test_a_redirect_to_another_scheme(to: str) -> None:
    with public_server(redirecting_to(to)) as port, pytest.raises(AudioForbiddenError):
        load_audio(f"http://{OPEN}:{port}/")
    assert attempts == [(OPEN, port)]


def test_a_name_of_a_private_address(monkeypatch: pytest.MonkeyPatch) -> None:
    resolve(monkeypatch, [HIDDEN])
    with pytest.raises(AudioForbiddenError):
        load_audio("https://recordings.example/a.wav")
    assert attempts == []


def test_a_name_that_changes_its_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server fails at first: at the next attempt its name is one of this machine."""
    with public_server(lambda request: send(request, b"", 500)) as port, pytest.raises(AudioForbiddenError):
        resolve(monkeypatch, [OPEN, HIDDEN])
        load_audio(f"http://recordings.example:{port}/")
    assert attempts == [(OPEN, port)]


def resolve(monkeypatch: pytest.MonkeyPatch, answers: list[str]) -> None:
    """Has any name resolve to one address after the other."""
    real, left = socket.getaddrinfo, iter(answers)
    monkeypatch.setattr(socket, "getaddrinfo", lambda _, *rest, **named: real(next(left), *rest, **named))


def test_redirects_without_end() -> None:
    with public_server(redirecting_to("/")) as port, pytest.raises(AudioUnreachableError):
        load_audio(f"http://{OPEN}:{port}/")
    assert attempts == [(OPEN, port)] * download.MAX_REDIRECTS


def test_the_switch_for_development_opens_this_machine(clip: Clip, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(lambda request: send(request, WAV.read_bytes())) as url:
        with pytest.raises(AudioForbiddenError, match=f"set {download.ALLOW_PRIVATE_VARIABLE}=1 on your own machine"):
            load_audio(url, sources=audio_sources())
        assert attempts == []
        monkeypatch.setenv(download.ALLOW_PRIVATE_VARIABLE, "1")
        assert (load_audio(url, sources=audio_sources()) == clip.audio).all()
        assert len(attempts) == 1


def test_an_unknown_name_is_unreachable() -> None:
    with pytest.raises(AudioUnreachableError, match="name is not known"):
        load_audio("http://no-such-host.invalid/a.wav")


def requested(url: str) -> str:
    """Returns the path and the query that the server HOST of a URL is asked for."""
    asked: list[str] = []

    def answer(request: BaseHTTPRequestHandler) -> None:
        asked.append(request.path)
        send(request, WAV.read_bytes())

    with public_server(answer) as port:
        load_audio(url.replace("HOST", f"{OPEN}:{port}"))
    return asked[0]


SIGNED = (
    "/a%3Ab%27c%40d%28e%29%3D%2C%2F~b+c//../.;p=1%7e?X-Amz-Credential=k%2F1%3Aaws4&sig=a%2Bb+c%20%3D&x=%27%28%29&&y="
)


@pytest.mark.parametrize(
    ("url", "path"),
    [
        (SIGNED, SIGNED),
        ("?a%2Fb", "/?a%2Fb"),
        ("/a b/ü.wav?q=é x", "/a%20b/%C3%BC.wav?q=%C3%A9%20x"),
        ("/a%20b/%C3%BC.wav", "/a%20b/%C3%BC.wav"),
        ("/100%", "/100%"),
        ("/a%3ab#fragment", "/a%3ab"),
    ],
)
def test_a_signed_url_is_requested_byte_for_byte(url: str, path: str) -> None:
    assert requested(f"http://HOST{url}") == path


@pytest.mark.parametrize("relative", [False, True])
@pytest.mark.parametrize("scheme", ["http", "HTTP"])
def test_the_target_of_a_redirect_too(relative: bool, scheme: str) -> None:
    target = "/a%3Ab%27?X-Amz-Credential=k%2F1%3A&sig=%2B%3D"
    asked: list[str] = []

    def answer(request: BaseHTTPRequestHandler) -> None:
        asked.append(request.path)
        if request.path == "/":
            redirecting_to(target if relative else f"{scheme}://{request.headers['Host']}{target}")(request)
        else:
            send(request, WAV.read_bytes())

    with public_server(answer) as port:
        load_audio(f"http://{OPEN}:{port}/")
    assert asked == ["/", target]


def test_the_password_of_a_url_goes_into_the_header() -> None:
    asked: list[tuple[str, str]] = []

    def answer(request: BaseHTTPRequestHandler) -> None:
        asked.append((request.path, request.headers["Authorization"]))
        send(request, WAV.read_bytes())

    with public_server(answer) as port:
        load_audio(f"http://user:p%40ss@{OPEN}:{port}/a%3Ab")
    assert asked == [("/a%3Ab", "Basic " + base64.b64encode(b"user:p@ss").decode())]
