"""The pipeline's structured events in Dagster's own log view."""

from __future__ import annotations

from typing import Any

import dagster as dg

from esl_pipeline.stages.hooks import Logger

EMPTY: tuple[object, ...] = ("", None, {}, [])
IMPLIED = frozenset({"job_id", "run_id"})
"""Fields of every event that the run itself tells."""


class DagsterLogger:
    """Writes an event and its fields as one line of the run's log, and hands both on to the environment's logger."""

    def __init__(self, log: dg.DagsterLogManager, also: Logger) -> None:
        self._log, self._also = log, also

    def debug(self, event: str, **fields: Any) -> None:
        """Says what only a developer wants to know."""
        self._say("debug", event, fields)

    def info(self, event: str, **fields: Any) -> None:
        """Says what happened."""
        self._say("info", event, fields)

    def warning(self, event: str, **fields: Any) -> None:
        """Says what somebody should look at."""
        self._say("warning", event, fields)

    def error(self, event: str, **fields: Any) -> None:
        """Says what failed."""
        self._say("error", event, fields)

    def _say(self, level: str, event: str, fields: dict[str, Any]) -> None:
        told = [f"{name}={value}" for name, value in fields.items() if name not in IMPLIED and value not in EMPTY]
        getattr(self._log, level)(" ".join([event, *told]))
        getattr(self._also, level)(event, **fields)
