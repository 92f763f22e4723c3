"""Secrets in AWS Secrets Manager, or in the Parameter Store of AWS Systems Manager."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

import boto3
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    CredentialRetrievalError,
    NoCredentialsError,
    NoRegionError,
    ParamValidationError,
    PartialCredentialsError,
)
from pydantic import SecretStr

from esl_pipeline.stores.secrets import SecretRefusedError, SecretUnavailableError

if TYPE_CHECKING:
    from botocore.client import BaseClient

Service = Literal["secretsmanager", "ssm"]
ABSENT = frozenset({"ResourceNotFoundException", "ParameterNotFound"})
BUSY = frozenset(
    {
        "ThrottlingException",
        "TooManyRequestsException",
        "LimitExceededException",
        "RequestTimeout",
        "InternalServerError",
    }
)
"""**Source**: Secrets Manager API Reference, GetSecretValue; Systems Manager API Reference, GetParameter; Common Errors
of both; read in botocore 1.44's service models, 2026-11-25."""
SET_UP = (
    CredentialRetrievalError,
    NoCredentialsError,
    NoRegionError,
    ParamValidationError,
    PartialCredentialsError,
)
RIGHTS: dict[Service, str] = {"secretsmanager": "secretsmanager:GetSecretValue", "ssm": "ssm:GetParameter"}
TITLES: dict[Service, str] = {"secretsmanager": "AWS Secrets Manager", "ssm": "AWS Parameter Store"}


class AwsSecrets:
    """The installation's secrets as ``<prefix>/<NAME>``, a tenant's as ``<prefix>/<tenant>/<NAME>``.

    Args:
        service: which of the two.
        prefix: put before every name, without a slash at its end; one of the Parameter Store begins with a slash.
    """

    def __init__(self, service: Service, prefix: str) -> None:
        self._service, self._prefix = service, prefix
        self._client = cache(self._make_client)

    def read(self, owner: str | None, name: str) -> SecretStr | None:
        """Returns a secret, None where there is none."""
        wanted = self._id(owner, name)
        failure = None
        try:
            return self._ask(wanted)
        except ClientError as error:
            failure = self._refusal(wanted, error)
        except SET_UP as error:
            failure = SecretRefusedError(
                f"{TITLES[self._service]} can't be asked: {type(error).__name__}. Check AWS_REGION and the credentials."
            )
        except BotoCoreError as error:
            failure = SecretUnavailableError(f"{TITLES[self._service]} is out of reach: {type(error).__name__}.")
        if failure is None:
            return None
        # Outside of the handler: a request hangs on the exceptions of the library.
        raise failure

    def place(self, owner: str | None, name: str) -> str:
        """Names the secret or parameter."""
        return f"{self._id(owner, name)} in {TITLES[self._service]}"

    def forget(self, owner: str) -> None:
        """Does nothing: nothing is remembered here."""

    def _id(self, owner: str | None, name: str) -> str:
        return "/".join(part for part in (self._prefix, owner, name) if part)

    def _ask(self, wanted: str) -> SecretStr | None:
        client: Any = self._client()
        if self._service == "ssm":
            value = client.get_parameter(Name=wanted, WithDecryption=True)["Parameter"]["Value"]
        else:
            value = client.get_secret_value(SecretId=wanted).get("SecretString")
            if value is None:
                raise SecretRefusedError(f"{wanted} in {TITLES[self._service]} is binary; store it as text.")
        return SecretStr(value) if value else None

    def _refusal(self, wanted: str, error: ClientError) -> SecretRefusedError | SecretUnavailableError | None:
        code = str(error.response.get("Error", {}).get("Code") or "no code")
        status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") or 0)
        if code in ABSENT:
            return None
        if code in BUSY or status >= 500:
            return SecretUnavailableError(f"{TITLES[self._service]} did not give {wanted}: {code}.")
        fix = f"Allow {RIGHTS[self._service]} on {self._prefix}/* to the credentials that are used."
        return SecretRefusedError(f"{TITLES[self._service]} did not give {wanted}: {code}. {fix}")

    def _make_client(self) -> BaseClient:
        config = Config(retries={"mode": "standard", "total_max_attempts": 3}, connect_timeout=5, read_timeout=10)
        make: Callable[..., BaseClient] = boto3.session.Session().client
        return make(self._service, config=config)
