"""A file at a URL of a stranger's choice: from public servers only, within so many bytes and seconds altogether."""

import asyncio
import functools
import ipaddress
import socket
import ssl
import threading

import aiohttp
import certifi

from shared.errors import AudioForbiddenError, AudioTooLargeError, AudioUnreachableError
from shared.runpod_sdk import ALLOW_PRIVATE_VARIABLE, is_safe_address, private_addresses_allowed, runs_on_runpod

PORTS = frozenset({80, 443, 8080, 8443})  # where files are served; others are databases and the like
PAUSES = (0.0, 0.5, 1.0)  # seconds before each attempt
MAX_REDIRECTS = 5
CHUNK_BYTES = 1 << 16


class _ServerError(AudioUnreachableError):
    """A status of 500 or more: another attempt may do."""


def download(url: str, max_bytes: int, timeout_seconds: float) -> bytes:
    """Returns the body at an `https:` or `http:` URL, as it comes: no content encoding is asked for or undone.

    The time is for everything: names, redirects, headers, body, and two more attempts where a server fails. Raises
    AudioForbiddenError, AudioUnreachableError or AudioTooLargeError.
    """
    # The SDK calls handlers inside its own event loop, which can't wait for another coroutine: hence a thread.
    return asyncio.run_coroutine_threadsafe(_download(url, max_bytes, timeout_seconds), _event_loop()).result()


@functools.cache
def _event_loop() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="download", daemon=True).start()
    return loop


async def _download(url: str, max_bytes: int, timeout_seconds: float) -> bytes:
    try:
        async with asyncio.timeout(timeout_seconds):
            return await _get_with_retries(url, max_bytes)
    except TimeoutError as error:
        raise AudioUnreachableError("the server is too slow; send the recording from nearer by") from error
    except aiohttp.ClientConnectorDNSError as error:
        raise AudioUnreachableError("the server's name is not known; check the URL") from error
    except aiohttp.ClientSSLError as error:
        raise AudioUnreachableError("the server's TLS certificate is not valid; check the URL") from error
    except (aiohttp.NonHttpUrlRedirectClientError, ValueError) as error:  # aiohttp's InvalidURL is a ValueError
        raise AudioForbiddenError("the URL can't be read; send a public https: URL") from error
    except (aiohttp.ClientError, OSError) as error:
        raise AudioUnreachableError("the server did not send the recording; try again") from error


async def _get_with_retries(url: str, max_bytes: int) -> bytes:
    """Returns the body at a URL, from the first attempt in which the server is there and does not fail."""
    for pause in PAUSES:
        await asyncio.sleep(pause)
        try:
            return await _get(url, max_bytes)
        except (aiohttp.ClientConnectionError, aiohttp.ClientPayloadError, _ServerError) as error:
            failure = error
    raise failure


async def _get(url: str, max_bytes: int) -> bytes:
    connector = aiohttp.TCPConnector(
        resolver=aiohttp.ThreadedResolver(),
        socket_factory=_public_socket,
        happy_eyeballs_delay=None,  # one address after the other, so that what the factory raises gets through
        ssl=_tls(),
    )
    body = bytearray()
    async with (
        aiohttp.ClientSession(
            connector=connector,
            headers={"Accept-Encoding": "identity"},
            auto_decompress=False,
            timeout=aiohttp.ClientTimeout(total=None),
        ) as session,
        session.get(url, max_redirects=MAX_REDIRECTS) as response,
    ):
        if response.status != 200:
            failure = _ServerError if response.status >= 500 else AudioUnreachableError
            raise failure(f"the server answered {response.status}; check the URL")
        if (response.content_length or 0) > max_bytes:
            raise too_large(max_bytes)
        async for chunk in response.content.iter_chunked(CHUNK_BYTES):
            body += chunk
            if len(body) > max_bytes:
                raise too_large(max_bytes)
    return bytes(body)


def too_large(max_bytes: int) -> AudioTooLargeError:
    """Returns the error for a recording of more bytes than that."""
    return AudioTooLargeError(f"the recording has more than {max_bytes} bytes; send a shorter or compressed one")


def _public_socket(address: aiohttp.AddrInfoType) -> socket.socket:
    """Returns a socket for an address that is about to be connected to. Raises AudioForbiddenError.

    Every connection comes through here with the address in its last form, after redirects and names: whatever
    spelling a URL has, and whatever a name resolved to a moment ago, this is where the bytes would go.
    """
    family, kind, protocol, _, (host, port, *_) = address
    if not private_addresses_allowed() and not (port in PORTS and is_public(str(host))):
        switch = "" if runs_on_runpod() else f", or set {ALLOW_PRIVATE_VARIABLE}=1 on your own machine"
        raise AudioForbiddenError(f"the URL is not of a public web server; send a public https: URL{switch}")
    return socket.socket(family, kind, protocol)


def is_public(host: str) -> bool:
    """Whether an IP address is of the public internet: as the SDK says, and no 6to4 or site-local IPv6 one."""
    address = ipaddress.ip_address(host)
    if isinstance(address, ipaddress.IPv6Address) and (address.sixtofour or address.is_site_local):
        return False
    return is_safe_address(host)


@functools.cache
def _tls() -> ssl.SSLContext:
    """Returns a context that trusts the system's authorities and certifi's: an image can lack the former."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context
