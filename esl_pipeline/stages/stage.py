"""The six stages by name."""

from __future__ import annotations

from enum import StrEnum


class Stage(StrEnum):
    """The stages in order, named as the assets they make."""

    MANIFEST = "validated_manifest"
    PAGE = "notion_page"
    SPEECH = "audio_segments"
    MERGE = "merged_mp3"
    UPLOAD = "audio_upload"
    ATTACH = "notion_audio"
