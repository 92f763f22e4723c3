"""What the stages of one job did, as the job itself tells it."""

from __future__ import annotations

from esl_pipeline.stages.context import ignore_progress
from esl_pipeline.stages.hooks import Progress, StageEvent
from esl_pipeline.stores.publication import StageRecord


class JobLog:
    """Listens to a job's events and keeps the record of each stage; hands every event on.

    The publication has only what was done last to an assignment, by whichever job.
    """

    def __init__(self, progress: Progress = ignore_progress) -> None:
        self._progress = progress
        self.stages: dict[str, StageRecord] = {}

    def __call__(self, event: StageEvent) -> None:
        """Takes one event."""
        if event.record is not None:
            self.stages[event.stage] = event.record
        self._progress(event)
