"""Takes a tenant out of Dagster's instance: its partitions and the history of its runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from esl_pipeline.commands.dead_runs import fail_dead_runs
from esl_pipeline.commands.instance import open_instance
from esl_pipeline.stores.protocols import LeaseHeldError

if TYPE_CHECKING:
    import dagster as dg

RUNS_AT_A_TIME = 200
UNDER_WAY = ("QUEUED", "STARTING", "STARTED", "CANCELING")
"""What the daemon will end by itself; a run that was never started would wait for ever, and is deleted."""


def forget_runs(home: Path) -> Callable[[str, bool], int]:
    """Returns what removes a tenant from the instance of a home folder, and counts its runs."""

    def forget(tenant: str, dry_run: bool) -> int:
        with open_instance(home) as instance:
            fail_dead_runs(instance)
            return count_runs(instance, tenant) if dry_run else forget_tenant(instance, tenant)

    return forget


def count_runs(instance: dg.DagsterInstance, tenant: str) -> int:
    """Returns how many runs a tenant has."""
    return instance.get_runs_count(_of(tenant))


def forget_tenant(instance: dg.DagsterInstance, tenant: str) -> int:
    """Deletes the partitions, runs, events and printed logs of a tenant; returns how many runs that were.

    Raises:
        LeaseHeldError: a run has not ended; nothing of the tenant's runs was deleted.
    """
    from esl_pipeline.defs.upkeep.old_runs import delete_run

    if unfinished := instance.get_runs_count(_of(tenant, UNDER_WAY)):
        raise LeaseHeldError(f"{unfinished} runs of {tenant} have not ended yet. Run this again when they have.")
    for key in instance.get_dynamic_partitions("assignments"):
        if key.startswith(f"{tenant}/"):
            instance.delete_dynamic_partition("assignments", key)
    if instance.has_dynamic_partition("tenants", tenant):
        instance.delete_dynamic_partition("tenants", tenant)
    deleted = 0
    while runs := instance.get_runs(_of(tenant), limit=RUNS_AT_A_TIME):
        for run in runs:
            delete_run(instance, run.run_id)
            deleted += 1
    return deleted


def _of(tenant: str, statuses: Sequence[str] = ()) -> dg.RunsFilter:
    import dagster as dg

    from esl_pipeline.defs.partitions import TENANT_TAG

    return dg.RunsFilter(tags={TENANT_TAG: tenant}, statuses=[dg.DagsterRunStatus(name) for name in statuses] or None)
