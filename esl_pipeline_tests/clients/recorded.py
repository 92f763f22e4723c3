"""The recorded exchanges with the real Notion."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml


@dataclass(frozen=True)
class Exchange:
    """A request and what Notion answered; ``body`` is None where it was no JSON object."""

    method: str
    path: str
    body: dict[str, Any] | None
    status: int
    content: bytes
    headers: Mapping[str, str]


def exchanges(shared: Path) -> Iterator[Exchange]:
    """Yields all, in the order of their files."""
    for file in sorted((shared / "recorded" / "notion").glob("*.yaml")):
        for recorded in yaml.load(file.read_bytes(), yaml.CSafeLoader)["interactions"]:
            yield _exchange(recorded["request"], recorded["response"])


def _exchange(request: Mapping[str, Any], response: Mapping[str, Any]) -> Exchange:
    address = urlsplit(request["uri"])
    content = response["content"] if "content" in response else response["body"]["string"]
    return Exchange(
        request["method"],
        address.path + (f"?{address.query}" if address.query else ""),
        _body(request.get("body")),
        response["status_code"] if "status_code" in response else response["status"]["code"],
        content if isinstance(content, bytes) else content.encode(),
        {name.lower(): values[0] for name, values in response["headers"].items()},
    )


def _body(sent: object) -> dict[str, Any] | None:
    try:
        found = json.loads(sent) if isinstance(sent, str | bytes) and sent else None
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
