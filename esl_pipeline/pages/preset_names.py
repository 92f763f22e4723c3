"""What somebody may choose as heading colours, told without reading a preset."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final

SUFFIX = ".yaml"

AS_SETTINGS: Final = "as-settings"
"""Asks for the colours of the settings, and so takes an earlier choice back."""


def preset_names() -> tuple[str, ...]:
    """Returns the names of the presets there are, sorted."""
    return tuple(sorted(preset_files()))


@cache
def preset_files() -> Mapping[str, Traversable]:
    """Returns the files of the presets by name."""
    folder = files("esl_pipeline.pages") / "presets"
    return {file.name.removesuffix(SUFFIX): file for file in folder.iterdir() if file.name.endswith(SUFFIX)}
