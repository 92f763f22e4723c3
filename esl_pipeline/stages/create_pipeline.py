"""Makes a pipeline whose providers are the working defaults, each of which a host may replace."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from functools import partial

from esl_pipeline.manifests import Layer, environment_layer
from esl_pipeline.sandbox.notion import HOMEWORK_DATA_SOURCE_ID
from esl_pipeline.stages.artifact_place import open_artifacts_of
from esl_pipeline.stages.config_place import open_config
from esl_pipeline.stages.default_vendors import DefaultVendors
from esl_pipeline.stages.engines import engine_names
from esl_pipeline.stages.environment import Environment, read_environment
from esl_pipeline.stages.event_log import EventLogger, Lines, listen
from esl_pipeline.stages.hooks import Clock, Logger, MachineClock, Metrics, NoLogger, NoMetrics, NoTracer, Tracer
from esl_pipeline.stages.job import TenantFileReader
from esl_pipeline.stages.pipeline import Pipeline
from esl_pipeline.stages.providers import Providers
from esl_pipeline.stages.secret_places import open_secrets
from esl_pipeline.stages.state_place import open_state_of
from esl_pipeline.stages.tenant_documents import TenantDocuments
from esl_pipeline.stages.track_cover import CoverReader, read_cover_file
from esl_pipeline.stages.vendors import VendorProvider
from esl_pipeline.stores.catalogues import CatalogueStore
from esl_pipeline.stores.config import ConfigProvider
from esl_pipeline.stores.protocols import ArtifactStore, PublicationStore
from esl_pipeline.stores.secrets import SecretProvider
from esl_pipeline.stores.state import State
from esl_pipeline.stores.usage import UsageStore


def create_pipeline(
    *,
    environment: Environment | None = None,
    settings: Layer | None = None,
    config: ConfigProvider | None = None,
    tenant_file: TenantFileReader | None = None,
    cover_file: CoverReader | None = None,
    state: State | None = None,
    publications: PublicationStore | None = None,
    artifacts: ArtifactStore | None = None,
    usage: UsageStore | None = None,
    catalogues: CatalogueStore | None = None,
    vendors: VendorProvider | None = None,
    secrets: SecretProvider | None = None,
    clock: Clock | None = None,
    new_id: Callable[[], str] | None = None,
    logger: Logger | None = None,
    metrics: Metrics | None = None,
    tracer: Tracer | None = None,
) -> Pipeline:
    """Makes a pipeline; nothing is opened or started before it is needed.

    Args:
        environment: read from the process where None; decides between sandbox and real vendors.
        settings: the settings that hold for all tenants; from the environment where None.
        config: gives the tenants' documents; from the place that ESL_TENANTS names where None.
        tenant_file: gives a tenant's own settings; from ``config`` where None.
        cover_file: gives the picture of a tenant's tracks; from the folder of tenant files where None.
        state: all stores but that of artifacts; those that ESL_STATE names, or files under the home folder, where None.
        publications: those of ``state`` where None.
        artifacts: those that ESL_ARTIFACTS names, or files under the home folder, where None.
        usage: account books; those of ``state`` where None.
        catalogues: of the accounts' voices; those of ``state`` where None.
        vendors: clients by tenant; where None the real vendors, or the sandbox, joined or started when first needed.
        secrets: the tenants' credentials; from the place that ESL_SECRETS names where None.
        clock: the machine's where None.
        new_id: gives job ids; random where None.
        logger: that of the environment where None.
        metrics: none where None.
        tracer: none where None.

    Raises:
        ConfigurationError: the environment names credentials of some vendors but not of all, or an address is none.
    """
    environment = environment or read_environment()
    state = state or open_state_of(environment)
    config = config or open_config(environment)
    secrets = secrets or open_secrets(environment)
    return Pipeline(
        Providers(
            environment_layer=settings or settings_of(environment),
            config=config,
            tenant_file=tenant_file or TenantDocuments(config),
            cover_file=cover_file or partial(read_cover_file, environment.tenants),
            publications=publications or state.publications,
            artifacts=artifacts or open_artifacts_of(environment),
            usage=usage or state.usage,
            catalogues=catalogues or state.catalogues,
            audit=state.audit,
            documents=state.documents,
            vendors=vendors or DefaultVendors(environment, secrets=secrets),
            engines=engine_names if vendors is None or isinstance(vendors, DefaultVendors) else None,
            secrets=secrets,
            clock=clock or MachineClock(),
            new_id=new_id or _random_id,
            logger=logger or logger_of(environment),
            metrics=metrics or NoMetrics(),
            tracer=tracer or NoTracer(),
        )
    )


def logger_of(environment: Environment) -> Logger:
    """Returns the logger that the environment asks for, with all that clients tell; a silent one where it asks none."""
    if not environment.log_form:
        return NoLogger()
    listen(Lines(environment.log_form))
    return EventLogger()


def settings_of(environment: Environment) -> Layer:
    """Returns the settings that the environment makes, or the sandbox's own target where there are no vendors."""
    layer = environment_layer(environment.variables)
    if environment.live or environment.notion_base_url:
        return layer
    target = {"notion": {"data_source_id": HOMEWORK_DATA_SOURCE_ID}}
    return Layer("environment", "the sandbox", {**layer.values, **target})


def _random_id() -> str:
    return uuid.uuid4().hex
