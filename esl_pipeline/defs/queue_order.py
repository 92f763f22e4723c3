"""In which order runs leave the queue: when they are due, so that no tenant's many runs keep another's few waiting."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import dagster as dg
from dagster._core.storage.dagster_run import DagsterRunStatus
from dagster._core.storage.tags import PRIORITY_TAG

from esl_pipeline.defs.partitions import TENANT_TAG

DUE_TAG = ".dagster/esl_due"
"""Dagster's pages don't show tags that begin so."""
CLAIM = timedelta(minutes=5)
"""Each tenant has a claim to one run in this time; what it queues beyond that is due later, and runs when none is due
earlier. Long enough for many tenants to have backlogs at once, short enough that no backlog waits for ever."""
LOOKED_AT = 20
"""Of a tenant's waiting runs, the newest: those to which an operator gave a priority are not due at a time."""
LAST_KEY = "esl/last-queued/{tenant}"
"""Under which the instance keeps the id of a tenant's run that was queued last, and when it is due."""


def keeps_priority(run: dg.DagsterRun) -> bool:
    """True where somebody gave the run a priority; a run that is run again brings the tags of the one before."""
    given, before = run.tags.get(PRIORITY_TAG), run.tags.get(DUE_TAG)
    return given is not None and (before is None or given != _priority(datetime.fromisoformat(before)))


def order_tags(instance: dg.DagsterInstance, run_id: str, tenant: str, now: datetime) -> dict[str, str]:
    """Returns the tags of a run that is queued: when it is due, and the priority by which the daemon sorts the queue.

    It is due now, but where the tenant has runs waiting, ``CLAIM`` after the last of them. Nothing that is queued after
    a run was due goes before it.

    Args:
        instance: keeps what was queued last.
        run_id: of the run.
        tenant: its slug; empty for a run that is of none, which is due now.
        now: with its time zone.
    """
    due = now.astimezone(UTC).replace(microsecond=0)
    if tenant:
        key = LAST_KEY.format(tenant=tenant)
        due = max(due, _after_last(instance, key, tenant) or due)
        instance.run_storage.set_cursor_values({key: f"{run_id} {due.isoformat()}"})
    return {DUE_TAG: due.isoformat(), PRIORITY_TAG: _priority(due)}


def _after_last(instance: dg.DagsterInstance, key: str, tenant: str) -> datetime | None:
    """Returns when the next is due; None where none of the tenant's runs waits.

    The last one may be gone before others: those of an assignment wait for one another, which none of another does.
    """
    run_id, _, due = instance.run_storage.get_cursor_values({key}).get(key, "").partition(" ")
    last = instance.get_run_by_id(run_id) if run_id else None
    if last is None:
        return None
    if last.status is not DagsterRunStatus.QUEUED:
        due = _due_of_newest_waiting(instance, tenant)
    return datetime.fromisoformat(due) + CLAIM if due else None


def _due_of_newest_waiting(instance: dg.DagsterInstance, tenant: str) -> str:
    waiting = dg.RunsFilter(statuses=[DagsterRunStatus.QUEUED], tags={TENANT_TAG: tenant})
    dues = (run.tags.get(DUE_TAG, "") for run in instance.get_runs(waiting, limit=LOOKED_AT))
    return max(dues, default="")


def _priority(due: datetime) -> str:
    return str(-int(due.timestamp()))
