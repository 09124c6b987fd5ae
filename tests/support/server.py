"""A web server on this machine, whose answers a function makes."""

import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Server(ThreadingHTTPServer):
    """A server that does not report clients that hang up."""

    def handle_error(self, *_: object) -> None: ...


@contextmanager
def serving(
    answer: Callable[[BaseHTTPRequestHandler], None], host: str = "127.0.0.1", tls: ssl.SSLContext | None = None
) -> Iterator[str]:
    """Answers every GET and POST with a function of the request, at the URL it yields."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer(self)

        def do_POST(self) -> None:
            answer(self)

        def log_message(self, *_: object) -> None: ...

    server = Server((host, 0), Handler)
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield f"{'https' if tls else 'http'}://{host}:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


def send(request: BaseHTTPRequestHandler, body: bytes, status: int = 200, length: int | None = None) -> None:
    """Sends a body with its length, or with another one."""
    request.send_response(status)
    request.send_header("Content-Length", str(len(body) if length is None else length))
    request.end_headers()
    request.wfile.write(body)
