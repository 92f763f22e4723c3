"""Runs that shells began and did not live to end: Dagster can't see that their process is gone."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

if TYPE_CHECKING:
    import dagster as dg

GONE = "The shell in which it ran is gone. Publish again: what was done is kept."


@contextmanager
def living_run(home: Path) -> Iterator[str]:
    """Gives the id for a run in this process, with a lock that the system frees however the process ends."""
    run_id = str(uuid.uuid4())
    path = _folder(home) / run_id
    path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(path):
        yield run_id
    # Not after an exception: the mark then lets the next shell see that the run may not have been ended.
    path.unlink(missing_ok=True)


def runs_of_shells(home: Path) -> list[Path]:
    """Returns the marks of runs that shells began, whether they live or not."""
    return sorted(_folder(home).glob("*"))


def fail_dead_runs(instance: dg.DagsterInstance, home: Path) -> None:
    """Tells Dagster of runs whose shell was killed, so that they hold no place in the queue."""
    for path in runs_of_shells(home):
        lock = FileLock(path, timeout=0)
        try:
            lock.acquire()
        except Timeout:
            continue
        run = instance.get_run_by_id(path.name)
        if run is not None and not run.is_finished:
            instance.report_run_failed(run, GONE)
        lock.release()
        if run is not None:
            path.unlink(missing_ok=True)


def _folder(home: Path) -> Path:
    return home / "dagster" / "shell-runs"
