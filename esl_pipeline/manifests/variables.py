"""Settings by environment variable."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from esl_pipeline.manifests.places import Entry, Located
from esl_pipeline.manifests.resolve import Layer


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable that gives a setting.

    Attributes:
        name: of the variable.
        path: of the setting.
        meaning: what an operator should know beyond the setting.
        read: turns the variable's text into the setting's value.
        engine: the only speech engine that it is meant for; any where empty.
    """

    name: str
    path: str
    meaning: str = ""
    read: Callable[[str], Any] = str
    engine: str = ""


def _milliseconds(text: str) -> int | str:
    try:
        return round(float(text) * 1000)
    except (ValueError, OverflowError):
        return text


def _whole(text: str) -> int | str:
    # Python makes no number of thousands of digits.
    return int(text) if text.isdecimal() and len(text) <= 10 else text


VARIABLES = (
    Variable("NOTION_DATA_SOURCE_ID", "notion.data_source_id"),
    Variable("NOTION_DB_ID", "notion.database_id"),
    Variable("NOTION_DATABASE_ID", "notion.database_id", "another name of `NOTION_DB_ID`"),
    Variable("NOTION_PARENT_PAGE_ID", "notion.parent_page_id"),
    Variable("STUDENTS_DATA_SOURCE_ID", "notion.students_data_source_id"),
    Variable("STUDENTS_DB_ID", "notion.students_data_source_id", "another name of `STUDENTS_DATA_SOURCE_ID`"),
    Variable("ESL_NOTION_REQUESTS_PER_MINUTE", "notion.requests_per_minute", "of the token that tenants share", _whole),
    Variable("S3_BUCKET", "storage.bucket"),
    Variable("S3_PREFIX", "storage.prefix", "slashes around it are dropped", lambda text: text.strip("/")),
    Variable("ESL_STORAGE_PUBLISHING", "storage.publishing", "with `notion`, `S3_BUCKET` is not needed"),
    Variable("ESL_SPEECH_ENGINE", "speech.engine"),
    Variable(
        "ESL_SPEECH_MAX_CONCURRENT_REQUESTS",
        "speech.max_concurrent_requests",
        "of the key that tenants share",
        _whole,
    ),
    Variable("ELEVENLABS_MODEL_ID", "speech.model", "not for another `ESL_SPEECH_ENGINE`", engine="elevenlabs"),
    Variable("ELEVENLABS_DIALOGUE_LANGUAGE", "speech.language_code", "", str.lower),
    Variable("ELEVENLABS_DIALOGUE_STABILITY", "speech.voice_settings.stability"),
    Variable("ELEVENLABS_DIALOGUE_SEED", "speech.seed"),
    Variable("ELEVENLABS_SILENCE_TAIL_SECONDS", "audio.end_pause_ms", "in seconds, such as `0.4`", _milliseconds),
)
"""All of them; of two names of one setting the first wins."""


def environment_layer(variables: Mapping[str, str]) -> Layer:
    """Returns the settings that environment variables give; empty ones give none."""
    values = Located()
    engine = variables.get("ESL_SPEECH_ENGINE", "").strip() or "elevenlabs"
    for variable in VARIABLES:
        if (text := variables.get(variable.name, "").strip()) and variable.engine in ("", engine):
            *sections, name = variable.path.split(".")
            group = values
            for section in sections:
                if section not in group:
                    group.put(section, Located(), Entry())
                group = group[section]
            if name not in group:
                group.put(name, variable.read(text), Entry(source=variable.name))
    return Layer("environment", "environment", values)
