"""The text of docs/notion.md, and the lessons that its pictures are taken of."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from esl_pipeline.pages.preset import load_preset
from esl_pipeline.pages.preset_names import preset_names
from esl_pipeline_tests.browser.constructs import CONSTRUCTS, Construct
from esl_pipeline_tests.lessons.lesson_text import SECTIONS, lesson_text

DOCS = Path(__file__).parents[2] / "docs"
PAGE = DOCS / "notion.md"
PICTURES = DOCS / "images" / "notion"
MAX_PICTURE_BYTES = 40_000

LEAD = "Lead."
"""Stands above the construct, so that no preset takes it for the toggle of its section; pictures don't show it."""

PRESET_SAMPLE = lesson_text(
    s4=f"## {SECTIONS[3]}\n\n### A. Notice the Grammar\n\n#### Words\n\nThey have been waiting since noon.",
    s7=f"## {SECTIONS[6]}\n\n:::toggle-h3 A heading that folds\nInside.\n:::",
)


def page_text() -> str:
    """Returns the whole page for teachers."""
    return "\n".join((_HEAD, *_constructs(), _PRESETS, *_presets()))


def shown_markdown(construct: Construct) -> str:
    """Returns a lesson that has a construct in it."""
    if construct.study:
        return lesson_text(s3=f"## {SECTIONS[2]}\n\n{construct.markdown}", fence="````")
    return lesson_text(extra=f"{LEAD}\n\n{construct.markdown}", fence="````")


_HEAD = """# What a lesson looks like in Notion

For teachers: everything that you can write, and what becomes of it. The pictures are of the sandbox's own pages, which
look much as Notion's do. [How to write a lesson](lesson-format.md) has the rules.
"""

_PRESETS = """## Presets

Headings, the headings that fold, and toggles directly below a heading are coloured by the preset, which the setting
`notion.preset` names. [All their colours](lesson-format.md#colours).
"""


def _constructs() -> Iterator[str]:
    for group, constructs in groupby(CONSTRUCTS, key=lambda construct: construct.group):
        yield f"## {group}\n"
        for construct in constructs:
            yield f"### {construct.title}\n"
            if construct.about:
                yield f"{construct.about}\n"
            fence = "````" if "```" in construct.markdown else "```"
            yield f"{fence}text\n{construct.markdown}\n{fence}\n"
            yield f"![{construct.title}](images/notion/{construct.slug}.png)\n"


def _presets() -> Iterator[str]:
    for name in preset_names():
        yield f"### {name}\n"
        description = load_preset(name).description
        yield f"{description[0].upper()}{description[1:]}.\n"
        yield f"![The preset {name}](images/notion/{picture_of_preset(name)}.png)\n"


def picture_of_preset(name: str) -> str:
    """Returns the slug of a preset's picture."""
    return f"preset-{name}"
