"""The sensor that tells people what failed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from functools import cache
from typing import TYPE_CHECKING

import dagster as dg

if TYPE_CHECKING:
    from esl_pipeline.stages.notify.notifier import Notifier, Sent
    from esl_pipeline.stages.pipeline import Pipeline

RUNS_PER_TICK = 50
SENDING_S = 25.0
"""Of the minute that Dagster gives a tick; a message may take ten seconds more."""

FAILED, SUCCEEDED = dg.DagsterEventType.RUN_FAILURE, dg.DagsterEventType.RUN_SUCCESS


@dataclass
class Cursor:
    """How far the runs were looked at: ids of Dagster's events, and who has still something to be told."""

    failed: int = 0
    succeeded: int = 0
    waiting: list[str] = field(default_factory=list)


@dg.sensor(
    name="notify_failures",
    minimum_interval_seconds=30,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Tells tenants and operators what failed, as their settings under notify. and the environment say; "
    "nobody where neither names anybody. Starts no runs.",
)
def notify_failures(context: dg.SensorEvaluationContext) -> dg.SkipReason:
    """Notes what failed or was published again since the last tick, and sends what is due.

    What did not arrive is sent again at later ticks; a receiver that is down holds up no other.
    """
    from esl_pipeline.defs.at_work import Notifier, read_environment

    environment = read_environment()
    pipeline = _pipeline(str(environment.state), environment.state_address)
    notifier, clock = Notifier(environment, pipeline.providers), pipeline.providers.clock
    until = clock.monotonic() + SENDING_S
    cursor = _read(context, notifier)
    waiting = dict.fromkeys([*cursor.waiting, *_noted(context.instance, notifier, cursor)])
    sent = list(notifier.tell(waiting, until))
    for one in sent:
        _log(context, one)
    told = {one.owner for one in sent}
    left = [owner for owner in waiting if notifier.is_waiting(owner)]
    # Who was told something now is the last one at the next tick, so that nobody waits for the others for ever.
    cursor.waiting = sorted(left, key=lambda owner: owner in told)
    context.update_cursor(json.dumps(asdict(cursor)))
    return dg.SkipReason(_summary(sent, len(left)))


def _noted(instance: dg.DagsterInstance, notifier: Notifier, cursor: Cursor) -> Iterator[str]:
    """Notes what failed and what was published again; moves the cursor."""
    from esl_pipeline.defs.at_work import assignment_of_run, notices_of, stages_done

    for at, run in _runs(instance, FAILED, cursor.failed):
        if not run.is_finished:
            break  # Dagster writes the event before the run's status and tags; the next tick sees them
        for notice in notices_of(instance, run):
            yield from notifier.note(notice)
        cursor.failed = at
    for at, run in _runs(instance, SUCCEEDED, cursor.succeeded):
        tenant, assignment = assignment_of_run(run)
        if assignment and notifier.has_open(tenant, assignment):
            yield from notifier.recovered(tenant, assignment, stages_done(instance, run), run.run_id)
        cursor.succeeded = at


def _runs(instance: dg.DagsterInstance, kind: dg.DagsterEventType, after: int) -> Iterator[tuple[int, dg.DagsterRun]]:
    asked = dg.RunStatusChangeRecordsFilter(kind, after_storage_id=after)  # type: ignore[arg-type]
    for record in instance.fetch_run_status_changes(asked, limit=RUNS_PER_TICK, ascending=True).records:
        if run := instance.get_run_by_id(record.event_log_entry.run_id):
            yield record.storage_id, run


def _read(context: dg.SensorEvaluationContext, notifier: Notifier) -> Cursor:
    """Returns the cursor; at the first tick that of now, since nobody wants to be told of last year."""
    if context.cursor:
        return Cursor(**json.loads(context.cursor))
    return Cursor(_newest(context.instance, FAILED), _newest(context.instance, SUCCEEDED), list(notifier.owners()))


def _newest(instance: dg.DagsterInstance, kind: dg.DagsterEventType) -> int:
    records = instance.fetch_run_status_changes(kind, limit=1).records
    return records[0].storage_id if records else 0


def _log(context: dg.SensorEvaluationContext, sent: Sent) -> None:
    whose = sent.owner or "the operators"
    if sent.error:
        context.log.warning(f"{whose}: the message by {sent.receiver} did not arrive: {sent.error}")
    else:
        context.log.info(f"{whose}: {sent.notices} notices by {sent.receiver}")


def _summary(sent: list[Sent], left: int) -> str:
    arrived = sum(not one.error for one in sent)
    failed = [f"{one.owner or 'operators'} by {one.receiver}: {one.error}" for one in sent if one.error]
    told = f"{arrived} messages were sent." if sent else "There is nothing to tell."
    later = f" {left} owners wait for more." if left else ""
    return " ".join([told + later, *failed])


@cache
def _pipeline(state: str, address: str) -> Pipeline:  # noqa: ARG001 they tell the installations apart
    """Returns the pipeline of this process, whose stores are opened once."""
    from esl_pipeline.defs.at_work import create_pipeline

    return create_pipeline()
