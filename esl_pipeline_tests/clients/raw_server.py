"""A server on loopback that does to a connection what a test says: answers, breaks off, resets, keeps silent."""

from __future__ import annotations

import socket
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import Event, Thread


@dataclass
class RawServer:
    """Where it listens, and what it was sent.

    Attributes:
        url: its address.
        requests: the whole requests, as bytes, one per connection.
        over: set when the test ends; one that keeps silent waits for it.
    """

    url: str
    requests: list[bytes] = field(default_factory=list)
    over: Event = field(default_factory=Event)


Treatment = Callable[[socket.socket, RawServer], None]


def saying(*parts: bytes) -> Treatment:
    """Sends bytes and closes the connection."""

    def treat(connection: socket.socket, _server: RawServer) -> None:
        for part in parts:
            connection.sendall(part)

    return treat


def resetting(*parts: bytes) -> Treatment:
    """Sends bytes and resets the connection."""

    def treat(connection: socket.socket, _server: RawServer) -> None:
        for part in parts:
            connection.sendall(part)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    return treat


def silent(*parts: bytes) -> Treatment:
    """Sends bytes and then nothing more."""

    def treat(connection: socket.socket, server: RawServer) -> None:
        for part in parts:
            connection.sendall(part)
        server.over.wait(10)

    return treat


def dripping(head: bytes) -> Treatment:
    """Sends a head and then a byte every few milliseconds."""

    def treat(connection: socket.socket, server: RawServer) -> None:
        connection.sendall(head)
        for _ in range(1000):
            if server.over.wait(0.02):
                return
            connection.sendall(b" ")

    return treat


@contextmanager
def serving(*treatments: Treatment) -> Iterator[RawServer]:
    """Serves one connection after the other, each in its way, the last way for ever."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = RawServer(f"http://127.0.0.1:{listener.getsockname()[1]}")
        listener.settimeout(0.05)
        thread = Thread(target=_serve, args=(listener, server, list(treatments)))
        thread.start()
        try:
            yield server
        finally:
            server.over.set()
            thread.join()


def _serve(listener: socket.socket, server: RawServer, treatments: list[Treatment]) -> None:
    threads: list[Thread] = []
    while not server.over.is_set():
        try:
            connection, _ = listener.accept()
        except TimeoutError:
            continue
        treatment = treatments.pop(0) if len(treatments) > 1 else treatments[0]
        threads.append(Thread(target=_treat, args=(connection, server, treatment)))
        threads[-1].start()
    for thread in threads:
        thread.join()


def _treat(connection: socket.socket, server: RawServer, treatment: Treatment) -> None:
    with connection, suppress(OSError):  # the client may hang up
        connection.settimeout(1)
        server.requests.append(_read_request(connection))
        treatment(connection, server)


def _read_request(connection: socket.socket) -> bytes:
    """Returns the whole request; what there is of it where it is no HTTP or breaks off."""
    read, whole = b"", 0
    while not whole or len(read) < whole:
        more = connection.recv(65536)
        read += more
        if not more or not read[:1].isupper():
            return read
        head, end, _ = read.partition(b"\r\n\r\n")
        if end and not whole:
            if b"expect: 100-continue" in head.lower():
                connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
            lengths = [
                line.split(b":")[1] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")
            ]
            whole = len(head) + len(end) + (int(lengths[0]) if lengths else 0)
    return read
