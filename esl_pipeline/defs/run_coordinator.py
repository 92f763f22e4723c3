"""Queues runs, each with the tags of its assignment and of its place in the queue, whoever launched it."""

from __future__ import annotations

from datetime import UTC, datetime
from threading import Lock

import dagster as dg
from dagster._core.run_coordinator import QueuedRunCoordinator, SubmitRunContext

from esl_pipeline.defs.actors import USER_HEADER, tags_of_user
from esl_pipeline.defs.launch_check import refuse, unlaunchable
from esl_pipeline.defs.partitions import TENANT_TAG, tags_of_run
from esl_pipeline.defs.queue_order import keeps_priority, order_tags

_ORDERING = Lock()
"""Sensors queue runs at the same time."""


class TaggingRunCoordinator(QueuedRunCoordinator):
    """Adds the tags that limits, order and operators go by, so that they hold for runs launched by hand as well."""

    def submit_run(self, context: SubmitRunContext) -> dg.DagsterRun:
        """Tags the run and queues it; one that can't be begun fails here, where no worker was started for it."""
        run = context.dagster_run
        tags = tags_of_run(run)
        if user := context.get_request_header(USER_HEADER):  # a gateway says who asks
            tags |= tags_of_user(user)
        if not keeps_priority(run):
            tenant = run.tags.get(TENANT_TAG) or tags.get(TENANT_TAG, "")
            with _ORDERING:
                tags |= order_tags(self._instance, run.run_id, tenant, self.now())
        if tags:
            self._instance.add_run_tags(run.run_id, tags)
        if why := unlaunchable(self._instance, run):
            return refuse(self._instance, run, why)
        return super().submit_run(context)

    def now(self) -> datetime:
        """Returns the time."""
        return datetime.now(UTC)
