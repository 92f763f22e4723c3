"""The jobs that operators and sensors launch."""

from __future__ import annotations

import dagster as dg

publish_lesson = dg.define_asset_job(
    "publish_lesson",
    selection=dg.AssetSelection.groups("publication"),
    description="Publishes one assignment: page, speech, track, upload, player. Unchanged work is skipped.",
    executor_def=dg.in_process_executor,
)
