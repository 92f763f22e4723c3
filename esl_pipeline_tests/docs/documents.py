"""The documentation as the tests see it: links, anchors, code, tables."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

PROJECT = Path(__file__).parents[2]
DOCUMENTS = [PROJECT / "README.md", PROJECT / "CHANGELOG.md", *sorted((PROJECT / "docs").rglob("*.md"))]

_PARSER = MarkdownIt("commonmark").enable("table")

each_document = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(PROJECT)))
"""Runs a test for every page of the documentation."""


def tokens(document: Path) -> list[Token]:
    """Returns a page's block tokens."""
    return _PARSER.parse(document.read_text("utf-8"))


def inline_tokens(document: Path) -> Iterator[Token]:
    """Yields all that stands in a page's running text."""
    for token in tokens(document):
        yield from token.children or ()


def links(document: Path) -> list[str]:
    """Returns the addresses that a page links to or shows as pictures."""
    found = (token.attrGet("href") or token.attrGet("src") for token in inline_tokens(document))
    return [str(address) for address in found if address]


def anchors(document: Path) -> set[str]:
    """Returns the names under which a page's headings can be linked to, made as GitHub makes them."""
    found: set[str] = set()
    page = tokens(document)
    for before, token in pairwise(page):
        if before.type == "heading_open":
            words = "".join(child.content for child in token.children or ()).strip().lower()
            name = re.sub(r"[^\w\- ]", "", words).replace(" ", "-")
            twins = sum(
                anchor == name or re.fullmatch(rf"{re.escape(name)}-\d+", anchor) is not None for anchor in found
            )
            found.add(f"{name}-{twins}" if twins else name)
    return found


def code_words(document: Path) -> list[str]:
    """Returns what a page sets as code within its text."""
    return [token.content for token in inline_tokens(document) if token.type == "code_inline"]


def code_blocks(document: Path, language: str | None = None) -> list[str]:
    """Returns a page's code blocks, of one language or of all."""
    fences = [token for token in tokens(document) if token.type == "fence"]
    return [token.content for token in fences if language in (None, token.info.strip())]


def first_column(document: Path) -> list[str]:
    """Returns the code words in the first cells of a page's table rows."""
    page, found = tokens(document), []
    for before, cell, content in zip(page, page[1:], page[2:], strict=False):
        if before.type == "tr_open" and cell.type == "td_open":
            found += [child.content for child in content.children or () if child.type == "code_inline"]
    return found
