"""Addresses that a page may point at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit


def web_address(address: object) -> str | None:
    """Returns the address where it is an http or https one, else None: nothing else may be followed or loaded."""
    if not isinstance(address, str):
        return None
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    return address if parts.scheme in ("http", "https") and parts.netloc else None


def file_address(file: Any) -> str | None:
    """Returns the address of a file object; None for an upload that has none yet."""
    kind = file.get("type") if isinstance(file, dict) else None
    content = file.get(kind) if kind else None
    return web_address(content.get("url")) if isinstance(content, dict) else None


def captions_address(caption: Sequence[dict[str, Any]] | None) -> str | None:
    """Returns the first address in a caption that names a WebVTT file; None where there is none."""
    addresses = filter(None, map(link_of, caption or []))
    return next((address for address in addresses if urlsplit(address).path.endswith(".vtt")), None)


def link_of(item: dict[str, Any]) -> str | None:
    """Returns where a piece of rich text leads, None where it is no link."""
    link = (item.get("text") or {}).get("link") or {}
    return web_address(item.get("href")) or web_address(link.get("url"))


def bare_id(any_id: str) -> str:
    """Returns an id without dashes, in lower case."""
    return any_id.replace("-", "").lower()


def dashed_id(any_id: str) -> str:
    """Returns an id as the API writes it; what is none stays as it is."""
    bare = bare_id(any_id)
    parts = (bare[:8], bare[8:12], bare[12:16], bare[16:20], bare[20:])
    return "-".join(parts) if len(bare) == 32 else any_id
