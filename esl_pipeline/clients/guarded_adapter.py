"""Connections that are looked at before anything is sent: a name may lead elsewhere than it did a moment ago."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import NewConnectionError

MayConnect = Callable[[str], bool]
"""Tells of an IP address whether anything may be sent there."""


class GuardedAdapter(HTTPAdapter):
    """Ends a connection to an address that is not allowed, before a byte is sent over it.

    Through a proxy it is the proxy that looks names up, and that must be guarded itself.

    Args:
        may_connect: is asked for each new connection.
    """

    def __init__(self, may_connect: MayConnect) -> None:
        self._may_connect = may_connect
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Makes the pool of connections."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = _pools(self._may_connect)


def _pools(may_connect: MayConnect) -> dict[str, type[HTTPConnectionPool]]:
    class Plain(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return _looked_at(self, super()._new_conn(), may_connect)

    class Encrypted(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            return _looked_at(self, super()._new_conn(), may_connect)

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class EncryptedPool(HTTPSConnectionPool):
        ConnectionCls = Encrypted

    return {"http": PlainPool, "https": EncryptedPool}


def _looked_at(connection: HTTPConnection, made: socket.socket, may_connect: MayConnect) -> socket.socket:
    if may_connect(made.getpeername()[0]):
        return made
    made.close()
    raise NewConnectionError(connection, "The address is not allowed.")
