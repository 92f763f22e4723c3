"""What became of the runs of assignments that were not published."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dagster import DagsterInstance

LAST_WORDS = 4


def obituaries(instance: DagsterInstance) -> Iterator[str]:
    """Yields a line for each run that did not succeed, and the last of its events."""
    for record in instance.get_run_records(ascending=True):
        run = record.dagster_run
        if run.is_success:
            continue
        tags = {name: value for name, value in run.tags.items() if "retry" in name or "worker" in name}
        yield f"{run.tags.get('dagster/partition')} {run.run_id[:8]} {run.status.value} {tags}"
        for entry in instance.all_logs(run.run_id)[-LAST_WORDS:]:
            kind = entry.dagster_event.event_type_value if entry.dagster_event else "log"
            yield f"    {kind}: {' '.join(entry.message.split())[:300]}"
