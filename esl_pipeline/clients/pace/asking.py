"""Who asks a vendor, how much that vendor takes, and what somebody who waits wants to be asked and told."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Protocol

WINDOW_S = 60.0


@dataclass(frozen=True)
class PaceLimits:
    """How much a vendor takes from one credential.

    Attributes:
        requests: in any ``window_s`` seconds, 1 or more; any number where None.
        concurrent: under way at the same time, 1 or more; any number where None.
    """

    requests: int | None = None
    concurrent: int | None = None
    window_s: float = WINDOW_S


@dataclass(frozen=True)
class Asker:
    """Who wants to send requests.

    Attributes:
        credential: a fingerprint, see ``fingerprint``; all who have the same one share the limits.
        tenant: among those who share, requests are given out tenant by tenant.
    """

    vendor: str
    credential: str
    tenant: str
    limits: PaceLimits

    @property
    def key(self) -> str:
        """Names what is shared."""
        return f"{self.vendor}/{self.credential}"


@dataclass
class Turn:
    """Permission for one request; what the answer tells is noted here before the turn ends.

    Attributes:
        waited_s: how long it took to get it.
        most_at_once: requests at the same time that the vendor says it takes; None where it does not say.
        hold_s: seconds for which the vendor wants nothing from this credential; None where it does not say.
    """

    waited_s: float = 0.0
    most_at_once: int | None = None
    hold_s: float | None = None


class NoTurnError(Exception):
    """The time to wait was over, or would be; ``retry_after_s`` is when asking again is worth it."""

    def __init__(self, retry_after_s: float) -> None:
        super().__init__(f"no turn within the time; in about {retry_after_s:.0f} s there may be one")
        self.retry_after_s = retry_after_s


class Pace(Protocol):
    """Gives out permissions for requests, so that no vendor gets more than it takes."""

    def turn(self, asker: Asker, timeout_s: float) -> AbstractContextManager[Turn]:
        """Waits for permission for one request, and holds it for the block.

        Raises:
            NoTurnError: there was none in time; asking again later may help.
            Exception: what the waiter's ``stop`` raised.
        """


@dataclass(frozen=True)
class Paced:
    """A pace, and the limits that a client keeps with it."""

    pace: Pace
    limits: PaceLimits


@dataclass(frozen=True)
class Waiter:
    """Whoever has work done in which somebody may have to wait.

    Attributes:
        stop: called about every second while waiting; what it raises ends the wait.
        told: is told the vendor and the seconds that were waited.
    """

    stop: Callable[[], None] = lambda: None
    told: Callable[[str, float], None] = lambda _vendor, _seconds: None


_WAITER: ContextVar[Waiter] = ContextVar("waiter", default=Waiter())  # noqa: B039 it is frozen


def waiter() -> Waiter:
    """Returns whose work this is; that of a thread's starter only where the starter's context was copied into it."""
    return _WAITER.get()


@contextmanager
def waiting_as(who: Waiter) -> Iterator[None]:
    """Makes what is done in the block somebody's work."""
    before = _WAITER.set(who)
    try:
        yield
    finally:
        _WAITER.reset(before)


def fingerprint(vendor: str, secret: str) -> str:
    """Returns what stands for a credential in shared records; it can't be turned back into the credential."""
    return hmac.new(f"pace of {vendor}".encode(), secret.encode(), hashlib.sha256).hexdigest()[:32]
