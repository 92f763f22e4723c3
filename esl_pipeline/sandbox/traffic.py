"""How much each vendor got from each credential: at the same time, and in any one window of time."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, Any

from esl_pipeline.clients.pace import fingerprint

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

WINDOW_S = 60.0
TOO_MANY = 429
CREDENTIALS = {"notion": "HTTP_AUTHORIZATION", "elevenlabs": "HTTP_XI_API_KEY", "openai": "HTTP_AUTHORIZATION"}


@dataclass
class Count:
    """Of one vendor and credential.

    Attributes:
        requests: all that arrived.
        refused: those answered with 429.
        most_in_window: most that arrived within any window, wherever it begins.
        most_at_once: most under way at the same time.
    """

    requests: int = 0
    refused: int = 0
    most_in_window: int = 0
    most_at_once: int = 0
    now: int = 0
    recent: deque[float] = field(default_factory=deque)

    def as_json(self) -> dict[str, int]:
        """Returns it for the control API."""
        names = ("requests", "refused", "most_in_window", "most_at_once")
        return {name: getattr(self, name) for name in names}


class Traffic:
    """Counts requests; safe to share between threads.

    Attributes:
        window_s: length of the windows in seconds.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic, self._lock = monotonic, Lock()
        self.window_s = WINDOW_S
        self._counts: dict[tuple[str, str], Count] = {}

    def begin(self, vendor: str, environ: WSGIEnvironment) -> Callable[[int], None]:
        """Counts a request; returns what is called, with the answer's status, at its end."""
        secret = environ.get(CREDENTIALS.get(vendor, ""), "").removeprefix("Bearer ")
        key = (vendor, fingerprint(vendor, secret) if secret else "")
        with self._lock:
            count, now = self._counts.setdefault(key, Count()), self._monotonic()
            count.requests += 1
            count.now += 1
            count.recent.append(now)
            while count.recent[0] <= now - self.window_s:
                count.recent.popleft()
            count.most_in_window = max(count.most_in_window, len(count.recent))
            count.most_at_once = max(count.most_at_once, count.now)

        def end(status: int) -> None:
            with self._lock:
                count.now -= 1
                count.refused += status == TOO_MANY

        return end

    def clear(self, window_s: float = WINDOW_S) -> None:
        """Begins to count anew, in windows of a length."""
        with self._lock:
            self.window_s = window_s
            self._counts = {}

    def as_json(self) -> dict[str, dict[str, Any]]:
        """Returns the counts by vendor and by the fingerprint of the credential."""
        with self._lock:
            counts = sorted(self._counts.items())
            vendors = dict.fromkeys(vendor for (vendor, _), _ in counts)
            return {
                vendor: {credential: count.as_json() for (one, credential), count in counts if one == vendor}
                for vendor in vendors
            }
