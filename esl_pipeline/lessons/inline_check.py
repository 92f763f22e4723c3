"""What is wrong within a line: links that lead nowhere, colours that don't exist or stand where they have no effect."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from markdown_it.tree import SyntaxTreeNode

from esl_pipeline.lessons.colours import COLOURS, nearest_colour, read_colour
from esl_pipeline.lessons.runs import is_link_target, target_of


class Finding(NamedTuple):
    """A broken rule; ``written`` is the text that breaks it, as it stands in the file."""

    written: str
    rule: str
    message: str
    fix: str


def check_inline(nodes: Iterable[SyntaxTreeNode]) -> Iterator[Finding]:
    """Yields what is wrong in inline ``nodes``, in reading order."""
    for node in nodes:
        if node.type in ("link", "image") and not is_link_target(target_of(node)):
            yield _dead_link(target_of(node))
        if node.type == "stray_colour":
            message = f"“{node.content}” colours nothing here; the page shows it as text."
            fix = 'Move it to the end of the line, or put brackets around the words: [words]{color="red"}.'
            yield Finding(node.content, "V-AT", message, fix)
        elif "written" in node.meta:
            yield from check_colour(node.meta["value"], node.meta["written"])
        yield from check_inline(node.children)


def check_colour(value: str, written: str) -> Iterator[Finding]:
    """Yields a finding for what is no colour."""
    if read_colour(value) is None:
        near = nearest_colour(value)
        listed = ", ".join(COLOURS[1:10])
        fix = f"Did you mean {near}? " if near else ""
        fix += f"Colours: {listed}, each also with _background, and default."
        yield Finding(written, "V-CR", f"“{value}” is no colour." if value else "The colour has no name.", fix)


def without_effect(written: str, what: str) -> Finding:
    """Returns the finding for a colour of something that has none."""
    return Finding(written, "V-AT", f"“{written}” has no effect: {what} has no colour.", "Take it away.")


def _dead_link(target: str) -> Finding:
    message = f"“{target}” is not an absolute address." if target else "A link has no address."
    return Finding(target, "V-LK", message, "Write the whole address, with https://.")
