"""The sensor that publishes what messages in a queue ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import dagster as dg

from esl_pipeline.defs.jobs import publish_lesson
from esl_pipeline.defs.partitions import ASSIGNMENTS, tags_of
from esl_pipeline.defs.sensors.remarks import told

if TYPE_CHECKING:
    from esl_pipeline.stages.queue_tick import Order, QueueTick

REQUESTED_BY_TAG = "esl/requested_by"


@dg.sensor(job=publish_lesson, minimum_interval_seconds=10, default_status=dg.DefaultSensorStatus.STOPPED)
def queue_sensor(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
    """Publishes what messages in the queue ESL_QUEUE ask for, a run each.

    Messages that can't be understood go to the queue's dead-letter queue and are told here, those of suspended tenants
    come again after an hour. Testing the sensor takes messages as well; they come again after 15 minutes.
    """
    from esl_pipeline.defs import at_work

    environment = at_work.read_environment()
    if not environment.queue_url:
        return dg.SkipReason("ESL_QUEUE is not set: give the URL of a queue of SQS, or turn this sensor off.")
    around = at_work.QueueAround(
        at_work.open_artifacts_of(environment),
        at_work.open_inbox(environment),
        environment.target,
        may_not=at_work.Stopped(at_work.standings_of(environment)),
    )
    queue = at_work.SqsQueue(environment.queue_url)
    tick = at_work.take_orders(queue, at_work.read_queue_cursor(context.cursor, queue.url), around)
    if tick.orders:
        return result_of(context, tick)
    context.update_cursor(tick.cursor.model_dump_json())
    return dg.SkipReason(told(["No message asks for a run.", *tick.remarks]))


def result_of(context: dg.SensorEvaluationContext, tick: QueueTick) -> dg.SensorResult:
    """Returns the runs that messages ask for; the remarks go to the tick's log."""
    if tick.remarks:
        context.log.warning(told(tick.remarks))
    return dg.SensorResult(
        run_requests=[_run_of(order) for order in tick.orders],
        cursor=tick.cursor.model_dump_json(),
        dynamic_partitions_requests=[ASSIGNMENTS.build_add_request(sorted({order.key for order in tick.orders}))],
    )


def _run_of(order: Order) -> dg.RunRequest:
    tags = tags_of(order.key) | ({REQUESTED_BY_TAG: order.requested_by} if order.requested_by else {})
    config = {"resources": {"asking": {"config": order.asking}}} if order.asking else {}
    return dg.RunRequest(partition_key=order.key, run_key=order.run_key, run_config=config, tags=tags)
