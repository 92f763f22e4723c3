"""Stops a worker whose run others ended: cancelled from another machine, or failed because nobody heard of it."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

import dagster as dg
from dagster._core.storage.dagster_run import DagsterRunStatus

LOOK_S = 5.0
"""How often the run's status is read."""
ENDED_BY_OTHERS = frozenset({DagsterRunStatus.CANCELING, DagsterRunStatus.CANCELED, DagsterRunStatus.FAILURE})


@contextmanager
def interrupted_by_status(instance: dg.DagsterInstance, run_id: str, look_s: float = LOOK_S) -> Iterator[None]:
    """Interrupts this process, as Ctrl-C would, when others end the run during the block."""
    over = Event()
    watching = Thread(target=_watch, args=(instance, run_id, over, look_s), name="cancel-watch", daemon=True)
    watching.start()
    try:
        yield
    finally:
        over.set()
        watching.join()


def _watch(instance: dg.DagsterInstance, run_id: str, over: Event, look_s: float) -> None:
    while not over.wait(look_s):
        try:
            run = instance.get_run_by_id(run_id)
        except Exception:  # noqa: BLE001 S112 storage that is down for a moment ends no run
            continue
        if run is None or run.status in ENDED_BY_OTHERS:
            if not over.is_set():
                os.kill(os.getpid(), signal.SIGINT)
            return
