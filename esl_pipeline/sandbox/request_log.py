"""Every request that a vendor's stand-in got, in order."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import asdict, dataclass, field
from threading import Lock
from typing import Any

MOST_KEPT = 100_000


@dataclass
class LoggedRequest:
    """One request.

    Attributes:
        id: 1 for the first since the sandbox started.
        vendor: ``notion``, ``elevenlabs``, ``openai`` or ``s3``.
        path: without the query.
        query: without the question mark.
        status: of the answer; 0 where there is none yet, or never was one.
        at: seconds since 1970.
        seconds: until the answer was sent; 0 before that.
        fault: kind of the injected fault, None where there was none.
    """

    id: int
    vendor: str
    method: str
    path: str
    query: str
    status: int = 0
    at: float = field(default_factory=time.time)
    seconds: float = 0.0
    fault: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Returns it for the control API."""
        return asdict(self)


class RequestLog:
    """Keeps the last 100,000 requests in memory."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._count = 0
        self._entries: deque[LoggedRequest] = deque(maxlen=MOST_KEPT)

    def begin(self, vendor: str, method: str, path: str, query: str) -> LoggedRequest:
        """Writes down that a request came in; the caller fills in how it ended."""
        with self._lock:
            self._count += 1
            entry = LoggedRequest(self._count, vendor, method, path, query)
            self._entries.append(entry)
        return entry

    def entries(self) -> list[LoggedRequest]:
        """Returns the requests, oldest first."""
        with self._lock:
            return list(self._entries)

    def clear(self) -> None:
        """Forgets all requests."""
        with self._lock:
            self._entries.clear()
