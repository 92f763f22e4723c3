"""Goes round all assignments, a bounded number at a time, and compares each with its publication.

Those that were looked at longest ago come first. Reads what ``drift`` reads; writes down when it looked, and repairs
nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field

from esl_pipeline.clients.errors import VendorError
from esl_pipeline.stages.drift import Drift, is_complete, look_for_drift
from esl_pipeline.stages.in_one_go import MOST_ASSIGNMENTS
from esl_pipeline.stages.job import JobOptions
from esl_pipeline.stages.pipeline import Pipeline
from esl_pipeline.stages.run_stage import failure_in_words, failure_kind
from esl_pipeline.stages.tenants_active import ActiveTenants, by_tenant
from esl_pipeline.stages.tenants_gate import TenantSuspendedError
from esl_pipeline.stores.looks import Look, LookStore

KEPT_EVERY = 20
"""Looks after which it is written down that they were taken, so that a killed go loses few."""


@dataclass(frozen=True)
class Looked:
    """One assignment that was compared, by its ``tenant/assignment``."""

    key: str
    drift: Drift


@dataclass
class DriftRound:
    """One go.

    Attributes:
        pipeline: gives stores, vendors and settings.
        most: assignments that are looked at.
        looked: how many were compared.
        incomplete: how many had nothing to be compared, because not all is published yet.
        left: how many are for the next goes.
        requests: to Notion.
        passed_over: tenants that may not publish.
    """

    pipeline: Pipeline
    most: int = MOST_ASSIGNMENTS
    looked: int = 0
    incomplete: int = 0
    left: int = 0
    requests: int = 0
    passed_over: set[str] = field(default_factory=set)
    _last: dict[str, dict[str, Look | None]] = field(default_factory=dict)
    _taken: dict[str, dict[str, Look]] = field(default_factory=dict)
    _stopped: set[str] = field(default_factory=set)
    _problems: dict[tuple[str, str], list[str]] = field(default_factory=dict)

    @property
    def problems(self) -> list[str]:
        """Why some could not be looked at; what is the same for several of a tenant is told once."""
        return [
            f"{first}{f' and {len(more)} more of {tenant}' if more else ''}: {words}"
            for (tenant, words), (first, *more) in self._problems.items()
        ]

    def look(self, keys: Iterable[str], only: Collection[str] = ()) -> Iterator[Looked]:
        """Yields what was seen of each assignment, as soon as it is.

        Args:
            keys: of all assignments that are alive; what is no ``tenant/assignment`` is left out.
            only: those to look at now, archived ones too; all where there are none.
        """
        every, tried = self._queue({*keys, *only}), 0
        queue = [(tenant, name) for tenant, name in every if not only or f"{tenant}/{name}" in only]
        for place, (tenant, assignment) in enumerate(queue):
            if tried == self.most:
                self.left = len(queue) - place
                break
            if tenant in self._stopped:
                continue
            tried += 1
            if drift := self._try(tenant, assignment):
                self.looked, self.requests = self.looked + 1, self.requests + drift.requests
                yield Looked(f"{tenant}/{assignment}", drift)
            if sum(map(len, self._taken.values())) >= KEPT_EVERY:
                self._keep()
        self._keep()

    def _queue(self, keys: Iterable[str]) -> list[tuple[str, str]]:
        """Returns all assignments of active tenants, those first that were looked at longest ago."""
        store, active = LookStore(self.pipeline.providers.documents), ActiveTenants(self.pipeline.providers.standings)
        for tenant, assignments in by_tenant(keys).items():
            try:
                if active(tenant):
                    known = store.read(tenant)
                    self._last[tenant] = {name: known.get(name) for name in assignments}
            except Exception as error:  # noqa: BLE001 whatever it is must not stop the others
                self._problem(tenant, error)
        self.passed_over |= active.passed_over
        dated = [
            (look.at.isoformat() if look else "", tenant, name)
            for tenant, looks in self._last.items()
            for name, look in looks.items()
        ]
        return [(tenant, name) for _, tenant, name in sorted(dated)]

    def _try(self, tenant: str, assignment: str) -> Drift | None:
        """Compares one assignment; one of a tenant that can't be looked at is as if it had not been tried."""
        drift = None
        try:
            drift = self._compare(tenant, assignment)
        except TenantSuspendedError:
            self.passed_over.add(tenant)
            self._stopped.add(tenant)
            return None
        except Exception as error:  # noqa: BLE001 whatever it is must not stop the others
            self._problem(f"{tenant}/{assignment}", error)
            if failure_kind(error) == "unavailable" or (isinstance(error, VendorError) and error.refuses_credentials):
                self._stopped.add(tenant)
                return None
        at = self.pipeline.providers.clock.now()
        look = Look(at=at, page_edited_at=drift.page_edited_at if drift else "")
        self._taken.setdefault(tenant, {})[assignment] = look
        return drift

    def _compare(self, tenant: str, assignment: str) -> Drift | None:
        publication = self.pipeline.providers.publications.read(tenant, assignment)
        if publication is None or not is_complete(publication):
            self.incomplete += 1
            return None
        job = self.pipeline.open_job(tenant, assignment, options=JobOptions(dry_run=True))
        return look_for_drift(job, self.pipeline.vendors(job), self._last[tenant][assignment])

    def _problem(self, where: str, error: Exception) -> None:
        same = (where.partition("/")[0], failure_in_words(error))
        self._problems.setdefault(same, []).append(where)

    def _keep(self) -> None:
        store = LookStore(self.pipeline.providers.documents)
        for tenant, looks in self._taken.items():
            store.add(tenant, looks, self._last[tenant].keys())
        self._taken.clear()
