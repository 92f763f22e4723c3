"""Notion's rich text as HTML."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from markupsafe import Markup, escape

from esl_pipeline.sandbox.viewer.colours import colour_class
from esl_pipeline.sandbox.viewer.links import link_of

TAGS = (("code", "code"), ("bold", "strong"), ("italic", "em"), ("strikethrough", "s"), ("underline", "u"))
"""Annotations and their elements, innermost first."""


def plain(items: Sequence[dict[str, Any]] | None) -> str:
    """Returns the text alone."""
    return "".join(_words(item) for item in items or [])


def rich(items: Sequence[dict[str, Any]] | None) -> Markup:
    """Returns the text with its annotations, colours and links; everything in it is escaped."""
    return Markup("").join(_piece(item) for item in items or [])


def _piece(item: dict[str, Any]) -> Markup:
    piece = Markup("<br>").join(escape(line) for line in _words(item).split("\n"))
    kind = item.get("type", "text")
    if kind != "text":
        piece = Markup('<span class="{}">{}</span>').format(kind, piece)
    annotations = item.get("annotations") or {}
    for annotation, tag in TAGS:
        if annotations.get(annotation):
            piece = Markup("<{tag}>{piece}</{tag}>").format(tag=tag, piece=piece)
    colour = colour_class(annotations.get("color"))
    if colour:
        piece = Markup('<span class="{}">{}</span>').format(colour, piece)
    address = link_of(item)
    if address:
        piece = Markup('<a href="{}" rel="noopener noreferrer nofollow">{}</a>').format(address, piece)
    return piece


def _words(item: dict[str, Any]) -> str:
    content = item.get(item.get("type", "text")) or {}
    return str(item.get("plain_text") or content.get("content") or content.get("expression") or "")
