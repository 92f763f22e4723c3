"""Who listens to the stages of a job that runs in this process, such as the command line."""

from __future__ import annotations

from contextvars import ContextVar

from esl_pipeline.stages.context import ignore_progress
from esl_pipeline.stages.hooks import Progress

PROGRESS: ContextVar[Progress] = ContextVar("PROGRESS", default=ignore_progress)
"""Set around an in-process run; Dagster's resources can't carry a function."""
