"""What is known of one credential: requests lately sent, under way and waiting, and who is next.

Pure: the time is given, and the book is bytes between two changes.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from esl_pipeline.clients.pace.asking import Asker
from esl_pipeline.clients.pace.window import LOOK_AGAIN_S, Past, Place, place

BUCKETS = 60
"""A window is counted in so many parts; each counts until all of it has left the window."""
LONGEST_LOOK_S = 2.0
"""A waiter looks again at least this often, since others come and go."""
GRACE_S = 1.0
"""Nobody waits for a waiter who is later than this."""
FORGOTTEN_S = 30.0
"""A waiter who is so late does not come again."""
CLOCK_STEP_S = 5.0
"""A book from so far in the future is from another clock, such as that before the machine started anew."""


@dataclass
class Running:
    """A request under way; its holder is lost after ``until``, where that is known."""

    tenant: str
    process: str
    until: float | None


@dataclass
class Waiting:
    """A request that waits; whoever waits looks again at ``due``."""

    tenant: str
    process: str
    since: float
    due: float


@dataclass
class Member:
    """A tenant who uses the credential: its limits, when it was seen, and when it last got a turn."""

    requests: int | None
    concurrent: int | None
    seen: float
    served: float = 0.0


@dataclass(frozen=True)
class Verdict:
    """Whether a request may go: ``due_s`` is 0, or the seconds after which to ask again; it can't before ``held_s``."""

    due_s: float
    held_s: float


@dataclass
class Book:
    """The book of one credential.

    Attributes:
        at: when it was last changed.
        window_s: length of the vendor's window.
        past: requests that were answered, by part of the window and tenant.
        held: nothing is sent before; the vendor asked for it.
        most: requests at the same time that the vendor said it takes, and when it said so.
        last: when the last turn was given, or should have been.
    """

    at: float = 0.0
    window_s: float = 0.0
    past: dict[int, dict[str, int]] = field(default_factory=dict)
    running: dict[str, Running] = field(default_factory=dict)
    waiting: dict[str, Waiting] = field(default_factory=dict)
    members: dict[str, Member] = field(default_factory=dict)
    held: float = 0.0
    most: tuple[int, float] | None = None
    last: float = 0.0

    def open(self, now: float, window_s: float) -> None:
        """Brings the book to a time; one of another clock or window begins anew."""
        if now < self.at - CLOCK_STEP_S or (self.window_s and window_s != self.window_s):
            vars(self).update(vars(Book()))
        self.at, self.window_s = max(now, self.at), window_s
        self.past = {part: counts for part, counts in self.past.items() if self._expiry(part) > self.at}
        for ticket in [ticket for ticket, held in self.running.items() if held.until and held.until < self.at]:
            self.end(ticket)
        self.waiting = {t: waits for t, waits in self.waiting.items() if waits.due + FORGOTTEN_S > self.at}
        in_use = {tenant for counts in self.past.values() for tenant in counts}
        in_use |= {one.tenant for one in self._entries.values()}
        self.members = {
            tenant: member
            for tenant, member in self.members.items()
            if tenant in in_use or member.seen + window_s > self.at
        }

    def ask(self, ticket: str, asker: Asker, process: str, until: float | None = None) -> Verdict:
        """Gives a turn, or a place in the queue.

        Args:
            ticket: of the request; the same each time that it asks.
            asker: who asks.
            process: that asks.
            until: when a turn ends that nobody renews.
        """
        tenant = asker.tenant
        member = self._seen(asker)
        waits = self.waiting.get(ticket) or Waiting(tenant, process, self.at, self.at)
        next_place = self._place(ticket, waits)
        if next_place.wait_s > 0:
            due_s = min(next_place.wait_s, LONGEST_LOOK_S)
            waits.due = self.at + due_s
            self.waiting[ticket] = waits
            return Verdict(due_s, self._held_s)
        self.waiting.pop(ticket, None)
        self.running[ticket] = Running(tenant, process, until)
        member.served, self.last = self.at, next_place.mark
        return Verdict(0.0, 0.0)

    def leave(self, ticket: str) -> None:
        """Gives up a place in the queue."""
        self.waiting.pop(ticket, None)

    def end(self, ticket: str) -> None:
        """Ends a turn; the request counts from now on for one window."""
        turn = self.running.pop(ticket, None)
        if turn:
            counts = self.past.setdefault(int(self.at / self.window_s * BUCKETS), {})
            counts[turn.tenant] = counts.get(turn.tenant, 0) + 1

    def renew(self, tickets: Iterable[str], until: float) -> None:
        """Says that the holders of some turns are alive."""
        for ticket in tickets:
            if ticket in self.running:
                self.running[ticket].until = until

    def drop_lost(self, is_gone: Callable[[str], bool]) -> bool:
        """Ends what belongs to processes that are gone; tells whether there was any."""
        entries = self._entries
        gone = {process for process in {one.process for one in entries.values()} if is_gone(process)}
        lost = [ticket for ticket, one in entries.items() if one.process in gone]
        for ticket in lost:
            self.end(ticket)
            self.leave(ticket)
        return bool(lost)

    def hold(self, seconds: float) -> None:
        """Lets nothing go for some time."""
        self.held = max(self.held, self.at + seconds)

    def learn(self, most_at_once: int) -> None:
        """Notes what the vendor takes at the same time: less at once, more when it has not said less for a window."""
        if most_at_once >= 1 and (
            self.most is None or most_at_once <= self.most[0] or self.most[1] + self.window_s < self.at
        ):
            self.most = (most_at_once, self.at)

    @property
    def requests(self) -> int | None:
        """Requests in a window: the fewest that any tenant who shares the credential names."""
        return min((one.requests for one in self.members.values() if one.requests), default=None)

    @property
    def concurrent(self) -> int | None:
        """Requests at the same time: the fewest that a tenant or the vendor names."""
        named = [one.concurrent for one in self.members.values() if one.concurrent]
        return min([*named, *([self.most[0]] if self.most else [])], default=None)

    @property
    def _held_s(self) -> float:
        return max(0.0, self.held - self.at)

    @property
    def _entries(self) -> dict[str, Running | Waiting]:
        return {**self.running, **self.waiting}

    def _seen(self, asker: Asker) -> Member:
        limits, tenant = asker.limits, asker.tenant
        member = self.members.setdefault(tenant, Member(None, None, self.at))
        member.requests, member.concurrent, member.seen = limits.requests, limits.concurrent, self.at
        return member

    def _place(self, ticket: str, waits: Waiting) -> Place:
        use = self._use()
        ahead = self._ahead(ticket, waits, use)
        least_s, mark = self._held_s, self.at
        if self.concurrent is not None and len(self.running) + ahead >= self.concurrent:
            least_s = max(least_s, LOOK_AGAIN_S * (1 + ahead))
        if self.requests is not None:
            own, sharers = use[waits.tenant], len(self.members)
            found = place(
                self._past(), self.at, self.requests, own=own, sharers=sharers, ahead=ahead, window_s=self.window_s
            )
            least_s, mark = max(least_s, found.wait_s), found.mark
        return Place(least_s, mark)

    def _use(self) -> Counter[str]:
        """Counts each tenant's requests in the last window, those under way included."""
        use = Counter(turn.tenant for turn in self.running.values())
        for counts in self.past.values():
            for tenant, number in counts.items():
                use[tenant] += number
        return use

    def _ahead(self, ticket: str, waits: Waiting, use: Counter[str]) -> int:
        """Counts those who get their turns before a request.

        The next turn is always that of the tenant who used least; of those, of the one who was served longest ago. Of
        one tenant's requests the first comes first.
        """
        queues: defaultdict[str, list[tuple[float, str]]] = defaultdict(list)
        for name, one in self.waiting.items():
            if name != ticket and one.due + GRACE_S >= self.at:
                queues[one.tenant].append((one.since, name))
        mine = waits.tenant
        before = sum(1 for one in queues.pop(mine, []) if one < (waits.since, ticket))
        rank = (use[mine] + before, self._served(mine), mine)
        ahead = before
        for tenant, queue in queues.items():
            level = rank[0] - use[tenant] + ((self._served(tenant), tenant) < rank[1:])
            ahead += min(len(queue), max(0, level))
        return ahead

    def _served(self, tenant: str) -> float:
        member = self.members.get(tenant)
        return member.served if member else 0.0

    def _past(self) -> Past:
        expiring = [(self._expiry(part), sum(counts.values())) for part, counts in sorted(self.past.items())]
        return Past(expiring, len(self.running), self.last)

    def _expiry(self, part: int) -> float:
        return (part + 1) * self.window_s / BUCKETS + self.window_s


def to_bytes(book: Book) -> bytes:
    """Returns a book as it is stored."""
    kept = vars(book) | {
        name: {key: [*vars(entry).values()] for key, entry in vars(book)[name].items()}
        for name in ("running", "waiting", "members")
    }
    return json.dumps(kept, separators=(",", ":")).encode()


def from_bytes(content: bytes) -> Book:
    """Returns a stored book; an empty one where there is none, or a damaged one."""
    try:
        found: dict[str, Any] = json.loads(content)
        return Book(
            at=float(found["at"]),
            window_s=float(found["window_s"]),
            past={int(part): dict(counts) for part, counts in found["past"].items()},
            running={ticket: Running(*entry) for ticket, entry in found["running"].items()},
            waiting={ticket: Waiting(*entry) for ticket, entry in found["waiting"].items()},
            members={tenant: Member(*entry) for tenant, entry in found["members"].items()},
            held=float(found["held"]),
            most=(int(found["most"][0]), float(found["most"][1])) if found["most"] else None,
            last=float(found["last"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        return Book()
