"""The context of one job, which every stage takes."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from esl_pipeline.manifests.settings import Settings
from esl_pipeline.stages.hooks import (
    Clock,
    Logger,
    MachineClock,
    Metrics,
    NoLogger,
    NoMetrics,
    NoTracer,
    Progress,
    StageEvent,
    Tracer,
)


class Gate(Protocol):
    """Lets a tenant's job go on, or ends it."""

    def check(self, max_age_s: float) -> None:
        """Looks whether the tenant may go on, unless that was looked at a short while ago.

        Raises:
            TenantSuspendedError: it may not.
            StoreUnavailableError: that can't be told; asking again may help.
        """


class OpenGate:
    """Lets everybody go on."""

    def check(self, max_age_s: float) -> None:
        """Does nothing."""


class JobCancelledError(Exception):
    """The job was told to stop and did so at a safe point; running it again completes the work."""


def ignore_progress(event: StageEvent) -> None:
    """Takes no notice."""


def never_cancelled() -> bool:
    """Tells that nobody asked the job to stop."""
    return False


LOOK_EVERY_S = 1.0
"""How long it takes at most until a suspended tenant's run looks up, between two requests."""


@dataclass(frozen=True)
class JobContext:
    """Who asks for what, with which options, and where to say how it goes.

    Attributes:
        job_id: one per request to publish; the same for all stages of a job.
        run_id: Dagster's run where there is one, else the job's id.
        cancelled: asked at safe points between requests; True stops the job.
        dry_run: True where nothing may change anywhere.
        actor: who or what asks, as it stands in the audit log, such as ``operator:ann``.
        gate: looked at between requests; a tenant that was suspended gets no further.
        settings_versions: exact version of each document that settings are from, by its name.
        spent: what the running stage has used up so far, by metric; told also when it fails.
    """

    job_id: str
    run_id: str
    tenant: str
    assignment: str
    settings: Settings
    clock: Clock = field(default_factory=MachineClock)
    logger: Logger = field(default_factory=NoLogger)
    metrics: Metrics = field(default_factory=NoMetrics)
    tracer: Tracer = field(default_factory=NoTracer)
    progress: Progress = ignore_progress
    cancelled: Callable[[], bool] = never_cancelled
    dry_run: bool = False
    actor: str = "api"
    gate: Gate = field(default_factory=OpenGate)
    settings_versions: Mapping[str, str] = field(default_factory=dict)
    spent: dict[str, float] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """The partition key, ``tenant/assignment``."""
        return f"{self.tenant}/{self.assignment}"

    def stop_if_cancelled(self) -> None:
        """Ends the job here if somebody asked for it, or the tenant may not go on.

        Raises:
            JobCancelledError: somebody did.
            TenantSuspendedError: the tenant was suspended.
        """
        if self.cancelled():
            raise JobCancelledError(f"{self.key} was cancelled")
        self.gate.check(LOOK_EVERY_S)


def create_context(
    *,
    tenant: str,
    assignment: str,
    settings: Settings,
    job_id: str | None = None,
    run_id: str | None = None,
    **hooks: object,
) -> JobContext:
    """Makes the context of a job.

    Args:
        tenant: a checked slug.
        assignment: a checked slug.
        settings: resolved options.
        job_id: a new random id where None.
        run_id: the job's id where None.
        hooks: any further field of JobContext.
    """
    job = job_id or uuid.uuid4().hex
    return JobContext(job, run_id or job, tenant, assignment, settings, **hooks)  # type: ignore[arg-type]
