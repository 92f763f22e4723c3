"""The clients of real vendors or of the sandbox, made when they are first needed and kept per tenant."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING

from pydantic import SecretStr

from esl_pipeline.clients import NotionClient, ObjectStore, s3_client
from esl_pipeline.manifests.settings import Settings, SpeechSettings
from esl_pipeline.sandbox.launcher import join_or_start
from esl_pipeline.speech import SpeechEngine
from esl_pipeline.stages.engines import EngineSetup, make_engine
from esl_pipeline.stages.environment import ConfigurationError, Environment
from esl_pipeline.stages.notion_api import NotionApi
from esl_pipeline.stages.vendors import Vendors

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

NOTION_URL = "https://api.notion.com"
SANDBOX_ENDPOINT = "sandbox"
"""Stands for the sandbox in a segment's hash, whatever port it listens on."""


@dataclass(frozen=True)
class SpeechAddress:
    """Where an engine's vendor is, and what stands for it in a segment's hash."""

    base_url: str
    endpoint: str


@dataclass(frozen=True)
class Connections:
    """Where the vendors are, and with which credentials; None in ``s3`` fields leaves them to boto3's own chain.

    Attributes:
        speech: addresses by engine; an engine without one knows its own.
    """

    notion_url: str
    notion_token: SecretStr
    speech: Mapping[str, SpeechAddress]
    bucket: str | None
    s3_url: str | None = None
    s3_key: str | None = None
    s3_secret: str | None = field(default=None, repr=False)


def connect(environment: Environment) -> Connections:
    """Finds the vendors; without credentials joins the sandbox, or starts it.

    Raises:
        SandboxError: the sandbox can't be started.
    """
    if environment.live:
        return Connections(
            notion_url=environment.notion_base_url or NOTION_URL,
            notion_token=environment.notion_token,
            speech={name: SpeechAddress(url, url) for name, url in _speech_urls(environment).items()},
            bucket=environment.s3_bucket,
        )
    at = join_or_start(environment.home, environment.sandbox_port)
    stand_ins = {"elevenlabs": at.elevenlabs_url, "openai": at.openai_url}
    others = {name: SpeechAddress(url, url) for name, url in _speech_urls(environment).items()}
    return Connections(
        notion_url=environment.notion_base_url or at.notion_url,
        notion_token=SecretStr("ntn_sandbox"),
        speech={name: SpeechAddress(url, SANDBOX_ENDPOINT) for name, url in stand_ins.items()} | others,
        bucket=at.bucket,
        s3_url=at.s3_url,
        s3_key="sandbox",
        s3_secret="sandbox",  # noqa: S106 the sandbox takes any
    )


def _speech_urls(environment: Environment) -> dict[str, str]:
    urls = {"elevenlabs": environment.elevenlabs_base_url, "openai": environment.openai_base_url}
    return {name: url for name, url in urls.items() if url}


def make_notion(at: Connections, tenant: str) -> NotionApi:
    """Makes a tenant's Notion client."""
    return NotionClient(at.notion_token.get_secret_value(), at.notion_url, tenant=tenant)


def make_s3(at: Connections) -> S3Client:
    """Makes the S3 client."""
    return s3_client(at.s3_url, key=at.s3_key, secret=at.s3_secret)


@dataclass(frozen=True)
class ClientMakers:
    """How the clients are made, for a host that has ways of its own; ``speech`` is given the engine's name."""

    notion: Callable[[Connections, str], NotionApi] = make_notion
    speech: Callable[[str, EngineSetup], SpeechEngine] = make_engine
    s3: Callable[[Connections], S3Client] = make_s3


class DefaultVendors:
    """Gives each tenant its clients; all tenants share the environment's credentials.

    Args:
        environment: decides between the real vendors and the sandbox.
        makers: how the clients are made.
    """

    def __init__(self, environment: Environment, makers: ClientMakers | None = None) -> None:
        self._environment, self._makers = environment, makers or ClientMakers()
        self._lock = Lock()
        self._connections: Connections | None = None
        self._notion: dict[str, NotionApi] = {}
        self._speech: dict[tuple[str, str, str | None, int], SpeechEngine] = {}
        self._objects: dict[str, ObjectStore] = {}

    def __call__(self, tenant: str, settings: Settings) -> Vendors:
        """Returns the tenant's clients.

        Raises:
            ConfigurationError: there is no bucket, no such engine, or no credential for it.
            RejectedError: the engine needs what is not installed.
            SandboxError: the sandbox can't be started.
        """
        with self._lock:
            if self._connections is None:
                self._connections = connect(self._environment)
            at = self._connections
            speech = self._speech_of(at, tenant, settings.speech)
            objects = self._objects_of(at, settings.storage.bucket or at.bucket)
            if tenant not in self._notion:
                self._notion[tenant] = self._makers.notion(at, tenant)
            return Vendors(self._notion[tenant], speech, objects)

    def _speech_of(self, at: Connections, tenant: str, settings: SpeechSettings) -> SpeechEngine:
        key = (tenant, settings.engine, settings.model, settings.max_concurrent_requests)
        if key not in self._speech:
            address = at.speech.get(settings.engine)
            setup = EngineSetup(
                tenant=tenant,
                home=self._environment.home,
                live=self._environment.live,
                max_concurrent=settings.max_concurrent_requests,
                model=settings.model,
                base_url=address.base_url if address else None,
                endpoint=address.endpoint if address else None,
                variables=self._environment.variables,
            )
            self._speech[key] = self._makers.speech(settings.engine, setup)
        return self._speech[key]

    def _objects_of(self, at: Connections, bucket: str | None) -> ObjectStore:
        if not bucket:
            raise ConfigurationError("There is no bucket. Set S3_BUCKET, or storage.bucket in the tenant's file.")
        if bucket not in self._objects:
            self._objects[bucket] = ObjectStore(self._makers.s3(at), bucket)
        return self._objects[bucket]
