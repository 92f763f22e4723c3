"""Inline text as runs, one per change of style."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import groupby

from markdown_it.tree import SyntaxTreeNode

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


def split_lines(runs: Runs) -> tuple[Runs, ...]:
    """Splits ``runs`` at line breaks: one or more lines, some perhaps empty."""
    lines: list[list[Run]] = [[]]
    for run in runs:
        first, *more = run.content.split("\n")
        lines[-1].append(replace(run, content=first))
        lines += [[replace(run, content=line)] for line in more]
    return tuple(merged(line) for line in lines)


def targets_of(nodes: Iterable[SyntaxTreeNode]) -> Iterator[str]:
    """Yields the address of each link and picture in inline ``nodes``, as written."""
    for node in nodes:
        if node.type in ("link", "image"):
            yield _target(node)
        yield from targets_of(node.children)


def _target(node: SyntaxTreeNode) -> str:
    return str(node.attrs.get("href" if node.type == "link" else "src", ""))


def _runs(node: SyntaxTreeNode, style: Run) -> Iterator[Run]:
    match node.type:
        case "softbreak" | "hardbreak":
            yield replace(style, content="\n")
        case "code_inline":
            yield Run(node.content, code=True, link=style.link)
        case "image":
            yield replace(style, content=image_alt(node) or "Image", link=_link(node))
        case "link":
            linked = replace(style, link=_link(node))
            for child in node.children:
                yield from _runs(child, linked)
        case "strong" | "em" | "s":
            styled = _styled(style, node.type)
            for child in node.children:
                yield from _runs(child, styled)
        case _:
            yield replace(style, content=node.content)


def _styled(style: Run, node_type: str) -> Run:
    if node_type == "strong":
        return replace(style, bold=True)
    return replace(style, italic=True) if node_type == "em" else replace(style, strikethrough=True)


def _link(node: SyntaxTreeNode) -> str | None:
    target = _target(node)
    return target if is_link_target(target) else None


def image_alt(image: SyntaxTreeNode) -> str:
    """Returns the description of a picture, without markup."""
    return plain_text(runs_of(image.children)).strip()


def image_url(image: SyntaxTreeNode) -> str:
    """Returns the address of a picture, as written."""
    return _target(image)
