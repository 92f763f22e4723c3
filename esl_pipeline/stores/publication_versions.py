"""Brings stored publications of older versions up to date: one pure step per version, each tested with a real one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

SCHEMA_VERSION: Final = 2
"""Of a publication; raised when an older program would misunderstand it, with a step that reads the one before."""

Document = dict[str, Any]


class NewerPublicationError(Exception):
    """A publication is of a version that this program does not know."""

    def __init__(self, version: int) -> None:
        super().__init__(f"version {version}; this program knows version {SCHEMA_VERSION}")


def update_publication(document: object) -> Document:
    """Returns a publication in the form of the newest version; what no version knows is kept.

    Args:
        document: JSON as it was read; it stays as it is.

    Raises:
        NewerPublicationError: it is of a newer version.
        ValueError: it is no publication of any version.
    """
    version = document.get("schema_version") if isinstance(document, dict) else None
    if not isinstance(document, dict) or not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise ValueError("no publication of any version")
    if version > SCHEMA_VERSION:
        raise NewerPublicationError(version)
    found: Document = dict(document)
    for step in range(version, SCHEMA_VERSION):
        found = STEPS[step](found) | {"schema_version": step + 1}
    return found


def _from_1(document: Document) -> Document:
    """Speech has an engine, and a segment is a part of what was bought with a pause of some kind after it.

    In version 1 there was one engine, and a segment was the whole audio of one turn.
    """
    speech = document.get("speech")
    if speech is None:
        return document
    segments = [{"begin": 0, "pause_after": "turn"} | segment for segment in speech["segments"]]
    return document | {"speech": {"engine": "elevenlabs"} | speech | {"segments": segments}}


STEPS: Mapping[int, Callable[[Document], Document]] = {1: _from_1}
"""By the version that a step reads."""
