"""What is told while work goes on: an event with fields, to whoever listens to the loggers of this package."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType
from typing import Any

PACKAGE = "esl_pipeline"
"""The logger above all loggers of the package."""
EMPTY: tuple[object, ...] = ("", None, {}, [])

_log = logging.getLogger(f"{PACKAGE}.events")
_ids: ContextVar[Mapping[str, str]] = ContextVar("ids", default=MappingProxyType({}))


@contextmanager
def telling_of(**ids: str) -> Iterator[None]:
    """Adds ids to all that this thread tells within the block, such as tenant, assignment, run and stage.

    A thread that is started within it knows of them only if it runs in a copy of the context.
    """
    token = _ids.set({**_ids.get(), **ids})
    try:
        yield
    finally:
        _ids.reset(token)


def tell_of(**ids: str) -> None:
    """Lets all that this thread tells from now on have these ids, and no others of before."""
    _ids.set(ids)


def say(level: int, event: str, **fields: Any) -> None:
    """Tells an event; nothing is put together where nobody listens.

    Args:
        level: one of those of ``logging``.
        event: the same words each time.
        fields: what was particular this time; no secret.
    """
    if _log.isEnabledFor(level):
        known = {**_ids.get(), **fields}
        _log.log(level, "%s", in_words(event, known), extra={"esl_event": event, "esl_fields": known})


def in_words(event: str, fields: Mapping[str, Any]) -> str:
    """Returns an event in one line: ``notion wrote tenant=school status=200``."""
    return " ".join([event, *(f"{name}={value}" for name, value in fields.items() if value not in EMPTY)])


def told_in(record: logging.LogRecord) -> tuple[str, Mapping[str, Any]]:
    """Returns event and fields of a record, also of one that was logged in words."""
    event = getattr(record, "esl_event", None)
    if event is None:
        return record.getMessage(), _ids.get()
    fields: Mapping[str, Any] = record.__dict__["esl_fields"]
    return str(event), fields
