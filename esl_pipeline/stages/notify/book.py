"""What was told to whom and what is still to be told: a document for each tenant, and one for the operators.

Nothing here sends anything; every change is a function of the book before it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from datetime import datetime, timedelta

from pydantic import BaseModel, ConfigDict, Field

from esl_pipeline.stages.notify.notice import Notice

MOST_TRIES = 6
FIRST_WAIT = timedelta(minutes=2)
"""Before a message that did not arrive is sent again; it doubles each time, so that the last try is after an hour."""
GATHERING = timedelta(minutes=10)
"""After a message, what else fails is gathered so long, so that a revoked key is one message and not a thousand."""
HELD = timedelta(minutes=3)
"""So long nobody else sends what a process has taken to send; a killed one's is sent again afterwards."""
REMEMBERED = timedelta(days=45)
MOST_REMEMBERED = 500


class Delivery(BaseModel):
    """A notice on its way to one receiver.

    Attributes:
        due_at: not before; None where it arrived or was given up.
    """

    model_config = ConfigDict(frozen=True)

    receiver: str
    due_at: datetime | None
    tries: int = 0
    arrived_at: datetime | None = None
    error: str = ""


class Entry(BaseModel):
    """A notice, and what became of it.

    Attributes:
        told_at: when it was last decided that it is told.
        count: how often the same happened since then.
        open: False once the assignment was published again.
    """

    model_config = ConfigDict(frozen=True)

    notice: Notice
    told_at: datetime
    deliveries: tuple[Delivery, ...] = ()
    count: int = 0
    open: bool = True
    runs: tuple[str, ...] = ()

    @property
    def is_waiting(self) -> bool:
        """Whether it is still to be told to somebody."""
        return any(one.due_at for one in self.deliveries)

    @property
    def arrived(self) -> bool:
        """Whether somebody got it."""
        return any(one.arrived_at for one in self.deliveries)


class Book(BaseModel):
    """All notices of one owner, by identity; ``sent_at`` is when each receiver last got a message."""

    model_config = ConfigDict(frozen=True)

    entries: dict[str, Entry] = Field(default_factory=dict)
    sent_at: dict[str, datetime] = Field(default_factory=dict)

    def noted(self, notice: Notice, receivers: Collection[str], repeat: timedelta) -> Book:
        """Returns the book with a notice, which is told unless the same was told a while ago."""
        before, now = self.entries.get(notice.identity), notice.at
        if before and notice.run_id in before.runs:
            return self
        if before and before.open and now - before.told_at < repeat:
            runs = (*before.runs, notice.run_id)[-20:]
            again = before.model_copy(update={"count": before.count + 1, "runs": runs})
            return self._with(notice.identity, again)
        said = notice.model_copy(update={"count": before.count}) if before and before.open else notice
        due = tuple(Delivery(receiver=name, due_at=now) for name in sorted(receivers))
        told = Entry(notice=said, told_at=now, deliveries=due, open=notice.kind == "failed", runs=(notice.run_id,))
        return self._with(notice.identity, told)

    def recovered(self, tenant: str, assignment: str, stages: Collection[str], run_id: str, now: datetime) -> Book:
        """Returns the book after a run that did these stages; who was or may have been told of it is told."""
        closed = {
            identity: one
            for identity, one in self.entries.items()
            if one.open
            and (one.notice.tenant, one.notice.assignment) == (tenant, assignment)
            and one.notice.stage in stages
        }
        book = self
        for identity, one in closed.items():
            left = tuple(d if d.arrived_at else d.model_copy(update={"due_at": None}) for d in one.deliveries)
            book = book._with(identity, one.model_copy(update={"open": False, "deliveries": left}))
        told = {d.receiver for one in closed.values() for d in one.deliveries if d.arrived_at or (d.tries and d.due_at)}
        if not told:
            return book
        again = Notice(kind="recovered", at=now, tenant=tenant, assignment=assignment, run_id=run_id)
        return book.noted(again, told, timedelta(0))

    def has_open(self, tenant: str, assignment: str) -> bool:
        """Whether an assignment failed, and was not published since."""
        named = (one.notice for one in self.entries.values() if one.open)
        return any((notice.tenant, notice.assignment) == (tenant, assignment) for notice in named)

    def receivers_due(self, now: datetime) -> Iterator[str]:
        """Yields the receivers that a message should go to now."""
        for name in sorted({one.receiver for _, one in self._due(now)}):
            last = self.sent_at.get(name)
            if last is None or now - last >= GATHERING:
                yield name

    def taken(self, receiver: str, now: datetime) -> tuple[Book, tuple[Notice, ...]]:
        """Returns the book where this process holds what is due to a receiver, and what that is, the oldest first."""
        due = [identity for identity, one in self._due(now) if one.receiver == receiver]
        if not due:
            return self, ()
        book = self
        for identity in due:
            book = book._changed(identity, receiver, lambda d: {"due_at": now + HELD, "tries": d.tries + 1})
        notices = sorted((self.entries[identity].notice for identity in due), key=lambda one: one.at)
        return book, tuple(notices)

    def arrived(self, receiver: str, identities: Collection[str], now: datetime) -> Book:
        """Returns the book after a message arrived."""
        book = self.model_copy(update={"sent_at": self.sent_at | {receiver: now}})
        for identity in identities:
            book = book._changed(identity, receiver, lambda _: {"due_at": None, "arrived_at": now, "error": ""})
        return book

    def failed(self, receiver: str, identities: Collection[str], now: datetime, error: str, *, for_good: bool) -> Book:
        """Returns the book after a message did not arrive; it is sent again a few times, unless that can't help."""

        def later(one: Delivery) -> dict[str, object]:
            again = None if for_good or one.tries >= MOST_TRIES else now + FIRST_WAIT * 2 ** (one.tries - 1)
            return {"due_at": again, "error": error}

        book = self
        for identity in identities:
            book = book._changed(identity, receiver, later)
        return book

    def without_old(self, now: datetime) -> Book:
        """Returns the book without what nobody asks for any more."""
        kept = {name: one for name, one in self.entries.items() if one.is_waiting or now - one.told_at < REMEMBERED}
        newest = sorted(kept, key=lambda name: kept[name].told_at)[-MOST_REMEMBERED:]
        return self.model_copy(update={"entries": {name: kept[name] for name in newest}})

    @property
    def is_waiting(self) -> bool:
        """Whether anything is still to be told."""
        return any(one.is_waiting for one in self.entries.values())

    def _due(self, now: datetime) -> Iterator[tuple[str, Delivery]]:
        for identity, entry in self.entries.items():
            for one in entry.deliveries:
                if one.due_at and one.due_at <= now:
                    yield identity, one

    def _with(self, identity: str, entry: Entry) -> Book:
        return self.model_copy(update={"entries": {**self.entries, identity: entry}})

    def _changed(self, identity: str, receiver: str, change: Callable[[Delivery], dict[str, object]]) -> Book:
        entry = self.entries.get(identity)
        if entry is None:
            return self
        deliveries = tuple(
            one.model_copy(update=change(one)) if one.receiver == receiver else one for one in entry.deliveries
        )
        return self._with(identity, entry.model_copy(update={"deliveries": deliveries}))
