"""Adds to the audit log, a few times where the log does not answer."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from esl_pipeline.clients.surroundings import Clock
from esl_pipeline.stores.audit import AuditEntry, AuditLog
from esl_pipeline.stores.documents import StoreUnavailableError
from esl_pipeline.stores.protocols import LeaseHeldError

WAITS_S = (0.2, 1.0, 3.0)
"""Between tries; whoever waits holds an assignment's lease."""
ACTOR = re.compile(r"(sensor|schedule|operator|shell|api)(:[^\s:][^\n\r]{0,99})?")
LONGEST_TEXT = 2_000
"""Characters of any text in an entry; what is longer is cut."""

_QUERY = re.compile(r"(https?://[^\s?#]+)[?#]\S*")


class AuditUnavailableError(StoreUnavailableError):
    """What was done could not be written into the audit log; it is told when the stage runs again."""


def check_actor(actor: str) -> str:
    """Returns an actor if it is written as one: a kind, and a name of at most 100 characters.

    Raises:
        ValueError: it is not.
    """
    if not ACTOR.fullmatch(actor):
        raise ValueError(f"{actor[:40]!r} is no actor; write it like operator:ann.")
    return actor


def add_entry(log: AuditLog, entry: AuditEntry, clock: Clock) -> AuditEntry:
    """Adds an entry; one that was added although no answer came is not added again.

    Raises:
        AuditUnavailableError: the log did not take it; asking again may help.
    """
    add: Callable[[], AuditEntry] = lambda: log.append(entry)  # noqa: E731 one line says it
    for wait_s in WAITS_S:
        try:
            return add()
        except (StoreUnavailableError, LeaseHeldError, OSError):
            clock.sleep(wait_s)
    try:
        return add()
    except (StoreUnavailableError, LeaseHeldError, OSError) as error:
        raise AuditUnavailableError(f"The audit log does not take what was done: {error}") from error


def plain(value: Any) -> Any:
    """Returns a value as it may stand in an entry: JSON, texts cut, and addresses without what signs them."""
    match value:
        case None | bool() | int() | float():
            return value
        case str():
            text = _QUERY.sub(r"\1", value)
            return text if len(text) <= LONGEST_TEXT else f"{text[: LONGEST_TEXT - 1]}…"
        case dict():
            return {str(name): plain(one) for name, one in value.items()}
        case list() | tuple():
            return [plain(one) for one in value]
        case _:
            return plain(str(value))
