"""The table of presets in docs/lesson-format.md; ``python -m esl_pipeline_tests.pages.preset_table`` writes it."""

from __future__ import annotations

import re
from pathlib import Path

from esl_pipeline.pages.preset import Levels, Preset, load_preset
from esl_pipeline.pages.preset_names import preset_names

PAGE = Path(__file__).parents[2] / "docs" / "lesson-format.md"


def presets_as_markdown() -> str:
    """Returns what stands between ``<!-- presets -->`` and ``<!-- /presets -->``."""
    head = "| preset | headings | headings that fold | a toggle below a heading | |\n|---|---|---|---|---|"
    return "\n".join((head, *(_row(name, load_preset(name)) for name in preset_names())))


def _row(name: str, preset: Preset) -> str:
    cells = (_colours(preset), _colours(preset.toggle_headings), _colours(preset.toggle_map), preset.description)
    return f"| `{name}` | {' | '.join(cells)} |"


def _colours(levels: Levels) -> str:
    colours = ((level, levels.of(level)) for level in (1, 2, 3, 4))
    return ", ".join(f"h{level} `{colour}`" for level, colour in colours if colour) or "–"


if __name__ == "__main__":
    written = re.sub(
        r"(?<=<!-- presets -->\n).*?(?=\n<!-- /presets -->)",
        lambda _: presets_as_markdown(),
        PAGE.read_text("utf-8"),
        flags=re.DOTALL,
    )
    PAGE.write_text(written, "utf-8")
