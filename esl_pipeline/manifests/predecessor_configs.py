"""The configuration folder of the TypeScript pipeline, as a tenant's settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from esl_pipeline.manifests.document import read_document
from esl_pipeline.manifests.errors import AskingError
from esl_pipeline.manifests.places import Located, entry_of
from esl_pipeline.manifests.version import FIELD, VERSION

STUDENTS, VOICES = "students", "voices.yml"
PROFILE = {"dbId": "notion.database_id", "colorPreset": "notion.preset", "accentPreference": "speech.default_accent"}
"""What the predecessor used of a profile. Of the others it knew, none ever had an effect."""

Json = dict[str, Any]


@dataclass
class TakenOver:
    """What the folder says.

    Attributes:
        document: a tenant document, not checked yet.
        notes: what was left behind, in sentences.
    """

    document: Json
    notes: list[str] = field(default_factory=list)


def read_configs(files: Mapping[str, str]) -> TakenOver:
    """Reads the folder's ``voices.yml`` and ``students/*.json``.

    The profile that the predecessor took for students without one, ``Default``, becomes the tenant's own settings.

    Args:
        files: contents, by path in the folder.

    Raises:
        AskingError: a file is no YAML or JSON.
    """
    taken, settings, students = TakenOver({}), dict[str, Any](), dict[str, Json]()
    for path in sorted(files):
        if path == VOICES:
            _voices(_fields(files[path], path), settings, taken.notes)
        elif PurePosixPath(path).parent == PurePosixPath(STUDENTS) and path.endswith(".json"):
            profile = _fields(files[path], path)
            name = profile.get("student")
            if not isinstance(name, str) or not name.strip():
                taken.notes.append(f"{path} names no student, so it is left out.")
                continue
            into = settings if name == "Default" else students.setdefault(name, {})
            _profile(profile, path, into, taken.notes)
    taken.document = {FIELD: VERSION, "settings": settings, "students": students}
    return taken


def _fields(content: str, path: str) -> Located:
    document, problems = read_document(content, path)
    if document is None or problems:
        raise AskingError(tuple(problems))
    return document


def _voices(voices: Located, settings: Json, notes: list[str]) -> None:
    chosen = dict[str, str]()
    for speaker, voice in voices.items():
        text = entry_of(voices, speaker).text
        if speaker == "auto":
            if voice is False or text == "false":
                notes.append(f"{VOICES}: auto is false; here speakers for whom nobody chose a voice are always cast.")
        elif isinstance(voice, Mapping | list) or not text:
            notes.append(f"{VOICES}: {speaker[:60]!r} names no voice; it had no effect, and is left out.")
        else:
            chosen[speaker] = text
    if chosen:
        _put(settings, "speech.voices", chosen)


def _profile(profile: Located, path: str, into: Json, notes: list[str]) -> None:
    for name, value in profile.items():
        if setting := PROFILE.get(name):
            if isinstance(value, str) and value.strip():
                _put(into, setting, value.strip())
        elif name != "student" and value is not None:
            notes.append(f"{path}: {name[:60]!r} had no effect, and is left out.")


def _put(into: Json, setting: str, value: Any) -> None:
    group, _, name = setting.partition(".")
    into.setdefault(group, {})[name] = value
