"""Inline text as runs, one per change of style."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import groupby

from markdown_it.tree import SyntaxTreeNode

from esl_pipeline.lessons.colours import HIGHLIGHT, Colour, read_colour
from esl_pipeline.lessons.comments import drop_filler
from esl_pipeline.lessons.model import Run, Runs

_WEB = re.compile(r"https?://[^\s/?#]+\S*$", re.IGNORECASE)
_OTHER_LINK = re.compile(r"(?:mailto|tel):\S+$", re.IGNORECASE)
_PLAIN = Run("")


def is_web_address(text: str) -> bool:
    """Tells whether ``text`` is an absolute ``http`` or ``https`` address."""
    return bool(_WEB.match(text))


def is_link_target(text: str) -> bool:
    """Tells whether a page may link to ``text``."""
    return bool(_WEB.match(text) or _OTHER_LINK.match(text))


def runs_of(nodes: Iterable[SyntaxTreeNode]) -> Runs:
    """Returns the text of inline ``nodes``; styles and links hold for all that is inside them."""
    return merged(run for node in nodes for run in _runs(node, _PLAIN))


def merged(runs: Iterable[Run]) -> Runs:
    """Joins neighbours of one style and leaves out what is empty."""
    groups = groupby(runs, key=lambda run: replace(run, content=""))
    joined = (replace(style, content=drop_filler("".join(run.content for run in group))) for style, group in groups)
    return tuple(run for run in joined if run.content)


def plain_text(runs: Runs) -> str:
    """Returns the text of ``runs`` without styles."""
    return "".join(run.content for run in runs)


def coloured(runs: Runs, colour: Colour | None) -> Runs:
    """Gives a colour to what has none."""
    return tuple(run if run.colour else replace(run, colour=colour) for run in runs)


def without_blank_ends(runs: Runs) -> Runs:
    """Takes blanks and line breaks off both ends."""
    if not runs:
        return runs
    first = replace(runs[0], content=runs[0].content.lstrip())
    runs = merged((first, *runs[1:]))
    return merged((*runs[:-1], replace(runs[-1], content=runs[-1].content.rstrip()))) if runs else runs


def split_first_line(runs: Runs) -> tuple[Runs, Runs]:
    """Splits ``runs`` at the first line break."""
    for number, run in enumerate(runs):
        before, line_break, behind = run.content.partition("\n")
        if line_break:
            return merged((*runs[:number], replace(run, content=before))), merged(
                (replace(run, content=behind), *runs[number + 1 :])
            )
    return runs, ()


def split_lines(runs: Runs) -> tuple[Runs, ...]:
    """Splits ``runs`` at line breaks: one or more lines, some perhaps empty."""
    lines: list[list[Run]] = [[]]
    for run in runs:
        first, *more = run.content.split("\n")
        lines[-1].append(replace(run, content=first))
        lines += [[replace(run, content=line)] for line in more]
    return tuple(merged(line) for line in lines)


def target_of(node: SyntaxTreeNode) -> str:
    """Returns the address of a link or picture, as written."""
    return str(node.attrs.get("href" if node.type == "link" else "src", ""))


def _runs(node: SyntaxTreeNode, style: Run) -> Iterator[Run]:
    match node.type:
        case "softbreak" | "hardbreak":
            yield replace(style, content="\n")
        case "code_inline":
            yield Run(node.content, code=True, link=style.link, colour=style.colour)
        case "equation":
            yield replace(style, content=node.content, equation=True)
        case "image":
            yield replace(style, content=image_alt(node) or "Image", link=_link(node))
        case "link":
            linked = replace(style, link=_link(node), colour=_colour(node) or style.colour)
            for child in node.children:
                yield from _runs(child, linked)
        case "strong" | "em" | "s" | "highlight" | "underline" | "colour":
            styled = _styled(style, node)
            for child in node.children:
                yield from _runs(child, styled)
        case _:
            yield replace(style, content=node.content)


def _styled(style: Run, node: SyntaxTreeNode) -> Run:
    match node.type:
        case "strong":
            return replace(style, bold=True)
        case "em":
            return replace(style, italic=True)
        case "s":
            return replace(style, strikethrough=True)
        case "underline":
            return replace(style, underline=True)
        case "highlight":
            return replace(style, colour=HIGHLIGHT)
        case _:
            return replace(style, colour=_colour(node) or style.colour)


def _colour(node: SyntaxTreeNode) -> Colour | None:
    return read_colour(node.meta.get("value", ""))


def _link(node: SyntaxTreeNode) -> str | None:
    target = target_of(node)
    return target if is_link_target(target) else None


def image_alt(image: SyntaxTreeNode) -> str:
    """Returns the description of a picture, without markup."""
    return plain_text(runs_of(image.children)).strip()
