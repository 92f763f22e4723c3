"""Queues runs, each with the tags of its assignment, whoever launched it."""

from __future__ import annotations

import dagster as dg
from dagster._core.run_coordinator import QueuedRunCoordinator, SubmitRunContext
from dagster._core.storage.tags import PARTITION_NAME_TAG

from esl_pipeline.defs.partitions import TENANT_TAG, tags_of
from esl_pipeline.manifests import SlugError


class TaggingRunCoordinator(QueuedRunCoordinator):
    """Adds tenant and assignment tags, so that limits per tenant hold for runs launched by hand as well."""

    def submit_run(self, context: SubmitRunContext) -> dg.DagsterRun:
        """Tags the run and queues it."""
        run = context.dagster_run
        key = run.tags.get(PARTITION_NAME_TAG)
        if key and TENANT_TAG not in run.tags:
            try:
                self._instance.add_run_tags(run.run_id, tags_of(key))
            except SlugError as error:
                self._logger.warning("run %s has no assignment: %s", run.run_id, error)
        return super().submit_run(context)
