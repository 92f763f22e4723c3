"""Styled text as Notion takes it, within its limits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import regex

from esl_pipeline.lessons.model import Run

Json = dict[str, Any]

MAX_CHARACTERS = 2000
"""Of one run and of an address. Counted in UTF-16 units, the most that any way of counting gives.

Source: developers.notion.com/reference/request-limits, read 2026-11-23.
"""

MAX_RUNS = 100
"""Of one array. Source: the same page."""

MAX_ARRAY_CHARACTERS = 30_000
"""Of all runs of one block together, so that two blocks fit into a request, even escaped (6 bytes each).

Two columns must go together, each with its first block.
"""

MAX_EQUATION = 1000
"""Characters of an equation. Source: the same page."""

CODE_COLOUR = "red"
LINK_SCHEMES = frozenset({"http", "https", "mailto"})


def rich_text(runs: Iterable[Run], colour: str | None = None, most: int = MAX_ARRAY_CHARACTERS) -> list[list[Json]]:
    """Returns the text as one or more rich-text arrays, each within the limits; the first is empty for no text.

    Args:
        runs: the text; neighbours of one style become one run.
        colour: of all runs that have none of their own; without it code is red.
        most: UTF-16 units of one array; an equation is not cut.
    """
    arrays: list[list[Json]] = [[]]
    room = most
    for run in _merged(runs):
        for part in _parts_of(run, min(most, MAX_CHARACTERS)):
            if len(arrays[-1]) == MAX_RUNS or room < utf16_length(part):
                arrays.append([])
                room = most
            arrays[-1].append(_as_json(run, part, colour))
            room -= utf16_length(part)
    return arrays


def plain_runs(text: str) -> list[list[Json]]:
    """Returns text without styles as rich_text does."""
    return rich_text((Run(text),))


def split_text(text: str, limit: int = MAX_CHARACTERS) -> Iterator[str]:
    """Cuts text into parts of at most ``limit`` UTF-16 units, between what a reader takes for characters.

    A character that alone exceeds the limit is cut between its code points.
    """
    if utf16_length(text) <= limit:
        if text:
            yield text
        return
    part: list[str] = []
    size = 0
    for piece in _pieces(text, limit):
        length = utf16_length(piece)
        if size + length > limit:
            yield "".join(part)
            part, size = [], 0
        part.append(piece)
        size += length
    yield "".join(part)


def utf16_length(text: str) -> int:
    """Returns the number of UTF-16 units, which is how JavaScript counts."""
    return len(text) + sum(character > "\uffff" for character in text)


def is_equation(source: str) -> bool:
    """Tells whether Notion takes an equation: not too long."""
    return utf16_length(source) <= MAX_EQUATION


def is_web_address(url: str) -> bool:
    """Tells whether Notion takes an address for a file: http or https, with a host, not too long."""
    parts = _parts(url)
    return parts is not None and parts[0] in {"http", "https"} and bool(parts[1])


def _parts(url: str) -> tuple[str, str] | None:
    if utf16_length(url) > MAX_CHARACTERS:
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return parts.scheme.lower(), parts.netloc


def _pieces(text: str, limit: int) -> Iterator[str]:
    for match in regex.finditer(r"\X", text):
        character = match.group()
        if utf16_length(character) > limit:
            yield from character
        else:
            yield character


def _merged(runs: Iterable[Run]) -> list[Run]:
    merged: list[Run] = []
    for run in runs:
        if run.link is not None and not may_be_link(run.link):
            run = replace(run, link=None)
        if not run.content:
            continue
        if merged and replace(merged[-1], content="") == replace(run, content=""):
            merged[-1] = replace(run, content=merged[-1].content + run.content)
        else:
            merged.append(run)
    return merged


def may_be_link(url: str) -> bool:
    """Tells whether Notion takes an address for a link."""
    parts = _parts(url)
    return parts is not None and parts[0] in LINK_SCHEMES


def _parts_of(run: Run, limit: int) -> Iterator[str]:
    if run.equation and is_equation(run.content):
        yield run.content
    else:
        yield from split_text(run.content, limit)


def _as_json(run: Run, content: str, colour: str | None) -> Json:
    annotations = {
        "bold": run.bold,
        "italic": run.italic,
        "strikethrough": run.strikethrough,
        "underline": run.underline,
        "code": run.code,
        "color": run.colour or colour or (CODE_COLOUR if run.code else "default"),
    }
    if run.equation and is_equation(run.content):
        return {"type": "equation", "equation": {"expression": content}, "annotations": annotations}
    link = {"url": run.link} if run.link is not None else None
    return {"type": "text", "text": {"content": content, "link": link}, "annotations": annotations}
