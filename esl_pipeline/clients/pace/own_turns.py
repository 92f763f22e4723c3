"""The turns of this process in the records: given, renewed and ended."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from threading import Event, Lock, Thread
from typing import TypeVar

from esl_pipeline.clients.pace.asking import Asker, Turn
from esl_pipeline.clients.pace.book import Book, Verdict, from_bytes, to_bytes
from esl_pipeline.clients.pace.records import Records

T = TypeVar("T")

RENEWALS_PER_LEASE = 3


class OwnTurns:
    """Asks for turns, and keeps those that were given; safe to share between threads.

    Args:
        records: where the books are; what they raise is passed on by ``ask`` alone.
        outages: what they raise where they are out of reach.
    """

    def __init__(self, records: Records, outages: tuple[type[Exception], ...] = ()) -> None:
        self._records, self._outages, self._lock = records, outages, Lock()
        self._running: dict[str, Asker] = {}
        self._owed: defaultdict[str, list[Callable[[Book], None]]] = defaultdict(list)
        self._is_renewing = False

    def ask(self, ticket: str, asker: Asker) -> Verdict:
        """Asks for a turn, or takes a place in the queue."""
        records, process = self._records, self._records.process()

        def change(book: Book) -> Verdict:
            until = book.at + records.lease_s if records.lease_s else None
            verdict = book.ask(ticket, asker, process, until)
            if verdict.due_s and book.drop_lost(records.is_gone):
                verdict = book.ask(ticket, asker, process, until)
            return verdict

        verdict = self._change(asker, change)
        if not verdict.due_s:
            with self._lock:
                self._running[ticket] = asker
            self._renew_while_needed()
        return verdict

    def leave(self, ticket: str, asker: Asker) -> None:
        """Gives up a place in the queue; where that can't be written now, it is with the next change."""
        self._tell(asker, lambda book: book.leave(ticket))

    def end(self, ticket: str, asker: Asker, turn: Turn) -> None:
        """Ends a turn, and notes what the vendor said; where that can't be written now, it is with the next change."""
        with self._lock:
            self._running.pop(ticket, None)

        def change(book: Book) -> None:
            book.end(ticket)
            if turn.most_at_once is not None:
                book.learn(turn.most_at_once)
            if turn.hold_s is not None:
                book.hold(turn.hold_s)

        self._tell(asker, change)

    def _tell(self, asker: Asker, change: Callable[[Book], None]) -> None:
        with self._lock:
            self._owed[asker.key].append(change)
        with suppress(*self._outages):
            self._change(asker, lambda _book: None)

    def _change(self, asker: Asker, change: Callable[[Book], T]) -> T:
        with self._lock:
            owed = self._owed.pop(asker.key, [])

        def rewrite(content: bytes, now: float) -> tuple[bytes, T]:
            book = from_bytes(content)
            book.open(now, asker.limits.window_s)
            for late in owed:
                late(book)
            told = change(book)
            return to_bytes(book), told

        try:
            return self._records.change(asker.key, rewrite)
        except BaseException:
            with self._lock:
                self._owed[asker.key][:0] = owed
            raise

    def _renew_while_needed(self) -> None:
        if self._records.lease_s is None:
            return
        with self._lock:
            if self._is_renewing:
                return
            self._is_renewing = True
        Thread(target=self._renew, args=(self._records.lease_s,), name="pace", daemon=True).start()

    def _renew(self, lease_s: float) -> None:
        """Renews what lasts, until nothing is under way."""
        pause = Event()
        while not pause.wait(lease_s / RENEWALS_PER_LEASE):
            with self._lock:
                askers = {asker.key: asker for asker in self._running.values()}
                tickets = [*self._running]
                self._is_renewing = bool(askers)
            if not askers:
                return

            def renew(book: Book) -> None:
                book.renew(tickets, book.at + lease_s)  # noqa: B023 called before the next round

            for asker in askers.values():
                with suppress(*self._outages):
                    self._change(asker, renew)
