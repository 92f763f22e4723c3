"""What keeps an installation in order: jobs that make no asset, each with its schedule in its own file."""

from __future__ import annotations

from esl_pipeline.defs.upkeep.artifacts import prune_daily, prune_job
from esl_pipeline.defs.upkeep.signatures import resign_job, resign_twice_daily

JOBS = (prune_job, resign_job)
SCHEDULES = (prune_daily, resign_twice_daily)
