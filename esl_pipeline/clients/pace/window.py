"""When the next request may go, so that no window of the vendor's gets more than it takes, wherever it begins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

LIGHT_SHARE = 1 / 6
"""A tenant who used less than this of the window is not slowed down: a lesson takes about 30 of 180 requests.

It is less where many share a credential, so that all of them together leave something.
"""
BURST_SHARE = 1 / 2
"""Up to this share of the window nobody is slowed down; the rest is spread, so that there is always some left."""
LATE_SHARE = 1 / 60
"""What is sent late, because who waited did not look at the very moment, is made up for within this share."""
SHORTEST_S, LOWEST_RATE = 1e-3, 1e-3
"""Keep away from divisions by nothing."""
LOOK_AGAIN_S = 0.05
"""Before something that nobody can foretell, such as the end of a request under way, may have happened."""


@dataclass(frozen=True)
class Past:
    """What was sent lately.

    Attributes:
        expiring: when past requests leave the window, and how many do, soonest first.
        running: requests under way; they leave the window no sooner than one window from now.
        last: the mark that the next one keeps its distance from.
    """

    expiring: Sequence[tuple[float, int]]
    running: int
    last: float

    @property
    def used(self) -> int:
        """Requests that count now."""
        return self.running + sum(count for _, count in self.expiring)


@dataclass(frozen=True)
class Place:
    """When a request may go: in so many seconds, and the time that the next one keeps its distance from."""

    wait_s: float
    mark: float


def place(past: Past, now: float, limit: int, *, own: int, sharers: int, ahead: int, window_s: float) -> Place:
    """Returns when a request may go.

    Args:
        past: of the credential.
        now: the time.
        limit: requests in one window, 1 or more.
        own: those of ``past`` that are the asking tenant's.
        sharers: tenants who use the credential now, 1 or more.
        ahead: requests of others that go first.
        window_s: the length of the window in seconds.
    """
    free = limit - past.used - ahead
    if free <= 0:
        return Place(_until_free(past, now, 1 - free), now)
    light = limit * min(LIGHT_SHARE, (1 - BURST_SHARE) / sharers)
    if own < light or past.used + ahead < limit * BURST_SHARE:
        return Place(0.0, now)
    distance_s = 1 / _lasting_rate(past, now, limit, window_s)
    mark = max(past.last + distance_s, now - window_s * LATE_SHARE)
    return Place(max(0.0, mark + ahead * distance_s - now), mark)


def _until_free(past: Past, now: float, missing: int) -> float:
    for expires, count in past.expiring:
        missing -= count
        if missing <= 0:
            return max(expires - now, 0.0)
    return max(past.expiring[-1][0] - now if past.expiring else 0.0, LOOK_AGAIN_S)


def _lasting_rate(past: Past, now: float, limit: int, window_s: float) -> float:
    """Returns the highest rate, in requests per second, that can be kept up for a window without running out.

    What a newcomer may use at once is left until shortly before more gets free.
    """
    places, left, lead_s = limit - past.used, limit * LIGHT_SHARE, window_s * LIGHT_SHARE
    rate = (limit - past.running) / window_s
    for expires, count in past.expiring:
        ahead_s = expires - now
        rate = min(rate, places / max(ahead_s, SHORTEST_S))
        if ahead_s > lead_s:
            rate = min(rate, (places - left) / (ahead_s - lead_s))
        places += count
    return max(rate, LOWEST_RATE)
