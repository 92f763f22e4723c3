"""Runs one stage under the assignment's lease, and tells of it: events, spans, metrics, and the stage's record."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any, Literal

from esl_pipeline.clients.errors import UnavailableError, VendorError
from esl_pipeline.clients.events import telling_of
from esl_pipeline.clients.pace import Waiter, waiting_as
from esl_pipeline.stages.asking import AskingError
from esl_pipeline.stages.audit_stage import StageAudit
from esl_pipeline.stages.audit_writing import AuditUnavailableError
from esl_pipeline.stages.context import JobCancelledError, JobContext
from esl_pipeline.stages.hooks import StageEvent
from esl_pipeline.stages.outcome import StageOutcome
from esl_pipeline.stages.stage import Stage
from esl_pipeline.stages.tenants_gate import TenantSuspendedError
from esl_pipeline.stages.waits import Waits
from esl_pipeline.stores.config import ConfigUnavailableError
from esl_pipeline.stores.document_publications import LeaseLostError
from esl_pipeline.stores.documents import StoreUnavailableError
from esl_pipeline.stores.ledger import Ledger
from esl_pipeline.stores.protocols import LeaseHeldError
from esl_pipeline.stores.publication import Publication, StageRecord
from esl_pipeline.stores.secrets import SecretUnavailableError

OUT_OF_REACH = (
    UnavailableError,
    LeaseHeldError,
    LeaseLostError,
    ConfigUnavailableError,
    SecretUnavailableError,
    StoreUnavailableError,
)
"""After these, asking again may help."""

FailureKind = Literal["rejected", "unavailable", "cancelled", "failed"]


def failure_kind(error: BaseException) -> FailureKind:
    """Tells whether asking again may help (``unavailable``), can't (``rejected``), or the program is at fault."""
    if isinstance(error, OUT_OF_REACH):
        return "unavailable"
    if isinstance(error, JobCancelledError):
        return "cancelled"
    return "rejected" if _is_expected(error) else "failed"


def _is_expected(error: BaseException) -> bool:
    return isinstance(error, VendorError | AskingError) or type(error).__module__.startswith("esl_pipeline.")


def failure_in_words(error: BaseException) -> str:
    """Returns an error for people; a fault of this program begins with its type."""
    return f"{type(error).__name__}: {error}" if failure_kind(error) == "failed" else str(error)


def describe_failure(error: BaseException) -> dict[str, Any]:
    """Returns an error as data: kind, words, code, what to do and, of a vendor, status and request id.

    The code is the vendor's; of a lesson or manifest the rules that it breaks, such as ``M-FILE``; else it is the
    error's name, such as ``missing_track``. A fault of the program has none.
    """
    kind, name = failure_kind(error), type(error).__name__
    described: dict[str, Any] = {"kind": kind, "type": name, "message": str(error)}
    if isinstance(error, VendorError):
        described |= {
            "message": error.seen,
            "vendor": error.vendor,
            "code": error.code,
            "status": error.status,
            "request_id": error.request_id,
            "fix": error.fix,
        }
    elif isinstance(error, AskingError):
        errors = [problem for problem in error.problems if problem.is_error]
        described |= {
            "message": "\n".join(f"{problem.where}: {problem.message}" for problem in errors),
            "code": "+".join(dict.fromkeys(problem.rule for problem in errors)),
            "fix": " ".join(dict.fromkeys(problem.fix for problem in errors if problem.fix)),
        }
    elif kind != "failed":
        described["code"] = re.sub(r"(?<!^)(?=[A-Z])", "_", name.removesuffix("Error")).lower()
    return described


def run_stage(
    context: JobContext,
    ledger: Ledger,
    stage: Stage,
    work: Callable[[], StageOutcome],
    audit: StageAudit | None = None,
) -> StageOutcome:
    """Does the work of a stage once.

    The audit log is told before the stage is recorded as done, so that no success is recorded that it does not know.

    Args:
        context: the job's.
        ledger: the assignment's publication.
        stage: which one.
        work: does it.
        audit: is told; nobody where None.

    Raises:
        TenantSuspendedError: the tenant may not publish.
        AuditUnavailableError: the work is done, but could not be told; asking again tells it, and does nothing twice.
        LeaseHeldError: another run works on the assignment; asking again later helps.
        Exception: what the work raised, after it was recorded.
    """
    ids = {"tenant": context.tenant, "assignment": context.assignment, "run_id": context.run_id, "stage": stage.value}
    with telling_of(**ids):
        return _run_told(_Telling(context, ledger, stage, audit if not context.dry_run else None), work)


def _run_told(telling: _Telling, work: Callable[[], StageOutcome]) -> StageOutcome:
    context, ledger, stage = telling.context, telling.ledger, telling.stage
    telling.event("started")
    try:
        with context.tracer.span(stage.value, tenant=context.tenant, assignment=context.assignment):
            context.stop_if_cancelled()
            with ledger.store.lease(context.tenant, context.assignment, context.run_id or ""):
                context.gate.check(0)
                telling.begun = True
                with waiting_as(Waiter(context.stop_if_cancelled, telling.waits.add)):
                    outcome = work()
                outcome = replace(outcome, metrics={**outcome.metrics, **telling.waits.metrics})
                record = telling.record(outcome)
    except Exception as error:
        telling.failed(error)
        raise
    telling.event(record.status, outcome.reason, dict(outcome.metrics), record)
    return outcome


class _Telling:
    """Says what becomes of one stage, with all ids and the time since its start."""

    def __init__(self, context: JobContext, ledger: Ledger, stage: Stage, audit: StageAudit | None) -> None:
        self.context, self.ledger, self.stage, self._audit = context, ledger, stage, audit
        self.begun = False
        self.waits = Waits()
        context.spent.clear()
        self._started_at: datetime = context.clock.now()
        self._started = context.clock.monotonic()

    @property
    def _elapsed_s(self) -> float:
        return round(self.context.clock.monotonic() - self._started, 3)

    def event(
        self,
        kind: Literal["started", "succeeded", "skipped", "failed"],
        reason: str = "",
        fields: dict[str, Any] | None = None,
        record: StageRecord | None = None,
    ) -> None:
        context, elapsed_s = self.context, 0.0 if kind == "started" else self._elapsed_s
        ids = {
            "job_id": context.job_id,
            "run_id": context.run_id,
            "tenant": context.tenant,
            "assignment": context.assignment,
        }
        say = context.logger.error if kind == "failed" else context.logger.info
        say(f"stage {kind}", stage=self.stage.value, elapsed_s=elapsed_s, reason=reason, **ids, **(fields or {}))
        if kind != "started":
            context.metrics.observe("stage_seconds", elapsed_s, stage=self.stage.value, status=kind)
            for vendor, waited_s in self.waits.by_vendor.items():
                context.metrics.observe("pace_waited_seconds", waited_s, stage=self.stage.value, vendor=vendor)
        context.progress(
            StageEvent(
                stage=self.stage.value,
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
        record = self._stage_record(
            "failed" if outcome.rejected else outcome.status,
            reason=outcome.reason,
            metrics=dict(outcome.metrics),
            problems=[asdict(problem) for problem in outcome.problems],
        )
        return self._write(self._told(record))

    def failed(self, error: Exception) -> None:
        described = describe_failure(error)
        problems = [asdict(problem) for problem in error.problems] if isinstance(error, AskingError) else []
        record = self._stage_record(
            "failed",
            reason=str(error),
            error=described,
            problems=problems,
            metrics={**self.context.spent, **self.waits.metrics},
        )
        if not self._is_anothers(error):
            # The failure itself says more than that the store is down, or that the lease was lost on the way.
            with suppress(StoreUnavailableError, LeaseLostError):
                self._write(self._told_of_failure(record, error))
        self.event("failed", str(error), described, record)

    def _is_anothers(self, error: Exception) -> bool:
        """Tells whether nothing is recorded: another run has the assignment, nothing was begun, or the tenant goes."""
        if isinstance(error, TenantSuspendedError):
            return not self.begun or error.standing.state == "removing"
        return isinstance(error, LeaseHeldError | LeaseLostError)

    def _told(self, record: StageRecord) -> StageRecord:
        return self._audit.tell(self.context, self.stage, record, self.ledger.read()) if self._audit else record

    def _told_of_failure(self, record: StageRecord, error: Exception) -> StageRecord:
        """Tells the audit log if it can be told; the failure itself says more than that it could not."""
        before = self.ledger.read().stages.get(self.stage.value)
        untold = record.model_copy(update={"told_sha256": before.told_sha256 if before else ""})
        if isinstance(error, AuditUnavailableError):
            return untold
        try:
            return self._told(record)
        except AuditUnavailableError as unavailable:
            self.context.logger.warning("audit log unavailable", stage=self.stage.value, reason=str(unavailable))
            return untold

    def _stage_record(self, status: Literal["succeeded", "failed", "skipped"], **fields: Any) -> StageRecord:
        return StageRecord(
            status=status,
            job_id=self.context.job_id,
            run_id=self.context.run_id,
            started_at=self._started_at,
            elapsed_s=self._elapsed_s,
            **fields,
        )

    def _write(self, record: StageRecord) -> StageRecord:
        def change(publication: Publication) -> None:
            publication.stages[self.stage.value] = record
            publication.settings_versions = dict(self.context.settings_versions)

        self.ledger.update(change)
        return record
