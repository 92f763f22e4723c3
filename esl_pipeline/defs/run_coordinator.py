"""Queues runs, each with the tags of its assignment and its tenant's turn, whoever launched it."""

from __future__ import annotations

import dagster as dg
from dagster._core.run_coordinator import QueuedRunCoordinator, SubmitRunContext

from esl_pipeline.defs.actors import USER_HEADER, tags_of_user
from esl_pipeline.defs.partitions import TENANT_TAG, tags_of_run
from esl_pipeline.defs.turns import next_turn, takes_turn


class TaggingRunCoordinator(QueuedRunCoordinator):
    """Adds tags that limits and operators go by, so that they hold for runs launched by hand as well."""

    def submit_run(self, context: SubmitRunContext) -> dg.DagsterRun:
        """Tags the run and queues it."""
        run = context.dagster_run
        tags = tags_of_run(run)
        if user := context.get_request_header(USER_HEADER):  # a gateway says who asks
            tags |= tags_of_user(user)
        if takes_turn(run):
            tags |= next_turn(self._instance, run.tags.get(TENANT_TAG) or tags.get(TENANT_TAG, ""))
        if tags:
            self._instance.add_run_tags(run.run_id, tags)
        return super().submit_run(context)
