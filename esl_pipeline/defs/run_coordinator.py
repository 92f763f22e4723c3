"""Queues runs, each with the tags of its assignment and its tenant's turn, whoever launched it."""

from __future__ import annotations

from collections.abc import Sequence

import dagster as dg
from dagster._core.run_coordinator import QueuedRunCoordinator, SubmitRunContext
from dagster._core.storage.dagster_run import IN_PROGRESS_RUN_STATUSES, DagsterRunStatus
from dagster._core.storage.tags import PRIORITY_TAG

from esl_pipeline.defs.actors import USER_HEADER, tags_of_user
from esl_pipeline.defs.partitions import TENANT_TAG, tags_of_run

TURN_TAG = "esl/turn"
WAITING = [DagsterRunStatus.QUEUED, *IN_PROGRESS_RUN_STATUSES]


class TaggingRunCoordinator(QueuedRunCoordinator):
    """Adds tenant and assignment tags, so that limits per tenant hold for runs launched by hand as well.

    Tenants take turns: a tenant's next run has the turn after its last one, and at least the turn that the queue is at.
    So a tenant that queues 1,000 runs at once lets others in between, and no run waits for ever: none that comes later
    overtakes the oldest.

    Behind a gateway that says who asks, a run of the web server is also tagged with that name.
    """

    def submit_run(self, context: SubmitRunContext) -> dg.DagsterRun:
        """Tags the run and queues it."""
        run = context.dagster_run
        tags = tags_of_run(run)
        if user := context.get_request_header(USER_HEADER):
            tags |= tags_of_user(user)
        if _takes_turn(run):
            turn = self._turn(run.tags.get(TENANT_TAG) or tags.get(TENANT_TAG))
            tags |= {TURN_TAG: str(turn), PRIORITY_TAG: str(-turn)}
        if tags:
            self._instance.add_run_tags(run.run_id, tags)
        return super().submit_run(context)

    def _turn(self, tenant: str | None) -> int:
        """Returns the turn of a tenant's next run; of one that is of no tenant, the turn that the queue is at."""
        oldest = self._instance.get_runs(dg.RunsFilter(statuses=[DagsterRunStatus.QUEUED]), limit=1, ascending=True)
        if not tenant:
            return _turn_of(oldest, -1)
        own = self._instance.get_runs(dg.RunsFilter(statuses=WAITING, tags={TENANT_TAG: tenant}), limit=1)
        return max(_turn_of(oldest, 0), _turn_of(own, -1) + 1)


def _takes_turn(run: dg.DagsterRun) -> bool:
    """True unless somebody gave the run a priority; a run that is run again has the tags of the one before."""
    given, before = run.tags.get(PRIORITY_TAG), run.tags.get(TURN_TAG)
    return given is None or (before is not None and before.isdecimal() and given == str(-int(before)))


def _turn_of(runs: Sequence[dg.DagsterRun], none: int) -> int:
    found = runs[0].tags.get(TURN_TAG, "") if runs else ""
    return int(found) if found.isdecimal() else none
