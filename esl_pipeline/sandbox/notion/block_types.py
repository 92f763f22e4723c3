"""Everything that is particular to a type of block, in one table.

**Source**: developers.notion.com/reference/block and openapi.json (2026-04-20, read 2026-11-23), and answers
recorded in June 2026.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

from esl_pipeline.sandbox.notion.code_languages import CODE_LANGUAGES
from esl_pipeline.sandbox.notion.refusals import creation_failed
from esl_pipeline.sandbox.notion.rich_text import (
    COLOUR,
    FILE_UPLOAD,
    ICON,
    RICH_TEXT,
    icon_answer,
    rich_text_answer,
)
from esl_pipeline.sandbox.notion.shapes import (
    Array,
    Either,
    Flag,
    Number,
    OneOf,
    Record,
    Shape,
    Tagged,
    Text,
    Uuid,
    Where,
)

Json = dict[str, Any]
Shapes = Mapping[str, Shape]

LEAF = 3
"""The deepest level of blocks in one request."""


@dataclass(frozen=True)
class BlockType:
    """One type of block.

    Attributes:
        required: members that its content must have, ``children`` aside.
        optional: members that it may have.
        update_required: members without which an update is refused.
        update_optional: members that an update may have; all of ``required`` and ``optional`` where None.
        defaults: members that an answer shows although they were never sent.
        deepest: the last level of a request at which it may stand.
        holds: what children it takes: None for none, "any", or the one type of them.
        least_children: how many it must be made with; None where ``children`` may be left out.
        own_layer: True where its children don't count as a level of their own.
        toggleable: True where it takes children only with ``is_toggleable``.
        parent: the only type of block that may hold it; any where None.
        choice: True where ``required`` lists alternatives, as a file's place.
        updatable: False where only the trash is open to it.
    """

    required: Shapes = field(default_factory=dict)
    optional: Shapes = field(default_factory=dict)
    update_required: Shapes = field(default_factory=dict)
    update_optional: Shapes | None = None
    defaults: Json = field(default_factory=dict)
    deepest: int = LEAF
    holds: str | None = None
    least_children: int | None = None
    own_layer: bool = False
    toggleable: bool = False
    parent: str | None = None
    choice: bool = False
    updatable: bool = True

    def creation(self, children: Shapes) -> Shape:
        """Returns the shape of the content of a new block.

        Args:
            children: the member ``children``, where the block may have it.
        """
        if self.choice:
            return Tagged(self.required, {**self.optional, **children})
        needed = children if self.least_children is not None else {}
        return Record({**self.required, **needed}, {**self.optional, **children})

    def update(self) -> Shape:
        """Returns the shape of the content in an update."""
        offered = {**self.required, **self.optional} if self.update_optional is None else self.update_optional
        return Record(self.update_required, offered)

    def answer(self, content: Json) -> Json:
        """Returns the content of a new block as a response shows it."""
        return {**self.defaults, **self.changes(content)}

    def changes(self, content: Json) -> Json:
        """Returns the members of an update as a response shows them."""
        shown = {name: _ANSWERS.get(name, _same)(value) for name, value in content.items() if name != "children"}
        tag = next((name for name in self.required if name in content), None) if self.choice else None
        return {**shown, **({"type": tag} if tag else {})}


def _same(value: Any) -> Any:
    return value


def _cells_answer(cells: list[list[Json]]) -> list[list[Json]]:
    return [rich_text_answer(cell) for cell in cells]


_ANSWERS: Mapping[str, Callable[[Any], Any]] = {
    "rich_text": rich_text_answer,
    "caption": rich_text_answer,
    "cells": _cells_answer,
    "icon": icon_answer,
}

_TEXT: Shapes = {"rich_text": RICH_TEXT}
_COLOUR: Shapes = {"color": COLOUR}
_CAPTION: Shapes = {"caption": RICH_TEXT}
_PLAIN: Json = {"color": "default"}


def _text_block(optional: Shapes = _COLOUR, *, needs_text: bool = True, **more: Any) -> BlockType:
    return BlockType(
        _TEXT,
        optional,
        update_required=_TEXT if needs_text else {},
        holds="any",
        **{"defaults": _PLAIN, **more},
    )


def _heading() -> BlockType:
    return _text_block(
        {**_COLOUR, "is_toggleable": Flag()}, defaults={**_PLAIN, "is_toggleable": False}, toggleable=True
    )


def _is_web_address(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in ("http", "https") and bool(parts.netloc)


def _file(kind: str, optional: Shapes = _CAPTION) -> BlockType:
    address = Where(Text(1, 2000), _is_web_address, refusal=lambda _: creation_failed(f"Invalid {kind} url."))
    places: Shapes = {"external": Record({"url": address}), "file_upload": FILE_UPLOAD}
    return BlockType(places, optional, update_optional={**places, **optional}, defaults={"caption": []}, choice=True)


def _address(kind: str) -> BlockType:
    url = Where(Text(0, 2000), _is_web_address, refusal=lambda _: creation_failed(f"Invalid {kind} url."))
    return BlockType({"url": url}, _CAPTION, defaults={"caption": []})


_CELLS = Array(RICH_TEXT)
_EMPTY = BlockType()
_SYNCED_FROM = Record({"block_id": Uuid()}, {"type": OneOf(("block_id",))})
_LINKED: Shapes = {name: Uuid() for name in ("page_id", "database_id", "comment_id")}
_TABLE_HEADERS: Shapes = {"has_column_header": Flag(), "has_row_header": Flag()}

BLOCK_TYPES: Mapping[str, BlockType] = {
    "paragraph": _text_block({**_COLOUR, "icon": ICON}, needs_text=False, defaults={"icon": None, **_PLAIN}),
    **{f"heading_{level}": _heading() for level in (1, 2, 3, 4)},
    "bulleted_list_item": _text_block(),
    "numbered_list_item": _text_block(),
    "quote": _text_block(),
    "toggle": _text_block(),
    "to_do": _text_block({**_COLOUR, "checked": Flag()}, needs_text=False, defaults={"checked": False, **_PLAIN}),
    "callout": _text_block({**_COLOUR, "icon": ICON}, needs_text=False, defaults={"icon": None, **_PLAIN}),
    "template": _text_block({}, defaults={}),
    "code": BlockType({**_TEXT, "language": OneOf(CODE_LANGUAGES)}, _CAPTION, defaults={"caption": []}),
    "equation": BlockType({"expression": Text(0, 1000)}, update_required={"expression": Text(0, 1000)}),
    "divider": _EMPTY,
    "breadcrumb": _EMPTY,
    "table_of_contents": BlockType(optional=_COLOUR, defaults=_PLAIN),
    "link_to_page": BlockType(_LINKED, choice=True),
    "table": BlockType(
        {"table_width": Number(whole=True, least=1)},
        _TABLE_HEADERS,
        update_optional=_TABLE_HEADERS,
        defaults={"has_column_header": False, "has_row_header": False},
        deepest=2,
        holds="table_row",
        least_children=1,
        own_layer=True,
    ),
    "table_row": BlockType({"cells": _CELLS}, update_required={"cells": _CELLS}, parent="table"),
    "column_list": BlockType(updatable=False, deepest=1, holds="column", least_children=2, own_layer=True),
    "column": BlockType(
        optional={"width_ratio": Number()}, deepest=1, holds="any", least_children=0, parent="column_list"
    ),
    "tab": BlockType(update_optional={}, holds="paragraph", least_children=1),
    "synced_block": BlockType({"synced_from": Either(_SYNCED_FROM)}, update_optional={}, holds="any"),
    "embed": _address("embed"),
    "bookmark": _address("bookmark"),
    **{kind: _file(kind) for kind in ("image", "video", "pdf", "audio")},
    "file": _file("file", {**_CAPTION, "name": Text(1, 100)}),
}


def file_name(url: str) -> str:
    """Returns the name that Notion gives a file that was sent without one."""
    return unquote(urlsplit(url).path.rsplit("/", 1)[-1])
