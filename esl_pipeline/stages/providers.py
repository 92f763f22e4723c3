"""What the pipeline stands on: stores, vendors, settings and hooks, each of which a host may give."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from esl_pipeline.manifests import Layer
from esl_pipeline.stages.engine_choice import EngineNames
from esl_pipeline.stages.hooks import Clock, Logger, Metrics, Tracer
from esl_pipeline.stages.job import TenantFileReader
from esl_pipeline.stages.track_cover import CoverReader
from esl_pipeline.stages.vendors import VendorProvider
from esl_pipeline.stores.audit import AuditLog
from esl_pipeline.stores.catalogues import CatalogueStore
from esl_pipeline.stores.config import ConfigProvider
from esl_pipeline.stores.documents import Documents
from esl_pipeline.stores.protocols import ArtifactStore, PublicationStore
from esl_pipeline.stores.secrets import SecretProvider
from esl_pipeline.stores.standing import StandingStore
from esl_pipeline.stores.usage import UsageStore


@dataclass(frozen=True)
class Providers:
    """Everything that the pipeline gets from outside.

    ``engines`` gives the names of the engines that ``vendors`` can make; None where only they know.
    """

    environment_layer: Layer
    config: ConfigProvider
    tenant_file: TenantFileReader
    cover_file: CoverReader
    publications: PublicationStore
    artifacts: ArtifactStore
    usage: UsageStore
    catalogues: CatalogueStore
    audit: AuditLog
    documents: Documents
    vendors: VendorProvider
    engines: EngineNames | None
    secrets: SecretProvider
    clock: Clock
    new_id: Callable[[], str]
    logger: Logger
    metrics: Metrics
    tracer: Tracer

    @property
    def standings(self) -> StandingStore:
        """Whether each tenant may publish."""
        return StandingStore(self.documents)
