"""Whether anybody works on a run: by its process where that is seen, and by the heartbeat of its assignment's lease."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from dataclasses import dataclass

import dagster as dg
from dagster._core.launcher import CheckRunHealthResult, WorkerStatus

from esl_pipeline.defs.failures import LONGEST_WAIT_S
from esl_pipeline.defs.launching.worker_process import WorkerProcess
from esl_pipeline.defs.partitions import ASSIGNMENT_TAG, TENANT_TAG
from esl_pipeline.stages.environment import read_environment
from esl_pipeline.stages.state_place import open_state_of
from esl_pipeline.stores.lease import LEASE_S
from esl_pipeline.stores.protocols import Held, PublicationStore

GONE = "Its worker ended without a word: it was killed, or ran out of memory."
HANGS = "Its worker hangs: its lease of the assignment had no heartbeat for more than a minute."
UNHEARD = "Its worker was on another machine, or in another container, and has not been heard of for minutes."
SILENT_S = LEASE_S + 15
"""How long a lease may be without a heartbeat; there are four in the time of a lease."""
UNHEARD_S = LONGEST_WAIT_S + 2 * LEASE_S
"""How long a run whose process is not seen from here may hold no lease: between stages, or waiting for a vendor."""
LONGEST_STEP_S = 15.0
"""More time between two looks is not counted: this machine slept, and so did the worker."""
KILL_S = 5.0
FORGET_S = 600.0


@dataclass(frozen=True)
class _Seen:
    """What the last look at a run's lease found, when, and for how long it has been the same."""

    held: Held | None
    at: float
    silent_s: float = 0.0


def stored_publications() -> PublicationStore:
    """Opens the publications that the environment names."""
    return open_state_of(read_environment()).publications


class RunHealth:
    """Looks after the runs of one launcher, in the daemon.

    Args:
        publications: opens the store of the leases, at the first look.
        clock: seconds that only go on.
    """

    def __init__(
        self,
        publications: Callable[[], PublicationStore] = stored_publications,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._open, self._clock = publications, clock
        self._publications: PublicationStore | None = None
        self._seen: dict[str, _Seen] = {}

    def check(self, run: dg.DagsterRun) -> CheckRunHealthResult:
        """Looks at a run that is under way."""
        worker = WorkerProcess.of_run(run)
        if worker and worker.is_gone:
            return self._failed(run, GONE)
        seen = self._look(run)
        if seen and seen.held and seen.silent_s > SILENT_S:
            return self._failed(run, HANGS)
        if seen and not seen.held and seen.silent_s > UNHEARD_S and not (worker and worker.is_here):
            return self._failed(run, UNHEARD)
        return CheckRunHealthResult(WorkerStatus.RUNNING)

    def end_worker(self, run: dg.DagsterRun) -> str | None:
        """Kills what is left of a run's worker, if it is here, so that it holds nothing and never goes on.

        Returns what was done, None where nothing was.
        """
        worker = WorkerProcess.of_run(run)
        if worker is None or not worker.is_here:
            return None
        killed = worker.signal(signal.SIGKILL)
        end = self._clock() + KILL_S
        while not worker.is_gone and self._clock() < end:
            time.sleep(0.01)
        if worker.is_gone:
            self._free_lease(run)
        return f"Its process {worker.pid} was still there, and was killed." if killed else None

    def _failed(self, run: dg.DagsterRun, why: str) -> CheckRunHealthResult:
        self._seen.pop(run.run_id, None)
        return CheckRunHealthResult(WorkerStatus.FAILED, why)

    def _look(self, run: dg.DagsterRun) -> _Seen | None:
        """Returns what is seen of the run's lease; None where it has none, and while the store is down."""
        if not (key := _assignment_of(run)):
            return None
        try:
            held = self._store.held(*key)
        except Exception:  # noqa: BLE001 what is wrong with the store keeps the holder from renewing, too
            self._seen.clear()
            return None
        held = held if held and held.run_id == run.run_id else None
        now, before = self._clock(), self._seen.get(run.run_id)
        if before is None or before.held != held:
            before = _Seen(held, now)
        seen = _Seen(held, now, before.silent_s + min(now - before.at, LONGEST_STEP_S))
        self._seen = {known: one for known, one in self._seen.items() if now - one.at < FORGET_S} | {run.run_id: seen}
        return seen

    def _free_lease(self, run: dg.DagsterRun) -> None:
        try:
            if key := _assignment_of(run):
                self._store.free(*key, run.run_id)
        except Exception:  # noqa: BLE001 S110 it ends by itself a minute later
            pass

    @property
    def _store(self) -> PublicationStore:
        self._publications = self._publications or self._open()
        return self._publications


def _assignment_of(run: dg.DagsterRun) -> tuple[str, str] | None:
    tenant, assignment = run.tags.get(TENANT_TAG), run.tags.get(ASSIGNMENT_TAG)
    return (tenant, assignment) if tenant and assignment else None
