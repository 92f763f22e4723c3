"""Presets: the colours that headings and the toggles below them get."""

from __future__ import annotations

import difflib
from functools import cache

import yaml
from pydantic import BaseModel, ConfigDict, Field

from esl_pipeline.lessons.colours import Colour
from esl_pipeline.pages.preset_names import preset_files, preset_names


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Levels(_Section):
    """Colours by level of heading."""

    h1: Colour | None = None
    h2: Colour | None = None
    h3: Colour | None = None
    h4: Colour | None = None

    def of(self, level: int) -> Colour | None:
        """Returns the colour of a level from 1 to 4."""
        return (self.h1, self.h2, self.h3, self.h4)[level - 1]


class Preset(Levels):
    """Colours by kind of block; None leaves the kind as it is.

    Attributes:
        description: for whom it is, in a few words.
        toggle_map: colour of a toggle's title, by the heading that it stands directly below.
        toggle_headings: colour of headings that fold; where there is none, they are coloured as other headings.
    """

    description: str = ""
    toggle_map: Levels = Field(default=Levels(), alias="toggleMap")
    toggle_headings: Levels = Field(default=Levels(), alias="toggleHeadings")

    def of_heading(self, level: int, *, toggleable: bool = False) -> Colour | None:
        """Returns the colour of a heading of level 1 to 4."""
        return (self.toggle_headings.of(level) if toggleable else None) or self.of(level)

    def of_toggle(self, below: int | None) -> Colour | None:
        """Returns the colour of a toggle's title; ``below`` is the level of the heading directly above, if any."""
        return None if below is None else self.toggle_map.of(below)


class UnknownPresetError(ValueError):
    """There is no preset of that name; the message lists those there are."""


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
    return {
        name: Preset.model_validate(yaml.safe_load(file.read_text(encoding="utf-8")))
        for name, file in preset_files().items()
    }
