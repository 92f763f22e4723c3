"""A pace that all share who share the records."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition

from esl_pipeline.clients.pace.asking import Asker, NoTurnError, Turn, waiter
from esl_pipeline.clients.pace.own_turns import OwnTurns
from esl_pipeline.clients.pace.records import Records
from esl_pipeline.clients.surroundings import Clock, MachineClock

STOP_LOOK_S = 0.5
"""How long it takes at most until a waiter learns that it should stop."""


class SharedPace:
    """See ``Pace``; safe to share between threads.

    Args:
        records: where the books are.
        outages: what they raise where they are out of reach; raised in turn where a turn is asked for.
        clock: for deadlines and waits; the machine's where None.
    """

    def __init__(self, records: Records, outages: tuple[type[Exception], ...] = (), clock: Clock | None = None) -> None:
        self._clock, self._own = clock or MachineClock(), OwnTurns(records, outages)
        self._departures = Condition()
        self._sleep = clock.sleep if clock else self._wait_for_departure

    @contextmanager
    def turn(self, asker: Asker, timeout_s: float) -> Iterator[Turn]:
        """Waits for permission for one request, and holds it for the block."""
        ticket = secrets.token_hex(8)
        started = self._clock.monotonic()
        try:
            self._wait(ticket, asker, started + timeout_s)
        except BaseException:
            self._own.leave(ticket, asker)
            raise
        turn = Turn(waited_s=self._clock.monotonic() - started)
        waiter().told(asker.vendor, turn.waited_s)
        try:
            yield turn
        finally:
            self._own.end(ticket, asker, turn)
            with self._departures:
                self._departures.notify_all()

    def _wait(self, ticket: str, asker: Asker, latest: float) -> None:
        while True:
            verdict = self._own.ask(ticket, asker)
            if not verdict.due_s:
                return
            left_s = latest - self._clock.monotonic()
            if left_s <= 0 or verdict.held_s > left_s:
                raise NoTurnError(max(verdict.due_s, verdict.held_s))
            self._pause(min(verdict.due_s, left_s))

    def _pause(self, seconds: float) -> None:
        """Sleeps, and looks now and then whether to stop."""
        end = self._clock.monotonic() + seconds
        while True:
            waiter().stop()
            left_s = end - self._clock.monotonic()
            if left_s <= 0 or self._sleep(min(left_s, STOP_LOOK_S)):
                return

    def _wait_for_departure(self, seconds: float) -> bool:
        """Sleeps; tells whether a request of this process ended meanwhile."""
        with self._departures:
            return self._departures.wait(seconds)
