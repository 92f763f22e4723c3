"""The jobs that operators and sensors launch."""

from __future__ import annotations

import dagster as dg
from dagster._core.storage.tags import MAX_RETRIES_TAG, REPOSITORY_LABEL_TAG

SHELL_TAGS = {REPOSITORY_LABEL_TAG: "__repository__@esl_pipeline.definitions", MAX_RETRIES_TAG: "0"}
"""Tags of runs that no web server launched: the UI shows them at their job, and the daemon does not run them again."""

publish_lesson = dg.define_asset_job(
    "publish_lesson",
    selection=dg.AssetSelection.groups("publication"),
    description="Publishes one assignment: page, speech, track, upload, player. Unchanged work is skipped.",
    executor_def=dg.in_process_executor,
)
