"""The places of tenants' settings, each as its operator fills it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import sqlalchemy as sa
from pydantic import SecretStr

from esl_pipeline.stages.config_http import HttpConfig
from esl_pipeline.stores.config import ConfigProvider
from esl_pipeline.stores.config_folder import FolderConfig
from esl_pipeline.stores.config_postgres import PostgresConfig
from esl_pipeline.stores.config_s3 import S3Config
from esl_pipeline_tests.settings_server import TOKEN, SettingsServer

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


class Place(Protocol):
    """A place, what reads it, and how it is filled."""

    @property
    def config(self) -> ConfigProvider:
        """What reads it."""

    def write(self, tenant: str, content: bytes, form: str = "yaml") -> None:
        """Puts a document there, whatever the name."""

    def remove(self, tenant: str) -> None:
        """Takes a YAML document away."""


@dataclass(frozen=True)
class FolderPlace:
    """Files."""

    folder: Path

    @property
    def config(self) -> ConfigProvider:
        return FolderConfig(self.folder)

    def write(self, tenant: str, content: bytes, form: str = "yaml") -> None:
        (self.folder / f"{tenant}.{form}").write_bytes(content)

    def remove(self, tenant: str) -> None:
        (self.folder / f"{tenant}.yaml").unlink()


@dataclass(frozen=True)
class S3Place:
    """Objects."""

    client: S3Client
    bucket: str
    prefix: str

    @property
    def config(self) -> ConfigProvider:
        return S3Config(self.client, self.bucket, self.prefix)

    def write(self, tenant: str, content: bytes, form: str = "yaml") -> None:
        self.client.put_object(Bucket=self.bucket, Key=f"{self.prefix}{tenant}.{form}", Body=content)

    def remove(self, tenant: str) -> None:
        self.client.delete_object(Bucket=self.bucket, Key=f"{self.prefix}{tenant}.yaml")


@dataclass(frozen=True)
class ServerPlace:
    """Documents of an HTTP server."""

    server: SettingsServer
    config: ConfigProvider

    def write(self, tenant: str, content: bytes, form: str = "yaml") -> None:
        self.server.documents[tenant] = content, "json" if form == "json" else "yaml"

    def remove(self, tenant: str) -> None:
        del self.server.documents[tenant]


@dataclass(frozen=True)
class TablePlace:
    """Rows."""

    engine: sa.Engine
    config: ConfigProvider

    def write(self, tenant: str, content: bytes, form: str = "yaml") -> None:
        row = {"tenant": tenant, "document": content.decode(), "form": "json" if form == "json" else "yaml"}
        statement = (
            "INSERT INTO esl.tenant_settings (tenant, document, form) VALUES (:tenant, :document, :form) "
            "ON CONFLICT (tenant) DO UPDATE SET document = excluded.document, form = excluded.form"
        )
        with self.engine.begin() as connection:
            connection.execute(sa.text(statement), row)

    def remove(self, tenant: str) -> None:
        with self.engine.begin() as connection:
            connection.execute(sa.text("DELETE FROM esl.tenant_settings WHERE tenant = :tenant"), {"tenant": tenant})


def server_place(server: SettingsServer) -> ServerPlace:
    """A place that keeps its connections, as a process does."""
    return ServerPlace(server, HttpConfig(server.url, SecretStr(TOKEN)))


def table_place(engine: sa.Engine) -> TablePlace:
    """A place in a database."""
    return TablePlace(engine, PostgresConfig(engine))
