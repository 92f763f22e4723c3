"""Stops asking a vendor that is down."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock

OUTAGES_TO_OPEN = 5
OPEN_S = 30.0


class CircuitBreaker:
    """Opens after outages in a row; from then on lets one request through every half minute, to see how things are.

    One belongs to one client, thus to one tenant, vendor and endpoint.
    """

    def __init__(
        self, monotonic: Callable[[], float], outages_to_open: int = OUTAGES_TO_OPEN, open_s: float = OPEN_S
    ) -> None:
        self._monotonic, self._outages_to_open, self._open_s = monotonic, outages_to_open, open_s
        self._lock = Lock()
        self._outages = 0
        self._opens_at = 0.0

    def remaining_s(self) -> float:
        """Returns the seconds for which nothing should be asked, 0 where asking is fine."""
        with self._lock:
            return self._remaining_s()

    def enter(self) -> float:
        """Returns 0 where a request may go, else the seconds for which none should.

        The one request that may go while the breaker is open holds back the others until its answer is noted, or for
        as long as the breaker would be open where it never is.
        """
        with self._lock:
            remaining_s = self._remaining_s()
            if not remaining_s and self._outages >= self._outages_to_open:
                self._opens_at = self._monotonic() + self._open_s
            return remaining_s

    def note(self, *, outage: bool) -> None:
        """Takes the outcome of a request; anything but an outage closes the breaker."""
        with self._lock:
            self._outages = self._outages + 1 if outage else 0
            if self._outages >= self._outages_to_open:
                self._opens_at = self._monotonic() + self._open_s

    def _remaining_s(self) -> float:
        if self._outages < self._outages_to_open:
            return 0.0
        return max(0.0, self._opens_at - self._monotonic())
