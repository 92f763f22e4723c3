"""Tenants who send requests through a book, in a time that passes at once."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import count

from esl_pipeline.clients.pace import Asker, PaceLimits
from esl_pipeline.clients.pace.book import Book, from_bytes, to_bytes


@dataclass(frozen=True)
class Load:
    """What a tenant wants: ``requests`` from ``start_s`` on, some at a time, each of which takes ``takes_s``."""

    tenant: str
    requests: int
    parallel: int = 1
    start_s: float = 0.0
    takes_s: float = 0.3


@dataclass
class Sent:
    """A request: when it was asked for, given its turn, and done."""

    tenant: str
    asked: float
    given: float
    done: float


@dataclass
class World:
    """Runs loads against one book; ``late_s`` says by how much each look comes too late.

    The book is stored between two changes only where it ``is_stored``, because that takes time.
    """

    limits: PaceLimits
    late_s: Callable[[], float] = lambda: 0.0
    is_stored: bool = False
    sent: list[Sent] = field(default_factory=list)
    book: Book = field(default_factory=Book)

    def run(self, loads: Sequence[Load], until_s: float = 1e9) -> World:
        """Runs until all is done or the time is over."""
        order = count()
        left = {load.tenant: load.requests for load in loads}
        events: list[tuple[float, int, Callable[[float], None]]] = []

        def at(time: float, deed: Callable[[float], None]) -> None:
            heapq.heappush(events, (time, next(order), deed))

        def begin(load: Load) -> Callable[[float], None]:
            def deed(now: float) -> None:
                if left[load.tenant]:
                    left[load.tenant] -= 1
                    look(load, f"{load.tenant} {next(order)}", now)(now)

            return deed

        def look(load: Load, ticket: str, asked: float) -> Callable[[float], None]:
            def deed(now: float) -> None:
                book = self._open(now)
                verdict = book.ask(ticket, Asker("notion", "c", load.tenant, self.limits), "p")
                if verdict.due_s:
                    at(now + verdict.due_s + self.late_s(), look(load, ticket, asked))
                    return
                self.sent.append(Sent(load.tenant, asked, now, now + load.takes_s))
                at(now + load.takes_s, end(load, ticket))

            return deed

        def end(load: Load, ticket: str) -> Callable[[float], None]:
            def deed(now: float) -> None:
                self._open(now).end(ticket)
                begin(load)(now)

            return deed

        for load in loads:
            for _ in range(load.parallel):
                at(load.start_s, begin(load))
        while events and events[0][0] <= until_s:
            now, _, happens = heapq.heappop(events)
            happens(now)
        return self

    def of(self, tenant: str) -> list[Sent]:
        """The requests of one tenant, as they were sent."""
        return [one for one in self.sent if one.tenant == tenant]

    def _open(self, now: float) -> Book:
        if self.is_stored:
            self.book = from_bytes(to_bytes(self.book))
        self.book.open(now, self.limits.window_s)
        return self.book


def most_in_window(times: Sequence[float], window_s: float) -> int:
    """Returns the most of some times that lie in one window, wherever it begins."""
    ordered, first, most = sorted(times), 0, 0
    for last, time in enumerate(ordered):
        while ordered[first] <= time - window_s:
            first += 1
        most = max(most, last - first + 1)
    return most


def most_at_once(sent: Sequence[tuple[float, float]]) -> int:
    """Returns the most of some spans that overlap; one that ends as another begins does not."""
    steps = sorted([(begin, 1) for begin, _ in sent] + [(end, -1) for _, end in sent])
    most = now = 0
    for _, step in steps:
        now += step
        most = max(most, now)
    return most
