"""Quotes that begin with ``[!NOTE]`` or the like: callouts with an icon and a colour of their own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from esl_pipeline.lessons import model
from esl_pipeline.lessons.colours import Colour
from esl_pipeline.lessons.problems import Position
from esl_pipeline.lessons.runs import merged, split_first_line, without_blank_ends

_MARK = re.compile(r"\[!(?P<kind>[A-Za-z]+)\](?![(\[{])")


@dataclass(frozen=True, slots=True)
class Alert:
    """How a kind of alert looks."""

    icon: str
    colour: Colour


ALERTS: Mapping[str, Alert] = {
    "NOTE": Alert("ℹ️", "blue_background"),
    "TIP": Alert("💡", "green_background"),
    "IMPORTANT": Alert("📌", "purple_background"),
    "WARNING": Alert("⚠️", "yellow_background"),
    "CAUTION": Alert("🛑", "red_background"),
}
"""GitHub's five kinds."""


def alert_kind(source: str) -> str:
    """Returns the kind that a quote's text begins with, in capitals, be it known or not; empty where there is none."""
    found = _MARK.match(source)
    return found["kind"].upper() if found else ""


def alert_callout(
    kind: str, runs: model.Runs, children: tuple[model.Block, ...], colour: Colour | None, position: Position
) -> model.Callout:
    """Makes the callout of a quote.

    Text behind the mark is its title, what follows is inside it; without a title the text itself is the callout's.

    Args:
        kind: one of ``ALERTS``.
        runs: the quote's text, with the mark.
        children: what follows that text in the quote.
        colour: the author's own.
        position: of the quote.
    """
    first = model.Run(runs[0].content[len(f"[!{kind}]") :])
    title, text = split_first_line(merged((first, *runs[1:])))
    title = without_blank_ends(title)
    if title and text:
        children = (model.Paragraph(text, Position(position.line + 1, position.column + 2)), *children)
    elif not title and not text and children and isinstance(children[0], model.Paragraph):
        text, children = children[0].runs, children[1:]
    alert = ALERTS[kind]
    return model.Callout(alert.icon, title or text, children, position, colour or alert.colour)
