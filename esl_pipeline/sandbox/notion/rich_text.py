"""Rich text, icons and covers: what Notion takes and what it gives back.

**Source**: developers.notion.com/reference/rich-text and request-limits (read 2026-11-23).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import regex

from esl_pipeline.sandbox.notion.refusals import creation_failed, not_found
from esl_pipeline.sandbox.notion.shapes import (
    Anything,
    Array,
    Either,
    Flag,
    OneOf,
    Record,
    Shape,
    Tagged,
    Text,
    Uuid,
    Where,
    tag_of,
)

Json = dict[str, Any]

SELECT_COLOURS = ("default", "gray", "brown", "orange", "yellow", "green", "blue", "purple", "pink", "red")
COLOUR = OneOf((*SELECT_COLOURS, *(f"{name}_background" for name in SELECT_COLOURS)))
STYLES = ("bold", "italic", "strikethrough", "underline", "code")
HAS_PLACE = frozenset({"http", "https", "ftp"})
NEEDS_NO_PLACE = frozenset({"mailto", "tel"})


def is_link(url: str) -> bool:
    """Tells whether Notion takes an address as a link: a whole one, or a path inside the workspace."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return (
        url.startswith("/")
        or (parts.scheme in HAS_PLACE and bool(parts.netloc))
        or (parts.scheme in NEEDS_NO_PLACE and bool(parts.path))
    )


LINK = Where(Text(1, 2000), is_link, refusal=lambda _: creation_failed("Invalid URL for link."))

_DATE = Record({"start": Text(10)}, {"end": Either(Text(10)), "time_zone": Either(Text())})
_MENTIONS = Tagged(
    {
        "user": Record({"id": Uuid()}, {"object": OneOf(("user",))}),
        "page": Record({"id": Uuid()}),
        "database": Record({"id": Uuid()}),
        "date": _DATE,
    }
)
_ITEM_OPTIONS: dict[str, Shape] = {
    "annotations": Record({}, {**dict.fromkeys(STYLES, Flag()), "color": COLOUR}),
    # Sent back as they came in many recorded requests, and ignored.
    "plain_text": Text(),
    "href": Either(Text()),
}
RICH_TEXT_ITEM = Tagged(
    {
        "text": Record({"content": Text(0, 2000)}, {"link": Either(Record({"url": LINK}, {"type": OneOf(("url",))}))}),
        "equation": Record({"expression": Text(0, 1000)}),
        "mention": _MENTIONS,
    },
    _ITEM_OPTIONS,
)
RICH_TEXT = Array(RICH_TEXT_ITEM)


@cache
def _emoji() -> regex.Pattern[str]:
    return regex.compile(r"(?:\p{Extended_Pictographic}|\p{RI}{2}|[0-9#*]\uFE0F?\u20E3).*", regex.DOTALL)


def is_emoji(text: str) -> bool:
    """Tells whether a string is one emoji."""
    return bool(_emoji().fullmatch(text)) and len(regex.findall(r"\X", text)) == 1


def _no_upload(value: Any) -> bool:
    raise not_found("file_upload", value["id"])


FILE_UPLOAD = Record({"id": Uuid()})
_NO_UPLOAD = Where(FILE_UPLOAD, _no_upload)
"""The sandbox's icons and covers are no uploaded files."""

_WEB_ADDRESS = Where(
    Text(1, 2000),
    lambda url: urlsplit(url).scheme in ("http", "https"),
    refusal=lambda _: creation_failed("Invalid URL."),
)
ICON = Tagged(
    {
        "emoji": Where(Text(1), is_emoji, "a real emoji"),
        "external": Record({"url": _WEB_ADDRESS}),
        "custom_emoji": Record({"id": Uuid()}, {"name": Text(), "url": Text()}),
        "icon": Anything(),
        "file_upload": _NO_UPLOAD,
    }
)
COVER = Tagged({"external": Record({"url": _WEB_ADDRESS}), "file_upload": _NO_UPLOAD})


def icon_answer(icon: Json | None) -> Json | None:
    """Returns an icon or cover as a response shows it."""
    if icon is None:
        return None
    tag = next(name for name in icon if name != "type")
    return {"type": tag, tag: icon[tag]}


def rich_text_answer(items: Sequence[Json]) -> list[Json]:
    """Returns rich text as a response shows it."""
    return [_item_answer(item) for item in items]


def _item_answer(item: Json) -> Json:
    tag = tag_of(item, "rich_text", {"text": 0, "equation": 0, "mention": 0})
    plain, href, content = _CONTENT_ANSWERS[tag](item[tag])
    annotations = {**dict.fromkeys(STYLES, False), "color": "default", **item.get("annotations", {})}
    return {"type": tag, tag: content, "annotations": annotations, "plain_text": plain, "href": href}


def _text_answer(text: Json) -> tuple[str, str | None, Json]:
    link = text.get("link")
    url = link["url"] if link else None
    return text["content"], url, {"content": text["content"], "link": {"url": url} if url else None}


def _equation_answer(equation: Json) -> tuple[str, str | None, Json]:
    return equation["expression"], None, equation


def _mention_answer(mention: Json) -> tuple[str, str | None, Json]:
    tag = next(name for name in mention if name != "type")
    value = mention[tag]
    if tag == "date":
        value = {"start": value["start"], "end": value.get("end"), "time_zone": value.get("time_zone")}
        return value["start"], None, {"type": tag, tag: value}
    value = {"id": value["id"], "object": "user"} if tag == "user" else {"id": value["id"]}
    return f"@{value['id']}", None, {"type": tag, tag: value}


_CONTENT_ANSWERS = {"text": _text_answer, "equation": _equation_answer, "mention": _mention_answer}


def plain_text(items: Sequence[Json]) -> str:
    """Returns the text of rich text as a response shows it."""
    return "".join(item["plain_text"] for item in items)
