"""Where the vendors are, and with which credentials they are asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from pydantic import SecretStr

from esl_pipeline.clients.aws_role import AwsRole
from esl_pipeline.clients.pace import Paced
from esl_pipeline.manifests.settings import StorageSettings
from esl_pipeline.sandbox.launcher import join_or_start
from esl_pipeline.stages.environment import ConfigurationError, Environment
from esl_pipeline.stages.wanted_secret import WantedSecret
from esl_pipeline.stores.secrets import SecretProvider

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
        notion_token: of the tenant that a client is made for.
        notion_paced: keeps Notion's limits; nobody does where None.
        speech: addresses by engine; an engine without one knows its own.
        s3_key: access key, of the tenant or the sandbox.
        s3_role: taken on with these keys.
    """

    notion_url: str
    speech: Mapping[str, SpeechAddress]
    bucket: str | None
    notion_token: SecretStr = SecretStr("")  # noqa: RUF009 it is immutable
    notion_paced: Paced | None = None
    s3_url: str | None = None
    s3_key: SecretStr | None = None
    s3_secret: SecretStr | None = None
    s3_region: str | None = None
    s3_role: AwsRole | None = None

    @property
    def own_s3(self) -> bool:
        """Tells whether S3 is reached otherwise than boto3 would by itself."""
        return any((self.s3_url, self.s3_key, self.s3_region, self.s3_role))


def connect(environment: Environment) -> Connections:
    """Finds the vendors; without credentials joins the sandbox, or starts it.

    Raises:
        SandboxError: the sandbox can't be started.
    """
    if environment.live:
        return Connections(
            notion_url=environment.notion_base_url or NOTION_URL,
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
        s3_key=SecretStr("sandbox"),
        s3_secret=SecretStr("sandbox"),
    )


def _speech_urls(environment: Environment) -> dict[str, str]:
    urls = {"elevenlabs": environment.elevenlabs_base_url, "openai": environment.openai_base_url}
    return {name: url for name, url in urls.items() if url}


def own_access(tenant: str, storage: StorageSettings) -> tuple[str | None, ...]:
    """Returns what tells a tenant's access to S3 from others'; nothing where it is that of the installation."""
    own = (
        storage.endpoint_url,
        storage.region,
        storage.role_arn,
        storage.access_key_secret,
        storage.secret_key_secret,
    )
    return (tenant, *own) if any(own) else ()


def with_storage(at: Connections, tenant: str, storage: StorageSettings, secrets: SecretProvider) -> Connections:
    """Returns the connections with a tenant's own access to S3.

    Raises:
        ConfigurationError: a key is missing, or an address is given without keys: it never gets the installation's.
        SecretUnavailableError: asking again may help.
        SecretRefusedError: it can't.
    """
    names = {
        "storage.access_key_secret": storage.access_key_secret,
        "storage.secret_key_secret": storage.secret_key_secret,
    }
    missing = [setting for setting, name in names.items() if not name]
    if len(missing) == 1 or (missing and storage.endpoint_url and not storage.role_arn):
        why = "storage.endpoint_url is set" if len(missing) == 2 else "the other key is"
        raise ConfigurationError(f"{tenant} lacks {' and '.join(missing)}, although {why}. Name the tenant's own keys.")
    key, secret = (WantedSecret(s, n).get(secrets, tenant) if n else None for s, n in names.items())
    return replace(
        at,
        s3_url=storage.endpoint_url,
        s3_key=key,
        s3_secret=secret,
        s3_region=storage.region,
        s3_role=AwsRole(storage.role_arn, tenant) if storage.role_arn else None,
    )
