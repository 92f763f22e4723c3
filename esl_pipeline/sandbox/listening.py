"""HTTP servers on loopback, each in a thread of its own."""

from __future__ import annotations

import errno
import socket
import struct
from collections.abc import Sequence
from threading import Thread
from typing import TYPE_CHECKING, Any

from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

from esl_pipeline.sandbox.launcher import SandboxError

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

HOST = "127.0.0.1"
NO_LINGER = struct.pack("ii", 0, 0)
WAITING_CLIENTS = 128


class _Handler(WSGIRequestHandler):
    # Header and body are two packets; without this the second may wait 40 ms for the first one's acknowledgement.
    disable_nagle_algorithm = True
    protocol_version = "HTTP/1.1"

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Says nothing; the request log has it."""

    def connection_dropped(self, error: BaseException, environ: Any = None) -> None:  # noqa: ARG002 its caller's
        """Ends the connection; nothing more is read from it."""
        self.close_connection = True


class _Server(ThreadedWSGIServer):
    daemon_threads = True

    def shutdown_request(self, request: Any) -> None:
        """Ends a connection, with a reset where a fault asked for one."""
        if request.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, len(NO_LINGER)) != NO_LINGER:
            self.close_request(request)
        else:
            super().shutdown_request(request)


def bind(ports: Sequence[int]) -> list[socket.socket]:
    """Takes ports of this machine, 0 for any free one each.

    Raises:
        SandboxError: one of them is taken.
    """
    bound: list[socket.socket] = []
    try:
        for port in ports:
            bound.append(_bind(port))
    except BaseException:
        for taken in bound:
            taken.close()
        raise
    return bound


def _bind(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, port))
        listener.listen(WAITING_CLIENTS)
    except OSError as error:
        listener.close()
        if error.errno not in (errno.EADDRINUSE, errno.EACCES):
            raise
        why = "is used by another program" if error.errno == errno.EADDRINUSE else "may not be used"
        message = f"Port {port} {why}. Set ESL_SANDBOX_PORT to the first of four free ports."
        raise SandboxError(message) from error
    return listener


class Listener:
    """One server.

    Args:
        listener: a socket that listens; taken over.
        app: answers the requests.
    """

    def __init__(self, listener: socket.socket, app: WSGIApplication) -> None:
        port = listener.getsockname()[1]
        self._server = _Server(HOST, port, app, _Handler, fd=listener.fileno())
        listener.close()
        self._thread = Thread(target=self._server.serve_forever, args=(0.05,), name=f"sandbox-{port}", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Takes no more requests."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def url_of(listener: socket.socket) -> str:
    """Returns a socket's address for clients."""
    return f"http://{HOST}:{listener.getsockname()[1]}"
