"""One look into the inbox: what is due, within the bounds of one tick.

Reads a listing, the requests of the tenants that are looked at, and files that changed; writes those requests. What a
tick decides counts only once Dagster has it: a tick that dies is found out by a later one, which decides again.
"""

from __future__ import annotations

import time
import uuid
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from esl_pipeline.slugs import is_slug
from esl_pipeline.stages.inbox import Inbox, InboxEntry, Misplaced, TenantFiles, entries_of, read_content
from esl_pipeline.stages.inbox_cursor import Cursor
from esl_pipeline.stages.inbox_requests import Due, TenantLook, Ticks, look_at
from esl_pipeline.stores.documents import StoreUnavailableError
from esl_pipeline.stores.requests import RequestStore, UnreadableRequestsError
from esl_pipeline.stores.standing import UnreadableStandingError

OVERLAP_NS = 60 * 1_000_000_000
"""How late a file may show with its time of change: S3 tells whole seconds, and copies and clocks lag."""


@dataclass(frozen=True)
class Limits:
    """What one tick may do.

    Attributes:
        runs: more would take longer to submit than a tick may; the rest comes in the next one.
        seconds: for reading; Dagster ends a tick after 60.
        swept: tenants that are looked at although no time says that something changed: on S3 nothing tells that an
            object was deleted, and no clock is always right.
    """

    runs: int = 100
    seconds: float = 20.0
    swept: int = 50


@dataclass(frozen=True)
class Around:
    """What a look needs besides the inbox.

    Attributes:
        store: keeps what was asked for.
        target: ``sandbox`` or ``live``.
        may_not: tells of a tenant whether it may not publish now.
        was_asked: tells of a run key whether Dagster has the run.
    """

    store: RequestStore
    target: str
    may_not: Callable[[str], bool] = lambda _: False
    was_asked: Callable[[str], bool] = lambda _: False
    limits: Limits = field(default_factory=Limits)
    seconds: Callable[[], float] = time.monotonic


@dataclass(frozen=True)
class Tick:
    """What a look found, and the cursor for the next one."""

    due: list[Due]
    remarks: list[str]
    cursor: Cursor


def look_into(inbox: Inbox, cursor: Cursor, around: Around) -> Tick:
    """Looks at the tenants of whom something may have changed, and returns what is due.

    Each tenant has one lesson in turn, so that none waits for another's thousands. A lesson that is changed back is due
    again, because only the last request counts. What a tenant that may not publish asks for is left as it is.

    Raises:
        StoreUnavailableError: the inbox or the requests are out of reach; asking again may help.
        DocumentChangedError: somebody else looked at the same time.
    """
    look = _Look(inbox, cursor, around)
    look.choose()
    look.take_turns()
    return look.end()


class _Look:
    def __init__(self, inbox: Inbox, cursor: Cursor, around: Around) -> None:
        self.inbox, self.cursor, self.around = inbox, cursor, around
        self.ticks = Ticks(uuid.uuid4().hex[:12], cursor.tick, around.was_asked, around.target)
        self.ends_at = 0.0
        self.newest, self.turn = 0, cursor.turn
        self.is_at_end, self.is_clean = True, cursor.is_clean
        self.chosen: dict[str, TenantFiles] = {}
        self.swept: dict[str, TenantFiles] = {}
        self.looks: dict[str, TenantLook] = {}
        self.due: list[Due] = []
        self.remarks: list[str] = []

    def choose(self) -> None:
        """Goes through the listing once and keeps the tenants that are to be looked at."""
        since = self.cursor.changed_at - OVERLAP_NS
        for found in self.inbox.tenants():
            if isinstance(found, Misplaced):
                self._tell(found)
                continue
            self.newest = max(self.newest, found.changed_at)
            if not is_slug(found.tenant):
                self._tell(*(entry for entry in entries_of(found) if isinstance(entry, Misplaced)))
            elif found.changed_at >= since:
                self.chosen[found.tenant] = found
            elif found.tenant > self.cursor.swept:
                self.swept[found.tenant] = found
                if len(self.swept) > self.around.limits.swept:
                    del self.swept[max(self.swept)]

    def take_turns(self) -> None:
        """Reads a lesson of each tenant, then another one of each, until all are read or the tick is over."""
        self.ends_at = self.around.seconds() + self.around.limits.seconds
        for tenant in self.cursor.asked:
            self._look_at(tenant)
        found = self.chosen | self.swept
        line = deque[_Turn]()
        for tenant in sorted(name for name in found if name > self.cursor.turn):
            if self._is_over():
                self.is_at_end = False
                break
            self.turn = tenant
            if turn := self._turn(found[tenant]):
                line.append(turn)
                self._step(line)
        while line and not self._is_over():
            line.rotate(-1)
            self._step(line)
        self.is_clean &= not line

    def _turn(self, found: TenantFiles) -> _Turn | None:
        look = self._look_at(found.tenant)
        entries = look.changed(found) if look else []
        self._tell(*(look.misplaced if look else ()))
        if look and not entries and not look.is_changed:
            del self.looks[found.tenant]
        if look is None or not entries or self._may_not(found.tenant):
            return None
        return _Turn(look, found, deque(entries))

    def _step(self, line: deque[_Turn]) -> None:
        """Reads one lesson of the tenant that is last in the line, and lets the tenant go with its last lesson."""
        turn = line[-1]
        entry = turn.entries.popleft()
        if not turn.entries:
            line.pop()
        try:
            due = turn.look.decide(entry, read_content(self.inbox, entry), turn.found)
        except StoreUnavailableError as error:
            self.is_clean = False
            self.remarks.append(f"{entry.path} could not be read now: {error}")
            return
        if due:
            self.due.append(due)

    def _look_at(self, tenant: str) -> TenantLook | None:
        if tenant not in self.looks:
            try:
                self.looks[tenant] = look_at(self.around.store, tenant, self.ticks)
            except UnreadableRequestsError as error:
                self.remarks.append(str(error))
        return self.looks.get(tenant)

    def _may_not(self, tenant: str) -> bool:
        try:
            may_not = self.around.may_not(tenant)
        except UnreadableStandingError as error:
            self.remarks.append(str(error))
            return True
        if may_not:
            self.remarks.append(f"{tenant} may not publish now: esl tenants list says why.")
        return may_not

    def _is_over(self) -> bool:
        return len(self.due) >= self.around.limits.runs or self.around.seconds() >= self.ends_at

    def _tell(self, *misplaced: Misplaced) -> None:
        self.remarks += [f"{found.path} asks for nothing: {found.reason}" for found in misplaced]

    def end(self) -> Tick:
        """Writes what was decided, and returns it with the cursor for the next tick."""
        for look in self.looks.values():
            look.save(self.around.store)
        asked = tuple(tenant for tenant, look in self.looks.items() if look.asks)
        cursor = self._next().model_copy(update={"tick": self.ticks.this, "asked": asked})
        return Tick(self.due, self.remarks, cursor)

    def _next(self) -> Cursor:
        newest = self.cursor.newest if self.cursor.turn else self.newest
        if not self.is_at_end:
            return self.cursor.model_copy(update={"turn": self.turn, "newest": newest, "is_clean": self.is_clean})
        begun = self.cursor.model_copy(update={"turn": "", "newest": 0, "is_clean": True})
        if not self.is_clean:
            return begun
        is_full = len(self.swept) == self.around.limits.swept
        return begun.model_copy(update={"changed_at": newest, "swept": max(self.swept, default="") if is_full else ""})


@dataclass(frozen=True)
class _Turn:
    """What is left to read of one tenant."""

    look: TenantLook
    found: TenantFiles
    entries: deque[InboxEntry]
