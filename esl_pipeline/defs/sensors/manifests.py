"""The sensor that publishes what is put into the inbox."""

from __future__ import annotations

from typing import TYPE_CHECKING

import dagster as dg

from esl_pipeline.defs.jobs import publish_lesson
from esl_pipeline.defs.partitions import ASSIGNMENTS, tags_of
from esl_pipeline.defs.sensors.remarks import told
from esl_pipeline.defs.sensors.submitted import has_run

if TYPE_CHECKING:
    from esl_pipeline.stages.inbox_tick import Tick


@dg.sensor(job=publish_lesson, minimum_interval_seconds=10, default_status=dg.DefaultSensorStatus.STOPPED)
def manifest_sensor(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
    """Publishes what is put into the inbox: ``<tenant>/<assignment>`` with .yaml, .json or .md.

    A run starts when manifest or lesson changed since the last request. Files with unusable names and suspended tenants
    stop nothing; they are told in the result of ticks that start nothing, and in the log of those that do.
    """
    from esl_pipeline.defs import at_work

    environment = at_work.read_environment()
    inbox = at_work.open_inbox(environment)
    around = at_work.Around(
        at_work.RequestStore(at_work.documents_of(environment)),
        environment.target,
        may_not=at_work.Stopped(at_work.standings_of(environment)),
        was_asked=has_run(context, "manifest_sensor"),
    )
    tick = at_work.look_into(inbox, at_work.read_cursor(context.cursor, inbox.place), around)
    if tick.due:
        return result_of(context, tick)
    context.update_cursor(at_work.write_cursor(tick.cursor))
    return dg.SkipReason(told([f"Nothing to publish in {inbox.place}.", *tick.remarks]))


def result_of(context: dg.SensorEvaluationContext, tick: Tick) -> dg.SensorResult:
    """Returns the runs that a look asks for; the remarks go to the tick's log."""
    from esl_pipeline.defs.at_work import write_cursor

    if tick.remarks:
        context.log.warning(told(tick.remarks))
    return dg.SensorResult(
        run_requests=[
            dg.RunRequest(partition_key=due.key, run_key=due.run_key, tags=tags_of(due.key)) for due in tick.due
        ],
        cursor=write_cursor(tick.cursor),
        dynamic_partitions_requests=[ASSIGNMENTS.build_add_request([due.key for due in tick.due])],
    )
