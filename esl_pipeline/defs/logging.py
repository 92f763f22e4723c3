"""The pipeline's structured events in Dagster's own log view."""

from __future__ import annotations

from typing import Any

import dagster as dg


class DagsterLogger:
    """Writes an event and its fields as one line of the run's log."""

    def __init__(self, log: dg.DagsterLogManager) -> None:
        self._log = log

    def debug(self, event: str, **fields: Any) -> None:
        """Says what only a developer wants to know."""
        self._log.debug(_line(event, fields))

    def info(self, event: str, **fields: Any) -> None:
        """Says what happened."""
        self._log.info(_line(event, fields))

    def warning(self, event: str, **fields: Any) -> None:
        """Says what somebody should look at."""
        self._log.warning(_line(event, fields))

    def error(self, event: str, **fields: Any) -> None:
        """Says what failed."""
        self._log.error(_line(event, fields))


def _line(event: str, fields: dict[str, Any]) -> str:
    given = " ".join(f"{name}={value}" for name, value in fields.items() if value not in ("", None, {}, []))
    return f"{event} {given}".rstrip()
