"""Editing a page as a person does, with forms that work without scripts."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask, abort, redirect, render_template, request
from markupsafe import Markup
from werkzeug.wrappers import Response

from esl_pipeline.sandbox.notion.refusals import Refusal
from esl_pipeline.sandbox.viewer.links import dashed_id
from esl_pipeline.sandbox.viewer.ports import Json, NotionPages
from esl_pipeline.sandbox.viewer.retyping import retyped
from esl_pipeline.sandbox.viewer.rich_text import plain
from esl_pipeline.sandbox.viewer.tree import HEADINGS, Node, grow, walk

EDITABLE = frozenset(
    {*HEADINGS, "paragraph", "bulleted_list_item", "numbered_list_item", "to_do", "toggle", "callout", "quote"}
)
"""Blocks whose text a person can change here."""

OWN_NAMES = frozenset({"127.0.0.1", "localhost"})
Answer = Response | tuple[str, int]


def tools(app: Flask, page_id: str) -> Callable[[Node], Markup]:
    """Returns what draws the form of a block, which is empty for blocks that can't be edited."""
    template = app.jinja_env.get_template("tools.html")

    def draw(node: Node) -> Markup:
        if node.type not in EDITABLE or not node.anchor:
            return Markup("")
        words = plain(node.content.get("rich_text"))
        return Markup(template.render(node=node, words=words, page_id=page_id))  # noqa: S704 the template escapes

    return draw


def add_editing(app: Flask, notion: NotionPages) -> None:
    """Adds the address that the forms are sent to."""

    @app.post("/pages/<page_id>/blocks/<block_id>")
    def edit(page_id: str, block_id: str) -> Answer:
        if not _is_own_form():
            return _refused("Only this page's own forms can change it.", 403)
        nodes = grow(notion, dashed_id(page_id))
        node = next((node for node in walk(nodes) if node.block_id == block_id and node.anchor), None)
        if node is None or node.type not in EDITABLE:
            return _refused("The block is no longer there.", 404)
        try:
            notion.edit(_edit(page_id, nodes, node))
        except Refusal as refusal:
            return _refused(refusal.message, refusal.status)
        return redirect(f"/pages/{page_id}/edit#{node.anchor}", 303)


def _is_own_form() -> bool:
    """Tells whether a request comes from a page of the viewer; another site's page must not write here."""
    own = request.host_url.rstrip("/")
    return request.host.rsplit(":", 1)[0] in OWN_NAMES and request.headers.get("Origin", own) == own


def _refused(why: str, status: int) -> tuple[str, int]:
    return render_template("not_saved.html", why=why), status


def _edit(page_id: str, nodes: tuple[Node, ...], node: Node) -> Json:
    what, text = request.form.get("what"), request.form.get("text", "").replace("\r\n", "\n")
    if what == "delete":
        return {"delete": node.block_id}
    if what == "add":
        children = [{"type": "paragraph", "paragraph": {"rich_text": retyped([], text)}}]
        position = {"type": "after_block", "after_block": {"id": node.block_id}}
        return {"parent_id": _parent_id(page_id, nodes, node), "children": children, "position": position}
    if what != "save":
        abort(400)
    content: Json = {"rich_text": retyped(node.content.get("rich_text") or [], text)}
    if node.type == "to_do":
        content["checked"] = "checked" in request.form
    return {"block_id": node.block_id, "body": {node.type: content}}


def _parent_id(page_id: str, nodes: tuple[Node, ...], node: Node) -> str:
    return next((above.block_id for above in walk(nodes) if node in above.children), page_id)
