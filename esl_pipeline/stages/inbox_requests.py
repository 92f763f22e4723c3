"""What one tenant's inbox asks for, against what was asked for last."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from esl_pipeline.manifests import partition_key
from esl_pipeline.stages.inbox import InboxContent, InboxEntry, Misplaced, TenantFiles, entries_of
from esl_pipeline.stores.requests import Asked, RequestStore, TenantRequests


@dataclass(frozen=True)
class Due:
    """An assignment of which a run is to be asked for; ``run_key`` names it, the content and the request."""

    key: str
    run_key: str


@dataclass(frozen=True)
class Ticks:
    """Tells requests that Dagster has from those of ticks that died.

    Attributes:
        this: name of the tick that decides now; no other one has it.
        last: of the last one that Dagster has as a whole.
        was_asked: tells of a run key whether Dagster has the run.
        target: the sandbox and the real vendors are asked apart.
    """

    this: str
    last: str
    was_asked: Callable[[str], bool]
    target: str


@dataclass
class TenantLook:
    """A look at one tenant's inbox; nothing is written before ``save``."""

    tenant: str
    ticks: Ticks
    known: TenantRequests
    version: str | None
    misplaced: list[Misplaced] = field(default_factory=list)
    is_changed: bool = False

    def __post_init__(self) -> None:
        """Settles what earlier ticks asked for."""
        for assignment, asking in list(self.known.asking.items()):
            del self.known.asking[assignment]
            self.is_changed = True
            if asking.tick == self.ticks.last or self.ticks.was_asked(self._run_key(assignment, asking)):
                self.known.asked[assignment] = asking

    def changed(self, found: TenantFiles) -> list[InboxEntry]:
        """Returns the assignments whose files may have changed since they were asked for, oldest change first."""
        entries = list(entries_of(found))
        self.misplaced = [entry for entry in entries if isinstance(entry, Misplaced)]
        return [entry for entry in entries if isinstance(entry, InboxEntry) and self._may_be_due(entry, found)]

    def _may_be_due(self, entry: InboxEntry, found: TenantFiles) -> bool:
        before = self.known.asked.get(entry.assignment)
        return before is None or not before.stamp or before.stamp != entry.stamp(before.lesson, found.by_path)

    def decide(self, entry: InboxEntry, content: InboxContent, found: TenantFiles) -> Due | None:
        """Compares what an entry asks for with the last request; returns what is due of it."""
        before = self.known.asked.get(entry.assignment)
        is_covered = not content.lesson or content.lesson in found.by_path or not content.is_lesson_read
        stamp = entry.stamp(content.lesson, found.by_path) if is_covered else ""
        if before and before.sha256 == content.sha256:
            now = before.model_copy(update={"stamp": stamp, "lesson": content.lesson})
            self.is_changed |= now != before
            self.known.asked[entry.assignment] = now
            return None
        now = Asked(
            sha256=content.sha256,
            request=before.request + 1 if before else 1,
            stamp=stamp,
            lesson=content.lesson,
            tick=self.ticks.this,
        )
        self.is_changed = True
        self.known.asking[entry.assignment] = now
        return Due(partition_key(self.tenant, entry.assignment), self._run_key(entry.assignment, now))

    def _run_key(self, assignment: str, asked: Asked) -> str:
        return f"{self.tenant}/{assignment}:{asked.sha256[:16]}:{asked.request}:{self.ticks.target}"

    @property
    def asks(self) -> bool:
        """Whether something is due."""
        return bool(self.known.asking)

    def save(self, store: RequestStore) -> None:
        """Writes what is known by now, if that is something else."""
        if self.is_changed:
            store.write(self.tenant, self.known, self.version)


def look_at(store: RequestStore, tenant: str, ticks: Ticks) -> TenantLook:
    """Reads what a tenant's inbox asked for last.

    Raises:
        UnreadableRequestsError: that is damaged.
        StoreUnavailableError: asking again may help.
    """
    known, version = store.read(tenant)
    return TenantLook(tenant, ticks, known, version)
