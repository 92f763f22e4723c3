from __future__ import annotations

import pytest
from pydantic import ValidationError

from esl_pipeline.pages import Preset, UnknownPresetError, load_preset, preset_names


def test_the_shipped_preset_has_the_predecessors_colours() -> None:
    preset = load_preset("b1-default")
    colours = [preset.of_heading(level) for level in (1, 2, 3, 4)]
    assert colours == [None, "yellow_background", "purple_background", None]
    assert preset.toggle_map.h2 == "yellow_background"
    assert preset_names() == ("b1-default",)


def test_an_unknown_name_lists_the_presets_and_suggests_the_nearest() -> None:
    with pytest.raises(
        UnknownPresetError, match=r"no preset 'B1-defualt'. Presets: b1-default. Did you mean 'b1-default'"
    ):
        load_preset("B1-defualt")


@pytest.mark.parametrize("colours", [{"h2": "#ff0000"}, {"h2": "mauve"}, {"h5": "red"}, {"toggleMap": {"h3": "red"}}])
def test_a_preset_takes_notions_colours_only(colours: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Preset.model_validate(colours)
