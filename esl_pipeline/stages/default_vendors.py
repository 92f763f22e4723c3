"""The clients of real vendors or of the sandbox, made when they are first needed and kept per tenant."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from threading import Lock
from typing import TYPE_CHECKING

from esl_pipeline.clients import NotionClient, ObjectStore, s3_client
from esl_pipeline.clients.no_bucket import NoBucket
from esl_pipeline.clients.pace import Pace, Paced
from esl_pipeline.manifests.settings import NotionSettings, Settings, SpeechSettings, StorageSettings
from esl_pipeline.speech import SpeechEngine
from esl_pipeline.stages.account_limits import AccountLimits
from esl_pipeline.stages.connections import Connections, connect, own_access, with_storage
from esl_pipeline.stages.engines import EngineSetup, make_engine
from esl_pipeline.stages.environment import ConfigurationError, Environment
from esl_pipeline.stages.kept_clients import KeptClients
from esl_pipeline.stages.notion_api import NotionApi
from esl_pipeline.stages.pace_place import open_pace
from esl_pipeline.stages.secret_places import open_secrets
from esl_pipeline.stages.storage_guard import check_storage
from esl_pipeline.stages.vendors import ObjectStorage, Vendors
from esl_pipeline.stages.wanted_secret import WantedSecret
from esl_pipeline.stores.secrets import SecretProvider

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

AWS_CREDENTIALS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
"""What boto3 takes of the environment, and errors must not show."""


def make_notion(at: Connections, tenant: str) -> NotionApi:
    """Makes a tenant's Notion client."""
    return NotionClient(at.notion_token.get_secret_value(), at.notion_url, tenant=tenant, paced=at.notion_paced)


def make_s3(at: Connections) -> S3Client:
    """Makes the S3 client."""
    return s3_client(
        at.s3_url,
        key=at.s3_key.get_secret_value() if at.s3_key else None,
        secret=at.s3_secret.get_secret_value() if at.s3_secret else None,
        region=at.s3_region,
        role=at.s3_role,
    )


@dataclass(frozen=True)
class ClientMakers:
    """How the clients are made, for a host that has ways of its own; ``speech`` is given the engine's name."""

    notion: Callable[[Connections, str], NotionApi] = make_notion
    speech: Callable[[str, EngineSetup], SpeechEngine] = make_engine
    s3: Callable[[Connections], S3Client] = make_s3


class DefaultVendors:
    """Gives each tenant its clients, made with its own credentials or, where it has none, the installation's.

    Args:
        environment: decides between the real vendors and the sandbox.
        makers: how the clients are made.
        secrets: the credentials; from the place that the environment names where None.
        pace: keeps the vendors' limits; that which the environment's processes share where None.
    """

    def __init__(
        self,
        environment: Environment,
        makers: ClientMakers | None = None,
        secrets: SecretProvider | None = None,
        pace: Pace | None = None,
    ) -> None:
        self._environment, self._makers = environment, makers or ClientMakers()
        self._lock = Lock()
        self._connections: Connections | None = None
        secrets = secrets or open_secrets(environment)
        self._pace, self._limits = pace or open_pace(environment), AccountLimits(environment)
        self._notion = KeptClients[NotionApi](secrets)
        self._speech = KeptClients[SpeechEngine](secrets)
        self._objects = KeptClients[ObjectStore](secrets)

    def __call__(self, tenant: str, settings: Settings) -> Vendors:
        """Returns the tenant's clients.

        Raises:
            ConfigurationError: there is no bucket or none that the tenant may use, no such engine, or no credential.
            RejectedError: the engine needs what is not installed.
            SandboxError: the sandbox can't be started.
            SecretUnavailableError: asking again may help.
            SecretRefusedError: it can't.
        """
        with self._lock:
            if self._connections is None:
                self._connections = connect(self._environment)
            at = self._connections
        return Vendors(
            notion=self._notion_of(at, tenant, settings.notion),
            speech=self._speech_of(at, tenant, settings.speech),
            objects=self._objects_of(at, tenant, settings.storage),
        )

    def _notion_of(self, at: Connections, tenant: str, settings: NotionSettings) -> NotionApi:
        def make(secrets: SecretProvider) -> NotionApi:
            limits = self._limits.notion(secrets, tenant, settings)
            its = replace(at, notion_paced=Paced(self._pace, limits))
            if self._environment.live:
                wanted = WantedSecret("notion.token_secret", settings.token_secret, "NOTION_TOKEN")
                its = replace(its, notion_token=wanted.get(secrets, tenant))
            return self._makers.notion(its, tenant)

        return self._notion.get((tenant, settings.token_secret, settings.requests_per_minute), make)

    def _speech_of(self, at: Connections, tenant: str, settings: SpeechSettings) -> SpeechEngine:
        def make(secrets: SecretProvider) -> SpeechEngine:
            address = at.speech.get(settings.engine)
            setup = EngineSetup(
                tenant=tenant,
                home=self._environment.home,
                live=self._environment.live,
                max_concurrent=settings.max_concurrent_requests,
                model=settings.model,
                base_url=address.base_url if address else None,
                endpoint=address.endpoint if address else None,
                secrets=secrets,
                api_key_secret=settings.api_key_secret,
                paced=Paced(self._pace, self._limits.speech(secrets, tenant, settings)),
            )
            return self._makers.speech(settings.engine, setup)

        key = (tenant, settings.engine, settings.model, settings.max_concurrent_requests, settings.api_key_secret)
        return self._speech.get(key, make)

    def _objects_of(self, at: Connections, tenant: str, storage: StorageSettings) -> ObjectStorage:
        bucket = storage.bucket or at.bucket
        if not bucket and storage.publishing == "notion":
            return NoBucket()
        if not bucket:
            raise ConfigurationError(
                f"There is no bucket for {tenant}. Set S3_BUCKET, or storage.bucket in the tenant's file."
            )
        check_storage(self._environment, tenant, storage, bucket)

        def make(secrets: SecretProvider) -> ObjectStore:
            its = with_storage(at, tenant, storage, secrets) if self._environment.live else at
            return ObjectStore(self._makers.s3(its), bucket, self._hidden(its))

        return self._objects.get((bucket, *own_access(tenant, storage)), make)

    def _hidden(self, at: Connections) -> list[str]:
        own = [secret.get_secret_value() for secret in (at.s3_key, at.s3_secret) if secret]
        return own + [self._environment.variables.get(name, "") for name in AWS_CREDENTIALS]
