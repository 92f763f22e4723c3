"""Looks how old what is known of each tenant's voices is.

Reads settings and catalogues; asks no vendor and costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from esl_pipeline.stages.providers import Providers
from esl_pipeline.stages.run_stage import failure_kind
from esl_pipeline.stages.sync_voices import catalogues_of
from esl_pipeline.stages.tenant_settings import tenant_settings


@dataclass(frozen=True)
class CatalogueAge:
    """How a tenant's list of voices stands.

    Attributes:
        read_at: None where it never was, or can't be told.
        max_age_h: of the setting speech.catalogue_max_age_h.
        problem: why it can't be told.
    """

    tenant: str
    engine: str = ""
    read_at: datetime | None = None
    age_h: float | None = None
    max_age_h: int = 0
    problem: str = ""

    @property
    def is_fresh(self) -> bool:
        """Whether casting uses it as it is."""
        return self.age_h is not None and self.age_h < self.max_age_h


def catalogue_ages(providers: Providers, tenants: Iterable[str]) -> list[CatalogueAge]:
    """Returns the age of each tenant's list; what is wrong with one says nothing of the others."""
    return [_age(providers, tenant) for tenant in tenants]


def _age(providers: Providers, tenant: str) -> CatalogueAge:
    try:
        max_age_h = tenant_settings(providers, tenant).speech.catalogue_max_age_h
        catalogues = catalogues_of(providers, tenant)
        known = catalogues.known()
    except Exception as error:
        if failure_kind(error) == "failed":
            raise
        return CatalogueAge(tenant, problem=str(error))
    if known is None:
        return CatalogueAge(tenant, catalogues.engine.name, max_age_h=max_age_h)
    age_h = (providers.clock.now() - known.synced_at).total_seconds() / 3600
    return CatalogueAge(tenant, known.engine, known.synced_at, round(age_h, 1), max_age_h)
