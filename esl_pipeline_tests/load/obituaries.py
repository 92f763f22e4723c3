"""What became of the runs of assignments that were not published."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dagster import DagsterInstance

LAST_WORDS = 4
MOST_WORDS = 600


def obituaries(instance: DagsterInstance) -> Iterator[str]:
    """Yields a line for each run that did not succeed, and the last of its events."""
    for record in instance.get_run_records(ascending=True):
        run = record.dagster_run
        if run.is_success:
            continue
        tags = {name: value for name, value in run.tags.items() if "retry" in name or "again" in name}
        yield f"{run.tags.get('dagster/partition')} {run.run_id[:8]} {run.status.value} {tags}"
        entries = instance.all_logs(run.run_id)
        failures = [entry for entry in entries if entry.dagster_event and entry.dagster_event.is_step_failure]
        for entry in [*failures, *entries[-LAST_WORDS:]]:
            kind = entry.dagster_event.event_type_value if entry.dagster_event else "log"
            error = getattr(entry.dagster_event and entry.dagster_event.event_specific_data, "error", None)
            told = " ".join([entry.message, *([str(error.to_string())] if error else [])])
            yield f"    {kind}: {' '.join(told.split())[:MOST_WORDS]}"
