"""Finds assignments that are published and that nobody worked on for a long time.

Reads the publications of the assignments that are asked for, and the tenants' settings; writes an entry of the audit
log for each that is archived. The publication stays, so that asking for it again finds its page and its speech.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from esl_pipeline.stages.audit_writing import add_entry, check_actor
from esl_pipeline.stages.job_record import assignment_status
from esl_pipeline.stages.providers import Providers
from esl_pipeline.stages.run_stage import failure_in_words
from esl_pipeline.stages.stage import Stage
from esl_pipeline.stages.tenant_settings import tenant_settings
from esl_pipeline.stages.tenants_active import ActiveTenants, by_tenant
from esl_pipeline.stores.audit import AuditEntry
from esl_pipeline.stores.publication import Publication

ACTION = "assignment.archive"


@dataclass(frozen=True)
class Archivable:
    """A published assignment, and when a stage last worked on it."""

    tenant: str
    assignment: str
    touched_at: datetime

    @property
    def key(self) -> str:
        """The partition key."""
        return f"{self.tenant}/{self.assignment}"


@dataclass
class Archiving:
    """One go over all assignments.

    Attributes:
        providers: of the pipeline.
        actor: who asks for it, as it stands in the audit log.
        kept: how many stay: not complete, or worked on since.
        unknown: how many were never published, and stay too.
        problems: why a tenant's assignments could not be looked at.
        passed_over: tenants that may not publish.
    """

    providers: Providers
    actor: str
    kept: int = 0
    unknown: int = 0
    problems: list[str] = field(default_factory=list)
    passed_over: set[str] = field(default_factory=set)

    def due(self, keys: Iterable[str]) -> Iterator[Archivable]:
        """Yields what can be archived; what is wrong with one tenant does not stop the others.

        Args:
            keys: of all assignments that are alive; what is no ``tenant/assignment`` stays.
        """
        every, active = set(keys), ActiveTenants(self.providers.standings)
        found = by_tenant(every)
        self.unknown += len(every) - sum(map(len, found.values()))
        for tenant, assignments in sorted(found.items()):
            try:
                if active(tenant):
                    yield from self._due_of(tenant, set(assignments))
            except Exception as error:  # noqa: BLE001 whatever it is must not stop the others
                self.problems.append(f"{tenant}: {failure_in_words(error)}")
        self.passed_over |= active.passed_over

    def _due_of(self, tenant: str, assignments: set[str]) -> list[Archivable]:
        days = tenant_settings(self.providers, tenant).retention.archive_days
        before = self.providers.clock.now() - timedelta(days=days)
        found, due = 0, []
        for publication in self.providers.publications.list(tenant):
            if publication.assignment not in assignments:
                continue
            found += 1
            touched_at = touched(publication)
            if touched_at and touched_at <= before:
                due.append(Archivable(tenant, publication.assignment, touched_at))
        self.kept += found - len(due)
        self.unknown += len(assignments) - found
        return due

    def tell(self, archived: Archivable) -> None:
        """Tells the audit log, before anything is done; once, however often it is told.

        Raises:
            AuditUnavailableError: the log did not take it; asking again may help.
        """
        entry = AuditEntry(
            number=0,
            id=f"{ACTION}/{archived.assignment}/{archived.touched_at.isoformat()}",
            at=self.providers.clock.now(),
            tenant=archived.tenant,
            assignment=archived.assignment,
            actor=check_actor(self.actor),
            action=ACTION,
            outcome="done",
            details={"touched_at": archived.touched_at.isoformat()},
        )
        add_entry(self.providers.audit, entry, self.providers.clock)


def touched(publication: Publication) -> datetime | None:
    """Returns when a stage last worked on a published assignment; None of one that is not wholly published.

    That addresses are signed anew does not count, because a schedule does that for ever.
    """
    if assignment_status(publication).state != "published":
        return None
    signed = publication.upload is not None and publication.upload.publishing == "presigned"
    counted = [name for name in publication.stages if not (signed and name == Stage.ATTACH.value)]
    records = [publication.stages[name] for name in counted]
    return max(record.started_at + timedelta(seconds=record.elapsed_s) for record in records)
