"""Servers that answer wrongly, slowly, or not at all: one line of error within the time that is set."""

import gzip
import socket
import ssl
import struct
import time
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import brotli
import pytest
import trustme

from shared.audio import download
from shared.audio.limits import AudioLimits, AudioSources
from shared.audio.load import load_audio
from shared.errors import AudioTooLargeError, AudioUndecodableError, AudioUnreachableError, ServiceError
from tests.support.data import DATA, Clip
from tests.support.server import send, serving

WAV = (DATA / "librivox_0880.wav").read_bytes()
LIMITS = AudioLimits(max_bytes=1_000_000, download_timeout_seconds=1)
THIS_MACHINE = AudioSources(private_addresses=True)

Answer = Callable[[BaseHTTPRequestHandler], None]


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "RETRY_DELAYS", (0, 0))


def raw(*parts: bytes, pause: float = 0) -> Answer:
    """Returns an answer of these bytes, and the end of the connection."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        for part in parts:
            request.wfile.write(part)
            time.sleep(pause)

    return answer


def wait(seconds: float) -> Answer:
    """Returns an answer of nothing."""
    return lambda _: time.sleep(seconds)


def in_turn(*answers: Answer) -> Answer:
    """Returns an answer made of several."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        for each in answers:
            each(request)

    return answer


def endless(start: bytes, part: bytes, pause: float = 0) -> Answer:
    """Returns an answer that begins and never ends."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        request.wfile.write(start)
        while True:
            request.wfile.write(part)
            time.sleep(pause)

    return answer


OK = b"HTTP/1.1 200 OK\r\n"

HOSTILE: dict[str, tuple[Answer, type[ServiceError]]] = {
    "body without end": (endless(OK + b"\r\n", bytes(65_536)), AudioTooLargeError),
    "chunks without end": (
        endless(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"2000\r\n" + bytes(0x2000) + b"\r\n"),
        AudioTooLargeError,
    ),
    "a length over the limit": (raw(OK + b"Content-Length: 99999999999\r\n\r\n"), AudioTooLargeError),
    "a byte at a time": (endless(OK + b"\r\n", b"\0", pause=0.1), AudioUnreachableError),
    "a header's byte at a time": (endless(OK + b"X: ", b"x", pause=0.1), AudioUnreachableError),
    "a header at a time": (endless(OK, b"X: x\r\n", pause=0.1), AudioUnreachableError),
    "silence": (wait(3), AudioUnreachableError),
    "silence after the headers": (in_turn(raw(OK + b"\r\n"), wait(3)), AudioUnreachableError),
    "slow redirects": (
        in_turn(wait(0.4), raw(b"HTTP/1.1 302 Found\r\nLocation: /\r\n\r\n")),
        AudioUnreachableError,
    ),
    "no answer": (raw(), AudioUnreachableError),
    "no HTTP": (raw(b"SSH-2.0-OpenSSH_9.2\r\n"), AudioUnreachableError),
    "another protocol's bytes": (raw(bytes(range(256)) * 100), AudioUnreachableError),
    "a header of a megabyte": (raw(OK + b"X: " + b"x" * 1_000_000 + b"\r\n\r\n" + WAV), AudioUnreachableError),
    "headers without end": (endless(OK, b"X: x\r\n" * 1000), AudioUnreachableError),
    "preliminary answers without end": (endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 1000), AudioUnreachableError),
    "no body": (raw(OK + b"Content-Length: 0\r\n\r\n"), AudioUndecodableError),
    "a negative length": (raw(OK + b"Content-Length: -5\r\n\r\n" + WAV), AudioUnreachableError),
    "a length that is no number": (raw(OK + b"Content-Length: five\r\n\r\n" + WAV), AudioUnreachableError),
    "two lengths": (raw(OK + b"Content-Length: 5\r\nContent-Length: 9\r\n\r\n" + WAV), AudioUnreachableError),
    "less than its length": (lambda request: send(request, WAV[:50_000], length=len(WAV)), AudioUnreachableError),
    "hang-up within a chunk": (
        raw(OK + b"Transfer-Encoding: chunked\r\n\r\nffff\r\n" + WAV[:50_000]),
        AudioUnreachableError,
    ),
    "204": (raw(b"HTTP/1.1 204 No Content\r\n\r\n"), AudioUnreachableError),
    "301 to nowhere": (raw(b"HTTP/1.1 301 Moved\r\n\r\n"), AudioUnreachableError),
    "401": (lambda request: send(request, b"", 401), AudioUnreachableError),
    "404": (lambda request: send(request, WAV, 404), AudioUnreachableError),
    "500": (lambda request: send(request, WAV, 500), AudioUnreachableError),
    "a page": (lambda request: send(request, b"<html>sign in</html>"), AudioUndecodableError),
    "gzip bomb": (
        raw(OK + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(bytes(100_000_000))),
        AudioTooLargeError,
    ),
    "brotli bomb": (
        raw(OK + b"Content-Encoding: br\r\n\r\n" + brotli.compress(bytes(100_000_000), quality=1)),
        AudioTooLargeError,
    ),
    "another encoding than it says": (raw(OK + b"Content-Encoding: gzip\r\n\r\n" + WAV), AudioUnreachableError),
    "the beginning of a gzip": (
        raw(OK + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(WAV)[:50]),
        AudioUndecodableError,
    ),
    "a part of the recording": (
        raw(b"HTTP/1.1 206 Part\r\nContent-Range: bytes 0-999/%d\r\n\r\n" % len(WAV) + WAV[:1000]),
        AudioUnreachableError,
    ),
    "the rest of the recording": (
        raw(b"HTTP/1.1 206 Part\r\nContent-Range: bytes 9-%d/%d\r\n\r\n" % (len(WAV) - 1, len(WAV)) + WAV[9:]),
        AudioUnreachableError,
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_server(name: str) -> None:
    answer, error = HOSTILE[name]
    with serving(answer) as url, pytest.raises(error) as raised:
        load_audio(url, LIMITS, THIS_MACHINE)
    assert "\n" not in str(raised.value)
    assert len(str(raised.value)) < 200


def test_a_name_server_that_is_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: time.sleep(3))
    with pytest.raises(AudioUnreachableError, match="too slow"):
        load_audio("https://recordings.example/a.wav", LIMITS, THIS_MACHINE)


def reset(request: BaseHTTPRequestHandler) -> None:
    """Ends the connection as a server that crashes does."""
    request.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    request.connection.close()


def one_after_the_other(*answers: Answer) -> Answer:
    """Returns an answer that is another one for each request."""
    left = iter(answers)

    def answer(request: BaseHTTPRequestHandler) -> None:
        next(left)(request)

    return answer


whole = raw(OK + b"\r\n" + WAV)


@pytest.mark.parametrize(
    "failure",
    [
        raw(b"HTTP/1.1 500 No\r\n\r\n"),
        raw(b"HTTP/1.1 503 No\r\nRetry-After: 0\r\n\r\n"),
        raw(b"HTTP/1.1 429 No\r\n\r\n"),
        raw(b"HTTP/1.1 429 No\r\nRetry-After: in a while\r\n\r\n"),
        raw(b"HTTP/1.1 429 No\r\nRetry-After: Wed, 21 Oct 2015 07:28:00 GMT\r\n\r\n"),
        raw(),
        raw(OK + b"Content-Length: 9\r\n\r\n"),
        reset,
    ],
)
def test_a_server_that_fails_at_first_is_asked_again(failure: Answer, clip: Clip) -> None:
    with serving(one_after_the_other(failure, failure, whole)) as url:
        assert (load_audio(url, sources=THIS_MACHINE) == clip.audio).all()


def test_but_twice_only() -> None:
    failure = raw(b"HTTP/1.1 503 No\r\n\r\n")
    with (
        serving(one_after_the_other(failure, failure, failure, whole)) as url,
        pytest.raises(AudioUnreachableError, match="answered 503"),
    ):
        load_audio(url, sources=THIS_MACHINE)


def test_a_server_is_not_asked_before_it_says(clip: Clip) -> None:
    asked: list[float] = []

    def answer(request: BaseHTTPRequestHandler) -> None:
        asked.append(time.monotonic())
        (raw(b"HTTP/1.1 429 No\r\nRetry-After: 1\r\n\r\n") if len(asked) == 1 else whole)(request)

    with serving(answer) as url:
        assert (load_audio(url, sources=THIS_MACHINE) == clip.audio).all()
    first, second = asked
    assert second - first >= 1


TOMORROW = format_datetime(datetime.now(UTC) + timedelta(days=1), usegmt=True)


@pytest.mark.parametrize("later", ["60", TOMORROW], ids=["seconds", "date"])  # a date is another in each process
def test_nor_waited_for_beyond_the_time_limit(later: str) -> None:
    failure = raw(f"HTTP/1.1 429 No\r\nRetry-After: {later}\r\n\r\n".encode())
    with (
        serving(one_after_the_other(failure, whole)) as url,
        pytest.raises(AudioUnreachableError, match="answered 429; send the job again later"),
    ):
        load_audio(url, LIMITS, THIS_MACHINE)


def raw_deflate(data: bytes) -> bytes:
    """Returns what some servers send as `deflate`: without zlib's header."""
    compressor = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return compressor.compress(data) + compressor.flush()


ENCODINGS: list[tuple[str, Callable[[bytes], bytes]]] = [
    ("gzip", gzip.compress),
    ("GZIP", gzip.compress),
    ("deflate", zlib.compress),
    ("deflate", raw_deflate),
    ("br", brotli.compress),
    ("aws-chunked", bytes),  # what S3 keeps of an upload in chunks
]


@pytest.mark.parametrize(("encoding", "encode"), ENCODINGS)
def test_an_object_that_is_stored_encoded(encoding: str, encode: Callable[[bytes], bytes], clip: Clip) -> None:
    body = encode(WAV)
    header = f"Content-Encoding: {encoding}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    with serving(raw(OK + header + body)) as url:
        assert (load_audio(url, sources=THIS_MACHINE) == clip.audio).all()
        with pytest.raises(AudioTooLargeError):
            load_audio(url, AudioLimits(max_bytes=len(WAV) - 1), THIS_MACHINE)


@pytest.mark.parametrize("content_range", ["", f"Content-Range: bytes 0-{len(WAV) - 1}/{len(WAV)}\r\n"])
def test_all_of_a_recording_as_one_part(content_range: str, clip: Clip) -> None:
    with serving(raw(f"HTTP/1.1 206 Partial Content\r\n{content_range}\r\n".encode() + WAV)) as url:
        assert (load_audio(url, sources=THIS_MACHINE) == clip.audio).all()


@pytest.mark.parametrize("around", [" {}", "{}\n", "\t{} \r\n", "\N{NO-BREAK SPACE}{}"])
def test_what_is_copied_with_a_url(around: str, clip: Clip) -> None:
    with serving(lambda request: send(request, WAV)) as url:
        assert (load_audio(around.format(url), sources=THIS_MACHINE) == clip.audio).all()


def test_what_will_not_change_is_not_asked_again() -> None:
    with (
        serving(one_after_the_other(raw(b"HTTP/1.1 404 No\r\n\r\n"), whole)) as url,
        pytest.raises(AudioUnreachableError, match="answered 404"),
    ):
        load_audio(url, sources=THIS_MACHINE)


@pytest.mark.parametrize(
    "headers",
    [
        b"",
        b"Content-Type: text/html\r\n",
        b"Content-Type: application/octet-stream\r\nContent-Disposition: attachment\r\n",
        b"Content-Type: none of your business\r\n",
        b"Accept-Ranges: none\r\n",
    ],
)
def test_headers_are_not_what_decides(headers: bytes, clip: Clip) -> None:
    with serving(raw(OK + headers + b"\r\n" + WAV)) as url:
        assert (load_audio(url, sources=THIS_MACHINE) == clip.audio).all()


def test_a_body_in_chunks_with_pauses(clip: Clip) -> None:
    parts = [WAV[start : start + 30_000] for start in range(0, len(WAV), 30_000)]
    chunks = [b"%x\r\n%s\r\n" % (len(part), part) for part in parts]
    with serving(raw(OK + b"Transfer-Encoding: chunked\r\n\r\n", *chunks, b"0\r\n\r\n", pause=0.05)) as url:
        assert (load_audio(url, sources=THIS_MACHINE) == clip.audio).all()


@pytest.mark.parametrize("page", [b"<!DOCTYPE html><title>Sign in</title>", b"\n <HTML>", b"\xef\xbb\xbf<?xml ?>"])
def test_a_sign_in_page_is_named(page: bytes) -> None:
    with serving(lambda request: send(request, page)) as url, pytest.raises(AudioUndecodableError, match="web page"):
        load_audio(url, sources=THIS_MACHINE)


@pytest.mark.parametrize("status", [403, 404])
def test_a_signed_url_that_has_expired_is_hinted_at(status: int) -> None:
    with (
        serving(lambda request: send(request, b"", status)) as url,
        pytest.raises(AudioUnreachableError, match=f"answered {status}; .*expired"),
    ):
        load_audio(url, sources=THIS_MACHINE)


def test_no_encoding_is_asked_for() -> None:
    asked: list[str | None] = []

    def answer(request: BaseHTTPRequestHandler) -> None:
        asked.append(request.headers["Accept-Encoding"])
        send(request, WAV)

    with serving(answer) as url:
        load_audio(url, sources=THIS_MACHINE)
    assert asked == ["identity"]


@pytest.fixture
def authority() -> trustme.CA:
    return trustme.CA()


def tls(authority: trustme.CA, name: str) -> ssl.SSLContext:
    """Returns a server's context with a certificate for a name."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    return context


def test_a_certificate_of_an_unknown_authority_is_refused(authority: trustme.CA) -> None:
    with (
        serving(lambda request: send(request, WAV), tls=tls(authority, "127.0.0.1")) as url,
        pytest.raises(AudioUnreachableError, match="certificate"),
    ):
        load_audio(url, LIMITS, THIS_MACHINE)


@pytest.fixture
def trusted(authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The test's authority is one of the system's."""
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    download._tls.cache_clear()
    yield
    download._tls.cache_clear()


@pytest.mark.usefixtures("trusted")
def test_a_certificate_of_the_server(authority: trustme.CA, clip: Clip) -> None:
    with serving(lambda request: send(request, WAV), tls=tls(authority, "127.0.0.1")) as url:
        assert (load_audio(url, sources=THIS_MACHINE) == clip.audio).all()


@pytest.mark.usefixtures("trusted")
def test_a_certificate_of_another_server(authority: trustme.CA) -> None:
    with (
        serving(lambda request: send(request, WAV), tls=tls(authority, "example.org")) as url,
        pytest.raises(AudioUnreachableError, match="certificate"),
    ):
        load_audio(url, LIMITS, THIS_MACHINE)


@pytest.mark.parametrize("start", [b"", b"\x16\x03\x01", b"HTTP/1.1 200 OK\r\n\r\n"])
def test_a_server_that_speaks_no_tls(start: bytes) -> None:
    with serving(endless(start, b"\0", pause=0.1)) as url, pytest.raises(AudioUnreachableError):
        load_audio(url.replace("http:", "https:"), LIMITS, THIS_MACHINE)
