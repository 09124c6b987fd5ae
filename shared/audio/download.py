"""A file at a URL that a request names: from public servers only, within so many bytes and seconds altogether."""

import asyncio
import functools
import ipaddress
import math
import re
import socket
import ssl
import string
import threading
from urllib.parse import quote, urljoin

import aiohttp
import certifi
from urllib3.exceptions import InvalidHeader
from urllib3.util import Retry
from yarl import URL

from shared.audio.limits import AudioSources
from shared.errors import AudioForbiddenError, AudioTooLargeError, AudioUnreachableError

ALLOW_PRIVATE_VARIABLE = "RUNPOD_ALLOW_PRIVATE_DOWNLOAD_URLS"  # which the SDK reads for its own downloads
PORTS = frozenset({80, 443, 8080, 8443})  # where files are served; others are databases and the like
RETRY_DELAYS = (0.5, 1.0)  # seconds between attempts
MAX_REDIRECTS = 5
REDIRECTS = frozenset({301, 302, 303, 307, 308})
SUCCESSES = frozenset({200, 203, 206})  # 203: as a proxy has altered it. 206: a part, or all as one part
PASSING = frozenset({408, 429, *range(500, 600)})  # what another attempt may not meet
HINTS = {
    403: "the signature of a signed URL may have expired",
    404: "the file is gone, or a signed URL has expired",
    429: "send the job again later, or the recording from elsewhere",
}
CONTENT_RANGE = re.compile(r"bytes (?P<start>\d+)-(?P<end>\d+)/(?P<total>\d+)")
CHUNK_BYTES = 1 << 16
WEB_URL = re.compile(r"(?P<server>https?://[^/?#]*)(?P<rest>[^#]*)(#.*)?", re.IGNORECASE | re.DOTALL)
IGNORED = str.maketrans("", "", "\t\r\n")  # as every parser does: https://url.spec.whatwg.org/#concept-basic-url-parser


class _PassingError(AudioUnreachableError):
    """A status that another attempt may not meet, after so many seconds at least."""

    def __init__(self, message: str, retry_after: float) -> None:
        super().__init__(message)
        self.retry_after = retry_after


def download(url: str, max_bytes: int, timeout_seconds: float, sources: AudioSources) -> bytes:
    """Returns the body at an `https:` or `http:` URL, `max_bytes` at most.

    No content encoding is asked for; one that an object was stored with (gzip, deflate, br, zstd) is undone, and the
    limit counts what comes out. The time is for everything: names, redirects, headers, body, and two more attempts
    where a server fails, when it asks for them. Raises AudioForbiddenError, AudioUnreachableError or
    AudioTooLargeError.
    """
    # The SDK calls handlers inside its own event loop, which can't wait for another coroutine: hence a thread.
    return asyncio.run_coroutine_threadsafe(_download(url, max_bytes, timeout_seconds, sources), _event_loop()).result()


@functools.cache
def _event_loop() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="download", daemon=True).start()
    return loop


async def _download(url: str, max_bytes: int, timeout_seconds: float, sources: AudioSources) -> bytes:
    try:
        async with asyncio.timeout(timeout_seconds):
            deadline = asyncio.get_running_loop().time() + timeout_seconds
            return await _get_with_retries(url, max_bytes, sources, deadline)
    except TimeoutError as error:
        raise AudioUnreachableError("the server is too slow; send the recording from nearer by") from error
    except aiohttp.ClientConnectorDNSError as error:
        raise AudioUnreachableError("the server's name is not known; check the URL") from error
    except aiohttp.ClientSSLError as error:
        raise AudioUnreachableError("the server's TLS certificate is not valid; check the URL") from error
    except ValueError as error:  # aiohttp's InvalidURL is one
        raise AudioForbiddenError("the URL can't be read; send a public https: URL") from error
    except (aiohttp.ClientError, OSError) as error:
        raise AudioUnreachableError("the server did not send the recording; try again") from error


async def _get_with_retries(url: str, max_bytes: int, sources: AudioSources, deadline: float) -> bytes:
    """Returns the body at a URL, from the first attempt in which the server is there and does not fail.

    There is none after the deadline, in seconds of the event loop: a server can ask for longer pauses.
    """
    delays = iter(RETRY_DELAYS)
    while True:
        try:
            return await _get(url, max_bytes, sources)
        except (aiohttp.ClientConnectionError, aiohttp.ClientPayloadError, _PassingError) as error:
            asked = error.retry_after if isinstance(error, _PassingError) else 0
            pause = max(next(delays, math.inf), asked)
            if asyncio.get_running_loop().time() + pause >= deadline:
                raise
        await asyncio.sleep(pause)


async def _get(url: str, max_bytes: int, sources: AudioSources) -> bytes:
    connector = aiohttp.TCPConnector(
        resolver=aiohttp.ThreadedResolver(),
        socket_factory=functools.partial(_allowed_socket, sources),
        happy_eyeballs_delay=None,  # one address after the other, so that what the factory raises gets through
        ssl=_tls(),
    )
    async with aiohttp.ClientSession(
        connector=connector, headers={"Accept-Encoding": "identity"}, timeout=aiohttp.ClientTimeout(total=None)
    ) as session:
        for _ in range(MAX_REDIRECTS):
            # Redirects are followed here: aiohttp would rewrite the percent-encoding of their targets.
            async with session.get(request_url(url), allow_redirects=False) as response:
                if response.status not in REDIRECTS or "Location" not in response.headers:
                    return await _read(response, max_bytes)
                url = urljoin(url, response.headers["Location"])
    raise AudioUnreachableError("the server redirects without end; check the URL")


async def _read(response: aiohttp.ClientResponse, max_bytes: int) -> bytes:
    """Returns the body of a response. Raises as `download`."""
    status = response.status
    if status in PASSING:
        message = f"the server answered {status}; {HINTS.get(status, 'send the job again later')}"
        raise _PassingError(message, _retry_after(response))
    if status not in SUCCESSES:
        raise AudioUnreachableError(f"the server answered {status}; {HINTS.get(status, 'check the URL')}")
    part = CONTENT_RANGE.fullmatch(response.headers.get("Content-Range", ""))
    if part and (int(part["start"]), int(part["end"]) + 1) != (0, int(part["total"])):
        raise AudioUnreachableError("the server sent a part of the recording; send a URL that answers all of it")
    if (response.content_length or 0) > max_bytes:
        raise too_large(max_bytes)
    body = bytearray()
    async for chunk in response.content.iter_chunked(CHUNK_BYTES):
        body += chunk
        if len(body) > max_bytes:
            raise too_large(max_bytes)
    return bytes(body)


def _retry_after(response: aiohttp.ClientResponse) -> float:
    """Returns the seconds that a server asks to wait, in either form of the header (RFC 9110, 10.2.3), else 0."""
    try:
        return Retry().parse_retry_after(response.headers.get("Retry-After", ""))
    except InvalidHeader:
        return 0


def request_url(url: str) -> URL:
    """Returns a URL as it is requested: byte for byte after the host, as the signature of a signed URL is of the bytes.

    Spaces and what is not ASCII are percent-encoded. Raises ValueError for what is no URL of a web server.

    >>> str(request_url("https://bucket.example/a%3Ab é.wav?X-Amz-Credential=k%2F1"))
    'https://bucket.example/a%3Ab%20%C3%A9.wav?X-Amz-Credential=k%2F1'
    """
    match = WEB_URL.fullmatch(url.strip().translate(IGNORED))
    if not match:
        raise ValueError("no URL of a web server")
    server = URL(match["server"])  # its name in one form: lower case, IDNA
    if not server.host or "%" in server.host:
        raise ValueError("no name of a server")
    rest = quote(match["rest"], safe=string.punctuation, errors="surrogateescape")
    return URL(f"{server.scheme}://{server.raw_authority}{rest}", encoded=True)


def too_large(max_bytes: int) -> AudioTooLargeError:
    """Returns the error for a recording of more bytes than that."""
    return AudioTooLargeError(f"the recording has more than {max_bytes} bytes; send a shorter or compressed one")


def _allowed_socket(sources: AudioSources, address: aiohttp.AddrInfoType) -> socket.socket:
    """Returns a socket for an address that is about to be connected to. Raises AudioForbiddenError.

    Every connection comes through here with the address in its last form, after redirects and names: whatever
    spelling a URL has, and whatever a name resolved to a moment ago, this is where the bytes would go.
    """
    family, kind, protocol, _, (host, port, *_) = address
    if not sources.private_addresses and not (port in PORTS and is_public(str(host))):
        switch = f", or set {ALLOW_PRIVATE_VARIABLE}=1 on your own machine" if sources.local_files else ""
        raise AudioForbiddenError(f"the URL is not of a public web server; send a public https: URL{switch}")
    return socket.socket(family, kind, protocol)


def is_public(host: str) -> bool:
    """Returns whether an IP address is of one server on the public internet, and no 6to4 or site-local IPv6 one."""
    address = ipaddress.ip_address(host)
    if isinstance(address, ipaddress.IPv6Address):
        if address.sixtofour or address.is_site_local:
            return False
        address = address.ipv4_mapped or address
    return address.is_global and not (address.is_multicast or address.is_reserved)


@functools.cache
def _tls() -> ssl.SSLContext:
    """Returns a context that trusts the system's authorities and certifi's: an image can lack the former."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context
