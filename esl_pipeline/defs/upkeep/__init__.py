"""What keeps an installation in order: jobs that make no asset, each with its schedule in its own file."""

from __future__ import annotations

from esl_pipeline.defs.upkeep.archive import archive_daily, archive_job
from esl_pipeline.defs.upkeep.artifacts import prune_daily, prune_job
from esl_pipeline.defs.upkeep.drift import drift_job, drift_nightly, stands_as_published
from esl_pipeline.defs.upkeep.old_runs import prune_runs_daily, prune_runs_job
from esl_pipeline.defs.upkeep.signatures import resign_job, resign_twice_daily
from esl_pipeline.defs.upkeep.tenants_live import check_tenants_daily, check_tenants_job

CHECKS = (stands_as_published,)
JOBS = (archive_job, check_tenants_job, drift_job, prune_job, prune_runs_job, resign_job)
SCHEDULES = (
    archive_daily,
    check_tenants_daily,
    drift_nightly,
    prune_daily,
    prune_runs_daily,
    resign_twice_daily,
)
