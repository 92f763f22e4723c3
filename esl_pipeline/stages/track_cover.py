"""The picture of the tracks: a file in the folder of tenant files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from esl_pipeline.audio import MAX_COVER_BYTES, CoverError, read_cover
from esl_pipeline.lessons import Problem
from esl_pipeline.manifests import Origin
from esl_pipeline.manifests.rules import Rule, broken, shown
from esl_pipeline.manifests.settings import Settings

SETTING = "audio.cover"

CoverReader = Callable[[str], bytes]
"""Gives a picture by its name; raises OSError where there is none, with words for a person."""


def read_cover_file(folder: Path, name: str) -> bytes:
    """Reads a picture below a folder; of one that is too long for a cover only so much that this is seen.

    Raises:
        OSError: there is no such file, it can't be read, or it is outside the folder.
    """
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise PermissionError(f"{shown(name)} is outside the folder of tenant files")
    if not path.is_file():
        raise FileNotFoundError(f"there is no file {shown(name)} in the folder of tenant files")
    with path.open("rb") as file:
        return file.read(MAX_COVER_BYTES + 1)


def cover_of(settings: Settings, read: CoverReader) -> bytes | None:
    """Returns the picture that the settings name, None where they name none.

    Raises:
        CoverError: there is no such picture, or it is none for an MP3.
    """
    if settings.audio.cover is None:
        return None
    try:
        content = read(settings.audio.cover)
    except OSError as error:
        raise CoverError(f"{error}. Put the picture there, or leave {SETTING} out.") from error
    read_cover(content)
    return content


def cover_problems(settings: Settings, origins: Mapping[str, Origin], read: CoverReader) -> tuple[Problem, ...]:
    """Checks the picture before anything is bought."""
    try:
        cover_of(settings, read)
    except CoverError as error:
        origin = origins[SETTING]
        message, _, fix = str(error).rpartition(". ")
        return (broken(Rule.SETTING_VALUE, origin.source, origin.at, f"{SETTING}: {message}.", fix),)
    return ()
