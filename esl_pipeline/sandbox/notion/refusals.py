"""What Notion says when it refuses a request.

**Source**: developers.notion.com/reference/status-codes (read 2026-11-23), and recorded answers.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

MISSING: Any = object()
"""Stands for a member that was not sent."""

QUOTED_CHARACTERS = 55


class Refusal(Exception):  # noqa: N818 it is an answer of the vendor's
    """An answer other than 200."""

    def __init__(self, status: int, code: str, message: str, additional: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.additional = status, code, message, additional


def invalid(message: str) -> Refusal:
    """Returns a ``validation_error`` in words of its own."""
    return Refusal(400, "validation_error", message)


def failed(path: str, expected: str, value: object) -> Refusal:
    """Returns the ``validation_error`` of a member that is not what it should be."""
    root = path.split(".", 1)[0].split("[", 1)[0]
    return invalid(f"{root} failed validation: {path} should be {expected}, instead was `{quoted(value)}`.")


def fix_one(path: str, names: Mapping[str, Any]) -> Refusal:
    """Returns the ``validation_error`` of an object that has none of the members of which it needs one."""
    lines = [f"{path}.{name} should be defined, instead was `undefined`." for name in names]
    return invalid("\n".join(["body failed validation. Fix one:", *lines]))


def creation_failed(message: str) -> Refusal:
    """Returns the ``validation_error`` of blocks that are well-formed but make no sense."""
    return invalid(f"Content creation Failed. Fix the following: \n{message}")


def not_found(kind: str, object_id: str) -> Refusal:
    """Returns the answer to an id of nothing, or of something that is not shared."""
    message = (
        f"Could not find {kind} with ID: {object_id}. "
        'Make sure the relevant pages and databases are shared with your integration "ESL sandbox".'
    )
    return Refusal(404, "object_not_found", message, {"integration_id": INTEGRATION_ID})


INTEGRATION_ID = "5eed0000-0000-4000-8000-0000000000b0"


def archived(kind: str = "block") -> Refusal:
    """Returns the answer to a write to something in the trash."""
    return invalid(f"Can't edit {kind} that is archived. You must unarchive the {kind} before editing.")


def archived_ancestor() -> Refusal:
    """Returns the answer to a write below something in the trash."""
    return invalid(
        "Can't edit page on block with an archived ancestor. You must unarchive the ancestor before editing page."
    )


def quoted(value: object) -> str:
    """Returns a value as Notion quotes it: as JSON, cut after 55 characters."""
    if value is MISSING:
        return "undefined"
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text if len(text) <= QUOTED_CHARACTERS else text[:QUOTED_CHARACTERS] + "..."
