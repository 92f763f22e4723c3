"""Deleting the runs of long ago with their events and logs, which Dagster itself keeps for ever."""

# Dagster reads the annotations of this function as they are, so they are not postponed.
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path

import dagster as dg
from dagster._core.storage.dagster_run import FINISHED_STATUSES, RunRecord
from pydantic import Field

from esl_pipeline.defs.failures import as_dagster_failures
from esl_pipeline.defs.metadata import values_of
from esl_pipeline.defs.partitions import ASSIGNMENTS
from esl_pipeline.defs.run_config import RunConfig
from esl_pipeline.defs.upkeep.runtime import LONG

POSITION = "esl/prune_runs"
"""Under what Dagster's own store keeps how far the last go came."""
AT_A_TIME = 200


class PruneRunsConfig(RunConfig):
    """Which runs go."""

    older_than_days: int = Field(30, ge=1, le=3650, description="Days since a run was asked for; younger ones stay.")
    most_runs: int = Field(
        5_000, ge=1, le=1_000_000, description="Runs that are looked at in one go; the next one goes on behind them."
    )
    dry_run: bool = Field(True, description="Only say how many would be deleted.")


@dataclass
class OldRuns:
    """One go over runs that have ended, the oldest first.

    Attributes:
        before: when the youngest of them was asked for.
        most: how many are looked at.
        position: when the last one that was looked at was asked for; None at the beginning, and again at the end.
        kept: how many stay, because an asset has nothing newer than what they made.
    """

    instance: dg.DagsterInstance
    before: datetime
    most: int
    position: datetime | None = None
    looked: int = 0
    kept: int = 0

    def deletable(self) -> Iterator[str]:
        """Yields the ids of runs that may be deleted at once."""
        while self.looked < self.most:
            limit = min(AT_A_TIME, self.most - self.looked)
            some = self._some(limit)
            for record in some:
                self.looked, self.position = self.looked + 1, record.create_timestamp
                if self._is_needed(record.dagster_run.run_id):
                    self.kept += 1
                else:
                    yield record.dagster_run.run_id
            if len(some) < limit:
                self.position = None
                return

    def _some(self, limit: int) -> list[RunRecord]:
        old = dg.RunsFilter(statuses=FINISHED_STATUSES, created_after=self.position, created_before=self.before)
        return list(self.instance.get_run_records(old, limit=limit, order_by="create_timestamp", ascending=True))

    def _is_needed(self, run_id: str) -> bool:
        """Tells whether a run made what an asset, or a partition that is in its list, has now."""
        made = self.instance.get_records_for_run(run_id, of_type=dg.DagsterEventType.ASSET_MATERIALIZATION).records
        events = (record.event_log_entry.dagster_event for record in made)
        return any(event is not None and self._is_latest(event, run_id) for event in events)

    def _is_latest(self, event: dg.DagsterEvent, run_id: str) -> bool:
        asset, partition = event.asset_key, event.partition
        if asset is None or (partition and "/" in partition and partition not in self._living):
            return False
        wanted = dg.AssetRecordsFilter(asset_key=asset, asset_partitions=[partition] if partition else None)
        newest = self.instance.fetch_materializations(wanted, limit=1).records
        return bool(newest) and newest[0].run_id == run_id

    @cached_property
    def _living(self) -> frozenset[str]:
        return frozenset(self.instance.get_dynamic_partitions(str(ASSIGNMENTS.name)))


@dg.op
@as_dagster_failures()
def delete_old_runs(context: dg.OpExecutionContext, config: PruneRunsConfig) -> dg.Output[int]:
    """Deletes runs that ended long ago with events and logs, but for those that made what an asset has now."""
    instance, deleted = context.instance, 0
    cursors = instance.daemon_cursor_storage
    known = cursors.get_cursor_values({POSITION}).get(POSITION)
    before = datetime.now(UTC) - timedelta(days=config.older_than_days)
    going = OldRuns(instance, before, config.most_runs, datetime.fromisoformat(known) if known else None)
    for run_id in going.deletable():
        if not config.dry_run:
            delete_run(instance, run_id)
        deleted += 1
    if not config.dry_run:
        cursors.set_cursor_values({POSITION: going.position.isoformat() if going.position else ""})
    figures = {"looked": going.looked, "deleted": deleted, "kept": going.kept, "dry_run": config.dry_run}
    context.log.info(f"{'would delete' if config.dry_run else 'deleted'} {deleted} of {going.looked} runs")
    return dg.Output(deleted, metadata=values_of({f"runs/{name}": value for name, value in figures.items()}))


def delete_run(instance: dg.DagsterInstance, run_id: str) -> None:
    """Deletes a run, its events, what its process printed and, with SQLite, the file that its events were in."""
    # Not above: reading the definitions needs no SQLAlchemy, which takes long to load.
    from dagster._core.storage.event_log.sqlite import SqliteEventLogStorage

    instance.compute_log_manager.delete_logs(prefix=[run_id])
    instance.delete_run(run_id)
    events = instance.event_log_storage
    if isinstance(events, SqliteEventLogStorage):
        for suffix in ("", "-wal", "-shm"):
            Path(f"{events.path_for_shard(run_id)}{suffix}").unlink(missing_ok=True)


@dg.job(
    name="prune_runs",
    description="Deletes runs that ended long ago, with their events and logs; what an asset has now keeps its run. As "
    "launched by hand it only says how many it would delete.",
    tags=LONG,
    executor_def=dg.in_process_executor,
)
def prune_runs_job() -> None:
    """One op for the whole instance."""
    delete_old_runs()


prune_runs_daily = dg.ScheduleDefinition(
    name="prune_runs_daily",
    job=prune_runs_job,
    cron_schedule="40 4 * * *",
    run_config={"ops": {"delete_old_runs": {"config": {"dry_run": False}}}},
    default_status=dg.DefaultScheduleStatus.STOPPED,
    description="Deletes runs older than 30 days every night at 4:40 UTC.",
)
