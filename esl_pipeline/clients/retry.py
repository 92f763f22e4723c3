"""When and how often to ask again."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

LONGEST_RETRY_AFTER_S = 3600.0
"""A vendor that asks for more is taken to mean this; nothing waits for a nonsensical number."""


@dataclass(frozen=True)
class RetryPolicy:
    """The limits of one call with all its attempts.

    Attributes:
        attempts: requests at most, 1 or more.
        deadline_s: seconds for all attempts and waits; none begins that could end later.
        connect_timeout_s: seconds for a connection.
        read_timeout_s: seconds of silence while an answer is waited for.
        backoff_s: upper bound of the first wait; it doubles with each attempt.
        longest_wait_s: seconds waited at most; where the vendor asks for more, the caller must come again later.
    """

    attempts: int = 5
    deadline_s: float = 300.0
    connect_timeout_s: float = 10.0
    read_timeout_s: float = 70.0
    backoff_s: float = 1.0
    longest_wait_s: float = 60.0

    def wait_s(
        self, attempt: int, retry_after_s: float | None, uniform: Callable[[float, float], float]
    ) -> float | None:
        """Returns seconds to wait after an attempt, None where that is longer than a client should wait.

        Without the vendor's word the wait is by chance between nothing and the bound (full jitter); with it, it is at
        least what the vendor asks.
        """
        if retry_after_s is None:
            return uniform(0.0, min(self.longest_wait_s, self.backoff_s * 2 ** (attempt - 1)))
        if retry_after_s > self.longest_wait_s:
            return None
        return retry_after_s + uniform(0.0, self.backoff_s)


def parse_retry_after(value: str | None, now: datetime) -> float | None:
    """Returns the seconds of a Retry-After header, 0–3600, be it a number or a date; None where it makes no sense."""
    seconds = parse_seconds(value)
    if seconds is not None or value is None:
        return seconds
    try:
        when = parsedate_to_datetime(value)
    except (TypeError, ValueError):
        return None
    return parse_seconds(((when if when.tzinfo else when.replace(tzinfo=UTC)) - now).total_seconds())


def parse_seconds(value: object) -> float | None:
    """Returns a number of seconds to wait, 0–3600; None where it is none."""
    if not isinstance(value, str | int | float):
        return None
    try:
        seconds = float(value)
    except ValueError:
        return None
    return None if math.isnan(seconds) else min(max(seconds, 0.0), LONGEST_RETRY_AFTER_S)
