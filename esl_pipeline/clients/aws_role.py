"""Roles of AWS, taken on for a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.config import Config
from botocore.credentials import (
    AssumeRoleCredentialFetcher,
    CredentialProvider,
    CredentialResolver,
    DeferredRefreshableCredentials,
)
from botocore.session import Session as BotocoreSession
from botocore.session import get_session

from esl_pipeline.clients.aws_session import aws_session

if TYPE_CHECKING:
    import boto3

LONGEST_SESSION_NAME = 64
"""**Source**: AWS STS API Reference, AssumeRole, RoleSessionName, in botocore 1.44's service model, 2026-11-25."""
STS = Config(retries={"mode": "standard", "total_max_attempts": 4}, connect_timeout=10, read_timeout=30)


@dataclass(frozen=True)
class AwsRole:
    """A role that a tenant names.

    Attributes:
        arn: the role's.
        tenant: tells AWS for whom it is taken on, as the external id ``esl:<tenant>``: a role whose trust policy asks
            for that can't be taken on for another tenant.
    """

    arn: str
    tenant: str

    def session(self, source: boto3.session.Session) -> boto3.session.Session:
        """Returns a session with the role's rights; AWS is asked when they are first needed and before they end."""
        made = get_session()
        made.register_component("credential_provider", CredentialResolver([_Role(self, source)]))
        return aws_session(core=made, region=source.region_name)


class _Role(CredentialProvider):  # type: ignore[misc,unused-ignore]
    """Gives a role's credentials."""

    METHOD = CANONICAL_NAME = "esl-role"

    def __init__(self, role: AwsRole, source: boto3.session.Session) -> None:
        super().__init__()
        self._role, self._source = role, source

    def load(self) -> DeferredRefreshableCredentials:
        """Returns credentials that fetch themselves."""
        inner: BotocoreSession = self._source._session
        fetcher = AssumeRoleCredentialFetcher(
            inner.create_client,
            inner.get_credentials(),
            self._role.arn,
            extra_args={
                "ExternalId": f"esl:{self._role.tenant}",
                "RoleSessionName": f"esl-{self._role.tenant}"[:LONGEST_SESSION_NAME],
            },
        )
        return DeferredRefreshableCredentials(fetcher.fetch_credentials, self.METHOD)
