"""When each run was asked for, begun and ended, as Dagster tells it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dagster import DagsterInstance

PARTITION = "dagster/partition"
ENDED = frozenset({"SUCCESS", "FAILURE", "CANCELED"})


@dataclass(frozen=True)
class TimedRun:
    """One run; times are seconds since 1970, 0 for what has not come yet."""

    key: str
    status: str
    asked_at: float
    begun_at: float
    ended_at: float

    @property
    def ended(self) -> bool:
        """True where it will not change any more."""
        return self.status in ENDED


def runs_of(instance: DagsterInstance) -> list[TimedRun]:
    """Returns all runs with a partition, oldest first."""
    records = instance.get_run_records(ascending=True)
    return [
        TimedRun(
            record.dagster_run.tags[PARTITION],
            record.dagster_run.status.value,
            record.create_timestamp.timestamp(),
            record.start_time or 0.0,
            record.end_time or 0.0,
        )
        for record in records
        if PARTITION in record.dagster_run.tags
    ]


def overtaken(run: TimedRun, runs: Sequence[TimedRun]) -> int:
    """Returns how many others began while a run waited in the queue."""
    return sum(run.asked_at < other.begun_at < run.begun_at for other in runs if other != run)


def per_minute(runs: Sequence[TimedRun]) -> float:
    """Returns how many runs succeeded in a minute, from the first beginning to the last end."""
    done = [run for run in runs if run.status == "SUCCESS"]
    if not done:
        return 0.0
    seconds = max(run.ended_at for run in done) - min(run.begun_at for run in done)
    return len(done) * 60 / seconds
