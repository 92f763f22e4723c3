"""The vendors as Dagster resources; credentials come from the environment, never from a run's configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING

import dagster as dg
from pydantic import Field

from esl_pipeline.defs.s3_resource import S3Resource

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

    from esl_pipeline.stages.connections import Connections
    from esl_pipeline.stages.notion_api import NotionApi

ADDRESS = "Another address of the API. Empty: that of the environment, else the vendor's own or the sandbox's."


class NotionResource(dg.ConfigurableResource):  # type: ignore[type-arg]
    """Notion's API, version 2026-03-11."""

    base_url: str = Field(default="", description=ADDRESS)

    def client(self, at: Connections, tenant: str) -> NotionApi:
        """Makes a tenant's client."""
        from esl_pipeline.defs.at_work import make_notion

        return make_notion(at, tenant)


class ElevenLabsResource(dg.ConfigurableResource):  # type: ignore[type-arg]
    """ElevenLabs' API. Its address is a part of every segment's hash."""

    base_url: str = Field(default="", description=ADDRESS)


class OpenAiResource(dg.ConfigurableResource):  # type: ignore[type-arg]
    """OpenAI's speech, or that of a server that speaks as it does. Its address is a part of every segment's hash."""

    base_url: str = Field(default="", description=ADDRESS)


def s3_client_of(s3: S3Resource, at: Connections) -> S3Client:
    """Makes the S3 client of the resource, unless the tenant or the sandbox has an access of its own."""
    from esl_pipeline.defs.at_work import make_s3

    return make_s3(at) if at.own_s3 else s3.get_client()
