"""Renews the signed addresses on the tenants' pages before they end.

Reads all publications; writes one audio block for each page that is due, and its publication. Costs two requests to
Notion for each such page, and nothing for the others.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import Field

from esl_pipeline.manifests import check_slug
from esl_pipeline.stages.audio_source import Signature
from esl_pipeline.stages.in_one_go import MOST_PAGES
from esl_pipeline.stages.job import JobOptions
from esl_pipeline.stages.job_record import Answer
from esl_pipeline.stages.pipeline import Pipeline
from esl_pipeline.stages.run_stage import failure_in_words
from esl_pipeline.stages.stage import Stage
from esl_pipeline.stages.tenants_active import ActiveTenants
from esl_pipeline.stages.tenants_gate import TenantSuspendedError
from esl_pipeline.stores.protocols import LeaseHeldError
from esl_pipeline.stores.publication import Publication

TICKS_APART = timedelta(hours=12)
LATE = timedelta(hours=1)
"""How late a tick may come and still be in time."""


class Resigned(Answer):
    """What became of the addresses: ``due`` counts the pages, ``left`` those that are for the next go."""

    due: int
    renewed: int = 0
    kept: int = Field(0, description="Pages without a block of ours, or that another run works on.")
    left: int = 0
    passed_over: tuple[str, ...] = Field((), description="Tenants that may not publish.")
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, order=True)
class _Due:
    until: datetime
    tenant: str
    assignment: str


def resign_audio(
    pipeline: Pipeline, tenant: str | None = None, *, most: int = MOST_PAGES, actor: str = "api"
) -> Resigned:
    """Signs anew what ends before the next go, one page after another; what fails does not stop the others.

    Tenants that may not publish are passed over.

    Args:
        pipeline: gives stores, vendors and settings.
        tenant: a slug; all that have artifacts where None.
        most: pages in one go.
        actor: as it stands in the audit log.

    Raises:
        SlugError: the tenant is no slug.
    """
    tenants = [check_slug(tenant, "tenant")] if tenant else list(pipeline.providers.artifacts.tenants())
    problems: list[str] = []
    now, active = pipeline.providers.clock.now(), ActiveTenants(pipeline.providers.standings)
    due = sorted(one for name in tenants for one in _due(pipeline, name, active, now, problems))
    outcomes = [_renew(pipeline, one, actor, problems) for one in due[:most]]
    return Resigned(
        due=len(due),
        renewed=outcomes.count("succeeded"),
        kept=outcomes.count("skipped"),
        left=len(due[most:]),
        passed_over=tuple(sorted(active.passed_over)),
        problems=tuple(problems),
    )


def is_due(publication: Publication, now: datetime) -> bool:
    """Tells whether the addresses on a page end before the next go, or have less than a quarter of their life left."""
    attachment = publication.attachment
    if attachment is None or attachment.signed_at is None or attachment.signed_until is None:
        return False
    signature = Signature(attachment.signed_at, attachment.signed_until)
    return signature.is_ending(now) or signature.until - now <= TICKS_APART + LATE


def _due(pipeline: Pipeline, tenant: str, active: ActiveTenants, now: datetime, problems: list[str]) -> Iterator[_Due]:
    try:
        if not active(tenant):
            return
        for publication in pipeline.providers.publications.list(tenant):
            attachment = publication.attachment
            if attachment and attachment.signed_until and is_due(publication, now):
                yield _Due(attachment.signed_until, tenant, publication.assignment)
    except Exception as error:  # noqa: BLE001 whatever it is must not stop the others
        problems.append(f"{tenant}: {failure_in_words(error)}")


def _renew(pipeline: Pipeline, due: _Due, actor: str, problems: list[str]) -> str:
    try:
        options = JobOptions(renew=True, hooks={"actor": actor})
        job = pipeline.open_job(due.tenant, due.assignment, options=options)
        return pipeline.run_stage(Stage.ATTACH, job).status
    except (LeaseHeldError, TenantSuspendedError):
        return "skipped"
    except Exception as error:  # noqa: BLE001 whatever it is must not stop the others
        problems.append(f"{due.tenant}/{due.assignment}: {failure_in_words(error)}")
        return "failed"
