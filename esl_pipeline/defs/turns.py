"""Whose turn it is in the queue: tenants go in turns, however many runs one of them has waiting."""

from __future__ import annotations

import dagster as dg
from dagster._core.storage.dagster_run import DagsterRunStatus
from dagster._core.storage.tags import PRIORITY_TAG

TURN_TAG = "esl/turn"
HIGHEST = "esl/turn"
"""Under which the instance keeps the highest turn that was given; a tenant's own last one is kept beside it."""
OLDEST = 20
"""So many runs of the queue are looked at; those with a priority of their own have no turn."""


def takes_turn(run: dg.DagsterRun) -> bool:
    """True unless somebody gave the run a priority; a run that is run again has the tags of the one before."""
    given, before = run.tags.get(PRIORITY_TAG), run.tags.get(TURN_TAG, "")
    return given is None or (before.isdecimal() and given == str(-int(before)))


def next_turn(instance: dg.DagsterInstance, tenant: str) -> dict[str, str]:
    """Returns the tags of a tenant's next run: its turn, and the priority by which the queue is sorted.

    It is the turn after the tenant's last one, and at least that of the oldest run in the queue. So whoever has few runs
    waiting comes before the many of another, and nobody waits for ever: what comes later never overtakes the oldest.

    Args:
        instance: keeps the turns.
        tenant: a slug; empty for runs that are of no tenant.
    """
    own = f"{HIGHEST}/{tenant}"
    known = instance.run_storage.get_cursor_values({HIGHEST, own})
    highest = int(known.get(HIGHEST, 0))
    turn = max(int(known.get(own, -1)) + 1, _turn_of_queue(instance, highest))
    instance.run_storage.set_cursor_values({HIGHEST: str(max(highest, turn)), own: str(turn)})
    return {TURN_TAG: str(turn), PRIORITY_TAG: str(-turn)}


def _turn_of_queue(instance: dg.DagsterInstance, highest: int) -> int:
    """Returns the turn of the oldest run that waits, the highest of all where none does."""
    waiting = dg.RunsFilter(statuses=[DagsterRunStatus.QUEUED])
    tags = (run.tags.get(TURN_TAG, "") for run in instance.get_runs(waiting, limit=OLDEST, ascending=True))
    return next((int(turn) for turn in tags if turn.isdecimal()), highest)
