"""What a host may plug into a job: logger, metrics, tracer, clock, progress; all with quiet defaults."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

from esl_pipeline.clients.surroundings import Clock, MachineClock
from esl_pipeline.stores.publication import StageRecord

__all__ = [
    "Clock",
    "Logger",
    "MachineClock",
    "Metrics",
    "NoLogger",
    "NoMetrics",
    "NoTracer",
    "Progress",
    "StageEvent",
    "Tracer",
]


class Logger(Protocol):
    """Takes an event name and fields, as structlog's bound loggers do."""

    def debug(self, event: str, **fields: Any) -> Any:
        """Says what only a developer wants to know."""

    def info(self, event: str, **fields: Any) -> Any:
        """Says what happened."""

    def warning(self, event: str, **fields: Any) -> Any:
        """Says what somebody should look at."""

    def error(self, event: str, **fields: Any) -> Any:
        """Says what failed."""


class Metrics(Protocol):
    """Takes counts and measurements; ``tags`` have few distinct values."""

    def count(self, name: str, value: float = 1, **tags: str) -> None:
        """Adds to a counter."""

    def observe(self, name: str, value: float, **tags: str) -> None:
        """Records one measurement, in the unit that the name ends in."""


class Tracer(Protocol):
    """Opens spans."""

    def span(self, name: str, **attributes: Any) -> AbstractContextManager[Any]:
        """Returns a span that lasts as long as the block."""


class NoLogger:
    """Says nothing."""

    def debug(self, event: str, **fields: Any) -> None:
        """Drops the event."""

    info = warning = error = debug


class NoMetrics:
    """Counts nothing."""

    def count(self, name: str, value: float = 1, **tags: str) -> None:
        """Drops the count."""

    def observe(self, name: str, value: float, **tags: str) -> None:
        """Drops the measurement."""


class NoTracer:
    """Traces nothing."""

    def span(self, name: str, **attributes: Any) -> AbstractContextManager[None]:  # noqa: ARG002 the Protocol's names
        """Returns a span that leaves no trace."""
        return nullcontext()


@dataclass(frozen=True)
class StageEvent:
    """One step of a stage's life, with all ids; ``elapsed_s`` is 0 at the start, ``record`` is there at the end."""

    stage: str
    kind: Literal["started", "succeeded", "skipped", "failed", "progress"]
    job_id: str
    run_id: str
    tenant: str
    assignment: str
    at: datetime
    elapsed_s: float = 0.0
    reason: str = ""
    fields: Mapping[str, Any] = field(default_factory=dict)
    record: StageRecord | None = None


Progress = Callable[[StageEvent], None]
"""Called in the job's thread with every event; what it raises ends the job."""
