from __future__ import annotations

import json
from importlib.resources import files

import pytest
from pydantic import ValidationError

from esl_pipeline.pages.preset import Preset, UnknownPresetError, load_preset
from esl_pipeline.pages.preset_names import preset_names
from esl_pipeline_tests.pages.preset_table import PAGE, presets_as_markdown

LEVELS = (1, 2, 3, 4)


def test_the_usual_preset_has_the_predecessors_colours() -> None:
    preset = load_preset("b1-default")
    assert [preset.of_heading(level) for level in LEVELS] == [None, "yellow_background", "purple_background", None]
    assert [preset.of_heading(level, toggleable=True) for level in LEVELS] == [
        preset.of_heading(level) for level in LEVELS
    ]
    assert [preset.of_toggle(below) for below in (None, *LEVELS)] == [None, None, "yellow_background", None, None]


def test_there_is_one_preset_for_each_level() -> None:
    assert preset_names() == tuple(f"{level}-default" for level in ("a1", "a2", "b1", "b2", "c1", "c2"))
    assert len({load_preset(name).model_dump_json(exclude={"description"}) for name in preset_names()}) == 6
    assert all(load_preset(name).description for name in preset_names())


def test_headings_that_fold_have_a_colour_of_their_own_where_the_preset_gives_one() -> None:
    preset = Preset.model_validate({"h2": "blue", "h3": "red", "toggleHeadings": {"h3": "green"}})
    assert [preset.of_heading(level, toggleable=True) for level in LEVELS] == [None, "blue", "green", None]


def test_an_unknown_name_lists_the_presets_and_suggests_the_nearest() -> None:
    with pytest.raises(UnknownPresetError, match=r"no preset 'B1-defualt'. Presets: a1-default, .* mean 'b1-default'"):
        load_preset("B1-defualt")


@pytest.mark.parametrize("colours", [{"h2": "#ff0000"}, {"h2": "mauve"}, {"h5": "red"}, {"toggleMap": {"h5": "red"}}])
def test_a_preset_takes_notions_colours_only(colours: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Preset.model_validate(colours)


def test_the_schema_beside_the_presets_is_that_of_the_code() -> None:
    schema = (files("esl_pipeline.pages") / "presets" / "schema.json").read_text("utf-8")
    assert json.loads(schema) == Preset.model_json_schema(by_alias=True)


def test_the_page_for_teachers_lists_the_presets_as_they_are() -> None:
    _, _, rest = PAGE.read_text("utf-8").partition("<!-- presets -->\n")
    assert rest.partition("\n<!-- /presets -->")[0] == presets_as_markdown()
