"""The picture of the tracks: a file in the folder of tenant files.

One that lies in it is for all tenants, one in a folder there for the tenant whose name the folder has.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from esl_pipeline.audio import MAX_COVER_BYTES, CoverError, read_cover
from esl_pipeline.lessons import Problem
from esl_pipeline.manifests import Origin
from esl_pipeline.manifests.rules import Rule, broken, shown
from esl_pipeline.manifests.settings import Settings

SETTING = "audio.cover"

CoverReader = Callable[[str, str], bytes]
"""Gives a picture to a tenant by its name; raises OSError where there is none, with words for a person."""


def read_cover_file(folder: Path, tenant: str, name: str) -> bytes:
    """Reads a picture below a folder; of one that is too long for a cover only so much that this is seen.

    Raises:
        OSError: there is no such file, it can't be read, or it is outside the folder or another tenant's.
    """
    path, root = (folder / name).resolve(), folder.resolve()
    if not path.is_relative_to(root):
        raise PermissionError(f"{shown(name)} is outside the folder of tenant files")
    if path.parent != root and path.relative_to(root).parts[0] != tenant:
        raise PermissionError(
            f"{shown(name)} is not for this tenant: it has those of the folder {tenant} and those outside all folders"
        )
    if not path.is_file():
        raise FileNotFoundError(f"there is no file {shown(name)} in the folder of tenant files")
    with path.open("rb") as file:
        return file.read(MAX_COVER_BYTES + 1)


def cover_of(settings: Settings, tenant: str, read: CoverReader) -> bytes | None:
    """Returns the picture that a tenant's settings name, None where they name none.

    Raises:
        CoverError: there is no such picture, or it is none for an MP3.
    """
    if settings.audio.cover is None:
        return None
    try:
        content = read(tenant, settings.audio.cover)
    except OSError as error:
        raise CoverError(f"{error}. Put the picture there, or leave {SETTING} out.") from error
    read_cover(content)
    return content


def cover_problems(
    settings: Settings, origins: Mapping[str, Origin], tenant: str, read: CoverReader
) -> tuple[Problem, ...]:
    """Checks the picture before anything is bought."""
    try:
        cover_of(settings, tenant, read)
    except CoverError as error:
        origin = origins[SETTING]
        message, _, fix = str(error).rpartition(". ")
        return (broken(Rule.SETTING_VALUE, origin.source, origin.at, f"{SETTING}: {message}.", fix),)
    return ()
