"""Runs one stage under the assignment's lease, and tells of it: events, spans, metrics, and the stage's record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from typing import Any, Literal

from esl_pipeline.clients.errors import UnavailableError, VendorError
from esl_pipeline.stages.asking import AskingError
from esl_pipeline.stages.context import JobCancelledError, JobContext
from esl_pipeline.stages.hooks import StageEvent
from esl_pipeline.stages.outcome import Stage, StageOutcome
from esl_pipeline.stores.config import ConfigUnavailableError
from esl_pipeline.stores.ledger import Ledger
from esl_pipeline.stores.protocols import LeaseHeldError
from esl_pipeline.stores.publication import Publication, StageRecord

FailureKind = Literal["rejected", "unavailable", "cancelled", "failed"]


def failure_kind(error: BaseException) -> FailureKind:
    """Tells whether asking again may help (``unavailable``), can't (``rejected``), or the program is at fault."""
    if isinstance(error, UnavailableError | LeaseHeldError | ConfigUnavailableError):
        return "unavailable"
    if isinstance(error, JobCancelledError):
        return "cancelled"
    return "rejected" if _is_expected(error) else "failed"


def _is_expected(error: BaseException) -> bool:
    return isinstance(error, VendorError | AskingError) or type(error).__module__.startswith("esl_pipeline.")


def describe_failure(error: BaseException) -> dict[str, Any]:
    """Returns an error as data: its kind, words and, of a vendor, code, status and request id."""
    described: dict[str, Any] = {"kind": failure_kind(error), "type": type(error).__name__, "message": str(error)}
    if isinstance(error, VendorError):
        described |= {
            "vendor": error.vendor,
            "code": error.code,
            "status": error.status,
            "request_id": error.request_id,
            "fix": error.fix,
        }
    return described


def run_stage(context: JobContext, ledger: Ledger, stage: Stage, work: Callable[[], StageOutcome]) -> StageOutcome:
    """Does the work of a stage once.

    Raises:
        LeaseHeldError: another run works on the assignment; asking again later helps.
        Exception: what the work raised, after it was recorded.
    """
    telling = _Telling(context, ledger, stage)
    telling.event("started")
    try:
        with context.tracer.span(stage.value, tenant=context.tenant, assignment=context.assignment):
            context.stop_if_cancelled()
            with ledger.store.lease(context.tenant, context.assignment):
                outcome = work()
                record = telling.record(outcome)
    except Exception as error:
        telling.failed(error)
        raise
    telling.event(record.status, outcome.reason, dict(outcome.metrics), record)
    return outcome


class _Telling:
    """Says what becomes of one stage, with all ids and the time since its start."""

    def __init__(self, context: JobContext, ledger: Ledger, stage: Stage) -> None:
        self._context, self._ledger, self._stage = context, ledger, stage
        context.spent.clear()
        self._started_at: datetime = context.clock.now()
        self._started = context.clock.monotonic()

    @property
    def _elapsed_s(self) -> float:
        return round(self._context.clock.monotonic() - self._started, 3)

    def event(
        self,
        kind: Literal["started", "succeeded", "skipped", "failed"],
        reason: str = "",
        fields: dict[str, Any] | None = None,
        record: StageRecord | None = None,
    ) -> None:
        context, elapsed_s = self._context, 0.0 if kind == "started" else self._elapsed_s
        ids = {
            "job_id": context.job_id,
            "run_id": context.run_id,
            "tenant": context.tenant,
            "assignment": context.assignment,
        }
        say = context.logger.error if kind == "failed" else context.logger.info
        say(f"stage {kind}", stage=self._stage.value, elapsed_s=elapsed_s, reason=reason, **ids, **(fields or {}))
        if kind != "started":
            context.metrics.observe("stage_seconds", elapsed_s, stage=self._stage.value, status=kind)
        context.progress(
            StageEvent(
                stage=self._stage.value,
                kind=kind,
                at=context.clock.now(),
                elapsed_s=elapsed_s,
                reason=reason,
                fields=fields or {},
                record=record,
                **ids,
            )
        )

    def record(self, outcome: StageOutcome) -> StageRecord:
        return self._write(
            self._stage_record(
                "failed" if outcome.rejected else outcome.status,
                reason=outcome.reason,
                metrics=dict(outcome.metrics),
                problems=[asdict(problem) for problem in outcome.problems],
            )
        )

    def failed(self, error: Exception) -> None:
        described = describe_failure(error)
        problems = [asdict(problem) for problem in error.problems] if isinstance(error, AskingError) else []
        record = self._stage_record(
            "failed", reason=str(error), error=described, problems=problems, metrics=dict(self._context.spent)
        )
        if not isinstance(error, LeaseHeldError):
            self._write(record)
        self.event("failed", str(error), described, record)

    def _stage_record(self, status: Literal["succeeded", "failed", "skipped"], **fields: Any) -> StageRecord:
        return StageRecord(
            status=status,
            job_id=self._context.job_id,
            run_id=self._context.run_id,
            started_at=self._started_at,
            elapsed_s=self._elapsed_s,
            **fields,
        )

    def _write(self, record: StageRecord) -> StageRecord:
        def change(publication: Publication) -> None:
            publication.stages[self._stage.value] = record
            publication.settings_versions = dict(self._context.settings_versions)

        self._ledger.update(change)
        return record
