"""An inbox under test: what is put there, and what its sensor asks for, as Dagster would hear of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from esl_pipeline.stages.inbox import Inbox, InboxEntry, Misplaced, TenantFiles, entries_of
from esl_pipeline.stages.inbox_cursor import read_cursor, write_cursor
from esl_pipeline.stages.inbox_tick import Around, Limits, Tick, look_into
from esl_pipeline.stores.memory_documents import MemoryDocuments
from esl_pipeline.stores.requests import RequestStore


def put(path: Path, text: str = "x") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def entries_in(inbox: Inbox) -> list[InboxEntry | Misplaced]:
    """All that an inbox asks for, and all that it does not."""
    found = list(inbox.tenants())
    misplaced = [one for one in found if isinstance(one, Misplaced)]
    return [*misplaced, *(entry for one in found if isinstance(one, TenantFiles) for entry in entries_of(one))]


@dataclass
class Watched:
    """An inbox and its sensor; ``runs`` are the run keys that Dagster has, in the order of their submission."""

    inbox: Inbox
    store: RequestStore = field(default_factory=lambda: RequestStore(MemoryDocuments()))
    cursor: str = ""
    runs: list[str] = field(default_factory=list)
    stopped: set[str] = field(default_factory=set)
    limits: Limits = field(default_factory=Limits)
    seconds: Callable[[], float] | None = None

    def look(self) -> Tick:
        """Evaluates a tick, of which Dagster hears nothing."""
        around = Around(self.store, "sandbox", self.stopped.__contains__, self.runs.__contains__, self.limits)
        if self.seconds:
            around = replace(around, seconds=self.seconds)
        return look_into(self.inbox, read_cursor(self.cursor, self.inbox.place), around)

    def submit(self, tick: Tick, most: int | None = None) -> list[str]:
        """Submits a tick's runs, each key once, or some of them; returns the assignments of the new ones."""
        new = [due for due in tick.due[:most] if due.run_key not in self.runs]
        self.runs += [due.run_key for due in new]
        return [due.key for due in new]

    def tick(self) -> list[str]:
        """Evaluates a tick, submits its runs and keeps its cursor; returns the assignments of the new runs."""
        tick = self.look()
        asked = self.submit(tick)
        self.cursor = write_cursor(tick.cursor)
        return asked

    def drain(self) -> Iterator[list[str]]:
        """Ticks until one asks for nothing."""
        while asked := self.tick():
            yield asked
