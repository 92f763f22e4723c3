from __future__ import annotations

import base64
import re
from xml.etree import ElementTree

import pytest

from esl_pipeline.stages.history_plot import MOST_RUNS, PLOTTED, history_plot

SVG = "{http://www.w3.org/2000/svg}"


def picture(markdown: str | None) -> ElementTree.Element:
    found = re.fullmatch(r"!\[[a-z0-9 ]+\]\(data:image/svg\+xml;base64,([A-Za-z0-9+/=]+)\)", markdown or "")
    assert found
    return ElementTree.fromstring(base64.b64decode(found[1]))


def heights(drawn: ElementTree.Element) -> list[list[int]]:
    return [[int(one) for one in re.findall(r"v-(\d+)", path.get("d", ""))] for path in drawn.iter(f"{SVG}path")]


def test_each_figure_has_a_row_of_bars_as_high_as_its_values() -> None:
    runs = [{"notion/requests": 12.0, "stage/seconds": 1.0}, {"stage/seconds": 0.5}, {"notion/requests": 6.0}]
    drawn = picture(history_plot(runs))
    words = [text.text for text in drawn.iter(f"{SVG}text")]
    assert words == ["requests", "last 6, most 12", "seconds of work", "last 0, most 1"]
    assert heights(drawn) == [[34, 1, 17], [34, 17, 1]]


@pytest.mark.parametrize("runs", [[], [{"stage/seconds": 1.0}], [{}, {}], [{"audio/turns": 3.0}] * 3])
def test_where_there_is_nothing_to_compare_there_is_no_picture(runs: list[dict[str, float]]) -> None:
    assert history_plot(runs) is None


def test_the_largest_picture_is_small() -> None:
    run = {f"elevenlabs{suffix}" if suffix.startswith("/") else suffix: 12_345.678 for suffix in PLOTTED.values()}
    markdown = history_plot([run] * 100)
    assert len(heights(picture(markdown))[0]) == MOST_RUNS
    assert len(markdown or "") < 4096


def test_the_figures_of_any_engine_count() -> None:
    drawn = picture(history_plot([{"openai/characters_billed": 10.0}, {"elevenlabs/characters_billed": 20.0}]))
    assert heights(drawn) == [[17, 34]]
