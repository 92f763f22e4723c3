"""The author's own audio and video."""

from __future__ import annotations

from collections.abc import Iterator

from esl_pipeline.lessons.draft import Draft, walk
from esl_pipeline.lessons.model import Media
from esl_pipeline.lessons.problems import Problem
from esl_pipeline.lessons.rules.table import broken
from esl_pipeline.lessons.runs import is_web_address


def check_media(draft: Draft) -> Iterator[Problem]:
    """Looks for players without an address."""
    for block in walk(draft.blocks):
        if isinstance(block, Media) and not is_web_address(block.url):
            what = f"“{block.url}” is not" if block.url else "There is not"
            message = f"{what} an address that begins with http:// or https://."
            yield broken("V-AV", block.position, message, f"Write “:::{block.kind} https://…”.")
