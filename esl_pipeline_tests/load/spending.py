"""What processes use: seconds of processor and memory, as the system counts them."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread

TICKS_PER_S = os.sysconf("SC_CLK_TCK")
PAGE_MIB = os.sysconf("SC_PAGE_SIZE") / 1024**2
SAMPLE_S = 0.25
"""What a worker uses after it was last looked at is not counted: an eighth of a second on an average."""
DAEMON, CODE = "daemon", "code server"
FORKING, WORKERS = "fork server", "workers"


@dataclass(frozen=True)
class Counted:
    """One process as ``/proc`` shows it; ``reaped_s`` is of its children that have ended."""

    pid: int
    parent: int
    own_s: float
    reaped_s: float
    resident_mib: float

    @property
    def all_s(self) -> float:
        """Seconds of itself and of those children."""
        return self.own_s + self.reaped_s


@dataclass
class Spending:
    """Samples of the scene's parts.

    Attributes:
        parts: asks for the first process of each part, None where it does not run just now.
        resident: MiB of each part's first process, and of the largest worker, a number per sample.
    """

    parts: Callable[[], Mapping[str, int | None]]
    resident: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    _seconds: dict[str, float] = field(default_factory=dict)
    _workers: dict[int, float] = field(default_factory=dict)

    @property
    def seconds(self) -> dict[str, float]:
        """Seconds of processor until now, by part, and of all workers together."""
        return {**self._seconds, WORKERS: sum(self._workers.values())}

    def since(self, before: dict[str, float]) -> dict[str, float]:
        """Returns what each part used since an earlier look at ``seconds``."""
        return {name: seconds - before.get(name, 0.0) for name, seconds in self.seconds.items()}

    @contextmanager
    def sampling(self) -> Iterator[None]:
        """Takes samples for the length of the block."""
        over = Event()
        thread = Thread(target=self._sample_until, args=(over,), name="spending", daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def _sample_until(self, over: Event) -> None:
        while not over.wait(SAMPLE_S):
            self._sample(_processes())

    def _sample(self, everything: dict[int, Counted]) -> None:
        children = defaultdict(list)
        for one in everything.values():
            children[one.parent].append(one)
        for name, pid in self.parts().items():
            if pid not in everything:
                continue
            one, helpers = everything[pid], list(_below(pid, children))
            self.resident[name].append(one.resident_mib)
            if name == DAEMON:
                self._workers_of_daemon(children[pid], helpers)
            elif name == CODE:
                self._workers |= {worker.pid: worker.all_s for worker in helpers}
            whole_s = one.own_s if name in (DAEMON, CODE) else one.all_s + sum(other.all_s for other in helpers)
            self._seconds[name] = whole_s

    def _workers_of_daemon(self, forking: list[Counted], helpers: list[Counted]) -> None:
        """Notes the server that forks workers, and what is below it."""
        workers = [one for one in helpers if one not in forking]
        for one in forking:
            self._seconds[FORKING] = one.own_s
            self.resident[FORKING].append(one.resident_mib)
        self._workers |= {worker.pid: worker.all_s for worker in workers}


def _processes() -> dict[int, Counted]:
    found = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:  # it ended just now
            continue
        user, system, reaped_user, reaped_system = (int(field) / TICKS_PER_S for field in fields[11:15])
        pid = int(stat.parent.name)
        found[pid] = Counted(
            pid, int(fields[1]), user + system, reaped_user + reaped_system, int(fields[21]) * PAGE_MIB
        )
    return found


def _below(root: int, children: Mapping[int, list[Counted]]) -> Iterator[Counted]:
    waiting = list(children[root])
    while waiting:
        one = waiting.pop()
        yield one
        waiting += children[one.pid]
