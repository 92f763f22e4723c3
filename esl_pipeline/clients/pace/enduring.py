"""A pace that goes on, more slowly, while its records are out of reach."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from threading import Lock

from esl_pipeline.clients.pace.asking import Asker, Pace, PaceLimits, Turn
from esl_pipeline.clients.surroundings import Clock, MachineClock

SHARERS = 4
"""How many processes are taken to work meanwhile, each with its share: so many runs work at a time by default."""
TRY_AGAIN_S = 5.0

_log = logging.getLogger(__name__)


class EnduringPace:
    """Shares the vendor's limits with others while it can; else keeps to a share of them by itself, and says so once.

    A vendor that gets too much all the same answers 429, which is waited for.

    Args:
        shared: with others.
        alone: of this process.
        outages: what ``shared`` raises where it is out of reach.
        clock: the machine's where None.
    """

    def __init__(
        self, shared: Pace, alone: Pace, outages: tuple[type[Exception], ...], clock: Clock | None = None
    ) -> None:
        self._shared, self._alone, self._outages = shared, alone, outages
        self._clock, self._lock = clock or MachineClock(), Lock()
        self._down_until: float | None = None

    @contextmanager
    def turn(self, asker: Asker, timeout_s: float) -> Iterator[Turn]:
        """Waits for permission for one request, and holds it for the block."""
        with ExitStack() as stack:
            yield self._enter(stack, asker, timeout_s)

    def _enter(self, stack: ExitStack, asker: Asker, timeout_s: float) -> Turn:
        if not self._is_down():
            try:
                turn = stack.enter_context(self._shared.turn(asker, timeout_s))
            except self._outages as outage:
                self._note(outage)
            else:
                self._note(None)
                return turn
        return stack.enter_context(self._alone.turn(replace(asker, limits=_share(asker.limits)), timeout_s))

    def _is_down(self) -> bool:
        with self._lock:
            return self._down_until is not None and self._clock.monotonic() < self._down_until

    def _note(self, outage: Exception | None) -> None:
        with self._lock:
            was_down = self._down_until is not None
            self._down_until = self._clock.monotonic() + TRY_AGAIN_S if outage else None
        if outage and not was_down:
            _log.warning("the shared pace is out of reach, so this process keeps to a share of it alone: %s", outage)
        if was_down and not outage:
            _log.info("the shared pace is back")


def _share(limits: PaceLimits) -> PaceLimits:
    requests, concurrent = (
        None if most is None else max(1, most // SHARERS) for most in (limits.requests, limits.concurrent)
    )
    return replace(limits, requests=requests, concurrent=concurrent)
