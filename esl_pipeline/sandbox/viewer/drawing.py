"""Blocks as HTML: a template for each type, in ``templates/blocks``."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import groupby

from flask import Flask
from markupsafe import Markup

from esl_pipeline.sandbox.viewer.colours import colour_class
from esl_pipeline.sandbox.viewer.links import captions_address, file_address, web_address
from esl_pipeline.sandbox.viewer.rich_text import plain, rich
from esl_pipeline.sandbox.viewer.tree import Node

TEMPLATES = {
    **dict.fromkeys(("heading_1", "heading_2", "heading_3", "heading_4"), "heading"),
    **dict.fromkeys(("bookmark", "embed", "link_preview"), "bookmark"),
    **dict.fromkeys(("file", "pdf"), "file"),
    **{
        name: name
        for name in (
            "paragraph", "bulleted_list_item", "numbered_list_item", "to_do", "toggle", "callout", "quote", "divider",
            "code", "equation", "table", "table_row", "column_list", "column", "image", "audio", "video",
            "table_of_contents", "synced_block", "breadcrumb", "tab",
        )
    },
}  # fmt: skip
"""Block type to template; other types are named and framed."""

LISTS = {"bulleted_list_item": "ul", "numbered_list_item": "ol", "to_do": "ul"}
"""Types whose neighbours make one list, and its element."""


def no_tools(_: Node) -> Markup:
    """Draws nothing."""
    return Markup("")


class Drawing:
    """Draws one page.

    Args:
        app: knows the templates.
        contents: the headings for tables of contents.
        tools: draws what a block is edited with; nothing where the page is only read.
    """

    def __init__(self, app: Flask, contents: list[Node], tools: Callable[[Node], Markup] = no_tools) -> None:
        self._templates, self._contents, self._tools = app.jinja_env, contents, tools

    def blocks(self, nodes: Iterable[Node]) -> Markup:
        """Draws blocks, neighbouring list items as one list."""
        drawn = [self._run(kind, list(run)) for kind, run in groupby(nodes, lambda node: _list_type(node.type))]
        return Markup("\n").join(drawn)

    def _run(self, kind: str | None, nodes: list[Node]) -> Markup:
        inside = Markup("\n").join(self._block(node) for node in nodes)
        if kind is None:
            return inside
        return Markup('<{tag} class="{kind}">{inside}</{tag}>').format(tag=LISTS[kind], kind=kind, inside=inside)

    def _block(self, node: Node) -> Markup:
        template = self._templates.get_template(f"blocks/{TEMPLATES.get(node.type, 'unsupported')}.html")
        return Markup(  # noqa: S704 the template escapes
            template.render(
                node=node,
                content=node.content,
                colour=colour_class(node.content.get("color")),
                draw=self.blocks,
                contents=self._contents,
                tools=self._tools,
                rich=rich,
                plain=plain,
                web_address=web_address,
                file_address=file_address,
                captions_address=captions_address,
            )
        )


def _list_type(kind: str) -> str | None:
    return kind if kind in LISTS else None
