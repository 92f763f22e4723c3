"""Random lessons as blocks, and what people do to their pages."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from esl_pipeline.pages.nodes import BlockNode
from esl_pipeline_tests.pages.page_model import Block, Page

Nodes = tuple[BlockNode, ...]
WORDS = ("one", "two", "three four", "three five", "six seven eight", "six seven nine")


def rich(text: str) -> dict[str, Any]:
    return {"rich_text": [{"type": "text", "text": {"content": text, "link": None}, "annotations": {}}]}


def textual(kind: str, text: str, *children: BlockNode, **content: Any) -> BlockNode:
    return BlockNode(kind, {**rich(text), **content}, children)


def table(rows: list[list[str]], *, header: bool) -> BlockNode:
    width = max(map(len, rows))
    cells = [[rich(text)["rich_text"] for text in (row + [""] * width)[:width]] for row in rows]
    content = {"table_width": width, "has_column_header": header, "has_row_header": False}
    return BlockNode("table", content, tuple(BlockNode("table_row", {"cells": row}) for row in cells))


texts = st.sampled_from(WORDS)
leaves = st.one_of(
    st.builds(textual, st.sampled_from(["paragraph", "heading_2", "quote"]), texts),
    st.builds(textual, st.just("heading_3"), texts, color=st.sampled_from(["default", "purple_background"])),
    st.just(BlockNode("divider", {})),
    st.builds(
        lambda name: BlockNode("audio", {"type": "external", "external": {"url": f"https://example.org/{name}.mp3"}}),
        st.sampled_from("ab"),
    ),
    st.just(BlockNode("synced_block", {"synced_from": {"type": "block_id", "block_id": "elsewhere"}})),
    st.builds(table, st.lists(st.lists(texts, min_size=1, max_size=2), min_size=1, max_size=3), header=st.booleans()),
)


def _grow(inner: st.SearchStrategy[BlockNode]) -> st.SearchStrategy[BlockNode]:
    several = st.lists(inner, max_size=3).map(tuple)
    kinds = st.sampled_from(["toggle", "bulleted_list_item", "quote", "callout"])
    columns = st.lists(st.lists(inner, min_size=1, max_size=2).map(tuple), min_size=2, max_size=3)
    return st.one_of(
        st.builds(lambda kind, text, inside: textual(kind, text, *inside), kinds, texts, several),
        st.builds(lambda text, inside: textual("heading_2", text, *inside, is_toggleable=True), texts, several),
        several.map(lambda inside: BlockNode("synced_block", {"synced_from": None}, inside)),
        columns.map(
            lambda sides: BlockNode("column_list", {}, tuple(BlockNode("column", {}, side) for side in sides)),
        ),
    )


lessons = st.lists(st.recursive(leaves, _grow, max_leaves=5), max_size=5).map(tuple)


def _another_heading(node: BlockNode) -> st.SearchStrategy[BlockNode]:
    if node.content.get("is_toggleable"):
        return st.just(BlockNode("heading_2", {"rich_text": node.content["rich_text"]}))
    folding = {**node.content, "is_toggleable": True}
    return st.lists(leaves, max_size=2).map(lambda inside: BlockNode("heading_2", folding, tuple(inside)))


def _another_table(node: BlockNode) -> st.SearchStrategy[BlockNode]:
    row = BlockNode("table_row", {"cells": [rich("new")["rich_text"]] * node.content["table_width"]})
    narrow = tuple(BlockNode("table_row", {"cells": child.content["cells"][:1]}) for child in node.children)
    return st.sampled_from(
        [
            BlockNode("table", node.content, (*node.children, row)),
            BlockNode("table", {**node.content, "table_width": 1}, narrow),
        ]
    )


def _other_columns(node: BlockNode) -> st.SearchStrategy[BlockNode]:
    side = BlockNode("column", {}, (textual("paragraph", "new"),))
    return st.sampled_from([(*node.children, side), (side, *node.children), (side, *node.children[1:])]).map(
        lambda sides: BlockNode("column_list", {}, sides)
    )


RESHAPED = {"heading_2": _another_heading, "table": _another_table, "column_list": _other_columns}


@st.composite
def changed(draw: st.DrawFn, lesson: Nodes) -> Nodes:
    """Returns another version of a lesson: some blocks gone, some new, some in another place."""
    nodes = list(lesson)
    for _ in range(draw(st.integers(0, 3))):
        kind = draw(st.sampled_from(["add", "drop", "move", "reword", "inside", "reshape"]))
        if kind == "add" or not nodes:
            nodes[draw(st.integers(0, len(nodes))) : 0] = draw(lessons)[:2]
            continue
        index = draw(st.integers(0, len(nodes) - 1))
        node = nodes[index]
        if kind == "inside" and node.children and node.type not in {"table", "column_list", "column"}:
            nodes[index] = BlockNode(node.type, node.content, draw(changed(node.children)))
        elif kind == "reshape" and node.type in RESHAPED:
            nodes[index] = draw(RESHAPED[node.type](node))
        elif kind == "reword" and "rich_text" in node.content:
            nodes[index] = BlockNode(node.type, {**node.content, **rich(draw(texts))}, node.children)
        else:
            del nodes[index]
            if kind == "move":
                nodes.insert(draw(st.integers(0, len(nodes))), node)
    return tuple(nodes)


def edit(page: Page, data: st.DataObject) -> str:
    """Does one thing that a person may do to a page; says what."""
    blocks = page.blocks()
    kind = data.draw(st.sampled_from(["write", "write", "reword", "delete", "colour", "turn", "move"]))
    if kind == "write" or not blocks:
        places = [page.root, *(block for block in blocks if may_hold_prose(block))]
        parent = places[data.draw(st.integers(0, len(places) - 1))]
        index = data.draw(st.integers(0, len(parent.children)))
        made = page.put(parent, index, textual("paragraph", data.draw(st.sampled_from([*WORDS, "mine"]))))
        made.written_sha256 = ""
        return f"wrote {made.id} in {parent.id}"
    block = blocks[data.draw(st.integers(0, len(blocks) - 1))]
    assert block.parent is not None
    if kind == "delete" and block.type not in {"column", "table_row"}:
        block.parent.children.remove(block)
    elif kind == "reword" and "rich_text" in block.content:
        block.content.update(rich(data.draw(st.sampled_from([*WORDS, "three four mine", "other"]))))
    elif kind == "colour" and "rich_text" in block.content:
        block.content["color"] = "red"
    elif kind == "turn" and block.type == "bulleted_list_item":
        block.type, block.content = "to_do", {**block.content, "checked": True}
    elif kind == "turn" and block.type == "table" and data.draw(st.booleans()):
        block.content["table_width"] += 1
        for row in block.children:
            row.content["cells"] = [*row.content["cells"], []]
    elif kind == "turn" and block.type == "table":
        block.content["has_column_header"] = not block.content["has_column_header"]
    elif kind == "turn" and block.type == "heading_2" and not block.children:
        block.content["is_toggleable"] = not block.content.get("is_toggleable", False)
    elif kind == "move" and block.type not in {"column", "table_row"}:
        block.parent.children.remove(block)
        block.parent.children.insert(data.draw(st.integers(0, len(block.parent.children))), block)
    return f"{kind} {block.id} {block.type}"


def may_hold_prose(block: Block) -> bool:
    if block.type.startswith("heading_"):
        return bool(block.content.get("is_toggleable"))
    if block.type == "synced_block":
        return not block.content.get("synced_from")
    return block.type in {"paragraph", "quote", "to_do", "toggle", "callout", "column", "bulleted_list_item"}
