"""A page's properties as words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from esl_pipeline.sandbox.viewer.colours import colour_class
from esl_pipeline.sandbox.viewer.links import bare_id, web_address
from esl_pipeline.sandbox.viewer.ports import Json, NotionPages
from esl_pipeline.sandbox.viewer.rich_text import plain

KEY_PROPERTY = "ESL Key"


@dataclass(frozen=True)
class Word:
    """One word or phrase of a value; ``href`` makes it a link, ``tag`` an option's label in its colour."""

    text: str
    href: str | None = None
    tag: bool = False
    colour: str = ""


@dataclass(frozen=True)
class Property:
    """A row of the table; no words where it is empty."""

    name: str
    words: tuple[Word, ...]


def title_of(page: Json) -> str:
    """Returns the page's title."""
    for value in page.get("properties", {}).values():
        if value.get("type") == "title":
            return plain(value.get("title")) or "Untitled"
    return "Untitled"


def key_of(page: Json) -> str:
    """Returns the assignment's key, empty for other pages."""
    return plain(page.get("properties", {}).get(KEY_PROPERTY, {}).get("rich_text"))


def icon_of(page: Json) -> str:
    """Returns the icon where it is an emoji."""
    icon = page.get("icon") or {}
    return str(icon.get("emoji") or "")


def properties_of(page: Json, notion: NotionPages) -> list[Property]:
    """Returns all but the title, in the API's order; related pages by their titles."""
    return [
        Property(name, tuple(_words(value, notion)))
        for name, value in page.get("properties", {}).items()
        if value.get("type") != "title"
    ]


def _words(value: Json, notion: NotionPages) -> list[Word]:
    kind = value.get("type", "")
    content = value.get(kind)
    if content is None or content == []:
        return []
    if kind == "relation":
        return [_related(one["id"], notion) for one in content]
    reader = READERS.get(kind)
    return [word for word in reader(content) if word.text] if reader else [Word(f"({kind})")]


def _related(page_id: str, notion: NotionPages) -> Word:
    page = notion.page(page_id)
    return Word(title_of(page), f"/pages/{bare_id(page_id)}") if page else Word(page_id)


def _option(option: Json) -> Word:
    return Word(option["name"], tag=True, colour=colour_class(f"{option.get('color', 'default')}_background"))


def _date(date: Json) -> list[Word]:
    return [Word(f"{date['start']} → {date['end']}" if date.get("end") else date["start"])]


def _file(file: Json) -> Word:
    return Word(file.get("name") or "file", web_address((file.get(file.get("type", "")) or {}).get("url")))


READERS: dict[str, Callable[[Any], list[Word]]] = {
    "rich_text": lambda items: [Word(plain(items))],
    "select": lambda option: [_option(option)],
    "status": lambda option: [_option(option)],
    "multi_select": lambda options: [_option(option) for option in options],
    "number": lambda number: [Word(f"{number:g}")],
    "checkbox": lambda checked: [Word("☑" if checked else "☐")],
    "date": _date,
    "url": lambda address: [Word(address, web_address(address))],
    "email": lambda address: [Word(address)],
    "phone_number": lambda number: [Word(number)],
    "files": lambda files: [_file(file) for file in files],
    "people": lambda people: [Word(one.get("name") or one["id"]) for one in people],
    "created_time": lambda at: [Word(at)],
    "last_edited_time": lambda at: [Word(at)],
}
"""Property type to what is shown of it; other types are only named."""
