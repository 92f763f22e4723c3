"""The clients of real vendors or of the sandbox, made when they are first needed and kept per tenant."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING

from pydantic import SecretStr

from esl_pipeline.clients import ElevenLabsClient, NotionClient, ObjectStore, s3_client
from esl_pipeline.manifests.settings import Settings
from esl_pipeline.sandbox.launcher import join_or_start
from esl_pipeline.speech import SpeechEngine
from esl_pipeline.stages.environment import ConfigurationError, Environment
from esl_pipeline.stages.notion_api import NotionApi
from esl_pipeline.stages.vendors import Vendors

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

NOTION_URL = "https://api.notion.com"
ELEVENLABS_URL = "https://api.elevenlabs.io"
SANDBOX_ENDPOINT = "sandbox"
"""Stands for the sandbox in a segment's hash, whatever port it listens on."""


@dataclass(frozen=True)
class Connections:
    """Where the vendors are, and with which credentials; None in ``s3`` fields leaves them to boto3's own chain."""

    notion_url: str
    notion_token: SecretStr
    elevenlabs_url: str
    elevenlabs_api_key: SecretStr
    bucket: str | None
    speech_endpoint: str
    s3_url: str | None = None
    s3_key: str | None = None
    s3_secret: str | None = field(default=None, repr=False)


def connect(environment: Environment) -> Connections:
    """Finds the vendors; without credentials joins the sandbox, or starts it.

    Raises:
        SandboxError: the sandbox can't be started.
    """
    if environment.live:
        elevenlabs_url = environment.elevenlabs_base_url or ELEVENLABS_URL
        return Connections(
            notion_url=environment.notion_base_url or NOTION_URL,
            notion_token=environment.notion_token,
            elevenlabs_url=elevenlabs_url,
            elevenlabs_api_key=environment.elevenlabs_api_key,
            bucket=environment.s3_bucket,
            speech_endpoint=elevenlabs_url,
        )
    at = join_or_start(environment.home, environment.sandbox_port)
    return Connections(
        notion_url=environment.notion_base_url or at.notion_url,
        notion_token=SecretStr("ntn_sandbox"),
        elevenlabs_url=environment.elevenlabs_base_url or at.elevenlabs_url,
        elevenlabs_api_key=SecretStr("sandbox"),
        bucket=at.bucket,
        speech_endpoint=environment.elevenlabs_base_url or SANDBOX_ENDPOINT,
        s3_url=at.s3_url,
        s3_key="sandbox",
        s3_secret="sandbox",  # noqa: S106 the sandbox takes any
    )


def make_notion(at: Connections, tenant: str) -> NotionApi:
    """Makes a tenant's Notion client."""
    return NotionClient(at.notion_token.get_secret_value(), at.notion_url, tenant=tenant)


def make_speech(at: Connections, tenant: str, max_concurrent: int) -> SpeechEngine:
    """Makes a tenant's ElevenLabs client, which has so many requests under way at most."""
    key = at.elevenlabs_api_key.get_secret_value()
    return ElevenLabsClient(
        key, at.elevenlabs_url, endpoint=at.speech_endpoint, tenant=tenant, max_concurrent=max_concurrent
    )


def make_s3(at: Connections) -> S3Client:
    """Makes the S3 client."""
    return s3_client(at.s3_url, key=at.s3_key, secret=at.s3_secret)


@dataclass(frozen=True)
class ClientMakers:
    """How the clients are made, for a host that has ways of its own."""

    notion: Callable[[Connections, str], NotionApi] = make_notion
    speech: Callable[[Connections, str, int], SpeechEngine] = make_speech
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
        self._made: dict[tuple[str, str | None], Vendors] = {}

    def __call__(self, tenant: str, settings: Settings) -> Vendors:
        """Returns the tenant's clients.

        Raises:
            ConfigurationError: there is no bucket.
            SandboxError: the sandbox can't be started.
        """
        key = (tenant, settings.storage.bucket)
        with self._lock:
            if self._connections is None:
                self._connections = connect(self._environment)
            if key not in self._made:
                self._made[key] = self._make(self._connections, tenant, settings)
            return self._made[key]

    def _make(self, at: Connections, tenant: str, settings: Settings) -> Vendors:
        bucket = settings.storage.bucket or at.bucket
        if not bucket:
            raise ConfigurationError("There is no bucket. Set S3_BUCKET, or storage.bucket in the tenant's file.")
        return Vendors(
            self._makers.notion(at, tenant),
            self._makers.speech(at, tenant, settings.speech.max_concurrent_requests),
            ObjectStore(self._makers.s3(at), bucket),
        )
