"""The names that operators know: whoever adds one to the definitions adds it here, a line each."""

from __future__ import annotations

STAGES = ("validated_manifest", "notion_page", "audio_segments", "merged_mp3", "audio_upload", "notion_audio")

OF_SPEECH = {"voice_catalogue": "tenants", "speech_usage": None}
"""Assets beside the publications, by the name of their dynamic partitions; None where they are months."""

CHECKS = {
    "audio_is_attached",
    "audio_lasts_as_long_as_its_segments",
    "lesson_is_valid",
    "page_matches_lesson",
    "stands_as_published",
    "voice_catalogue_is_fresh",
    "voices_stay",
}

ASSET_JOBS = {
    "publish_lesson": STAGES,
    "republish_text": ("validated_manifest", "notion_page"),
    "recolour": ("notion_page",),
    "revoice": ("audio_segments", "merged_mp3", "audio_upload", "notion_audio"),
    "reupload": ("audio_upload", "notion_audio"),
    "reattach": ("notion_audio",),
    "sync_voices": ("voice_catalogue",),
    "check_voices": (),
    "sum_speech_usage": ("speech_usage",),
}
"""Jobs that make assets, and which."""

OP_JOBS = {
    "archive_assignments",
    "check_tenants",
    "drift_check",
    "prune_artifacts",
    "prune_runs",
    "resign_audio",
}

SCHEDULES = {
    "archive_assignments_daily": "archive_assignments",
    "check_tenants_daily": "check_tenants",
    "check_voices_daily": "check_voices",
    "drift_check_nightly": "drift_check",
    "prune_artifacts_daily": "prune_artifacts",
    "prune_runs_daily": "prune_runs",
    "resign_audio_twice_daily": "resign_audio",
    "sum_speech_usage_daily": "sum_speech_usage",
    "sync_voices_daily": "sync_voices",
}
"""Schedules and their jobs."""

SENSORS = {
    "lost_retries_sensor",
    "manifest_sensor",
    "notify_failures",
    "queue_sensor",
}
