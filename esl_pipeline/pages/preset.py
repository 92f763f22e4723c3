"""Presets: the colours that headings and the toggles below them get."""

from __future__ import annotations

import difflib
from functools import cache
from importlib.resources import files
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

Colour = Literal[
    "default",
    "gray",
    "brown",
    "orange",
    "yellow",
    "green",
    "blue",
    "purple",
    "pink",
    "red",
    "gray_background",
    "brown_background",
    "orange_background",
    "yellow_background",
    "green_background",
    "blue_background",
    "purple_background",
    "pink_background",
    "red_background",
]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ToggleMap(_Section):
    """Colours of toggles, by the heading that they stand directly below."""

    h2: Colour | None = None


class Preset(_Section):
    """Colours by kind of block; None leaves the kind as it is."""

    h2: Colour | None = None
    h3: Colour | None = None
    toggle_map: ToggleMap = Field(default=ToggleMap(), alias="toggleMap")

    def of_heading(self, level: int) -> Colour | None:
        """Returns the colour of a heading of level 1 to 4."""
        return {2: self.h2, 3: self.h3}.get(level)


class UnknownPresetError(ValueError):
    """There is no preset of that name; the message lists those there are."""


def preset_names() -> tuple[str, ...]:
    """Returns the names of the presets there are, sorted."""
    return tuple(sorted(_presets()))


def load_preset(name: str) -> Preset:
    """Returns a preset by its name.

    Raises:
        UnknownPresetError: there is none of that name; asking again can't help.
    """
    presets = _presets()
    if name not in presets:
        near = difflib.get_close_matches(name.strip().lower(), presets, n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        raise UnknownPresetError(f"There is no preset {name!r}. Presets: {', '.join(preset_names())}.{hint}")
    return presets[name]


@cache
def _presets() -> dict[str, Preset]:
    text = (files("esl_pipeline.pages") / "presets" / "headings.yaml").read_text(encoding="utf-8")
    return TypeAdapter(dict[str, Preset]).validate_python(yaml.safe_load(text))
