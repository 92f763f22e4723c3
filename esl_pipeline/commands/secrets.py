"""``esl secrets``: the secrets that are kept as encrypted rows in Postgres."""

from __future__ import annotations

import sys

from cryptography.fernet import Fernet
from pydantic import SecretStr

from esl_pipeline.commands.output import DONE, REJECTED, Output
from esl_pipeline.manifests import check_slug
from esl_pipeline.stages.environment import read_environment
from esl_pipeline.stages.job_record import Answer
from esl_pipeline.stages.secret_places import open_secret_rows
from esl_pipeline.stores.secrets import check_secret_name
from esl_pipeline.stores.secrets_postgres import PostgresSecrets

INSTALLATION = "-"
"""In the place of a tenant."""


class SecretAnswer(Answer):
    """A secret, without its value; the tenant is null for one of the installation."""

    tenant: str | None
    name: str


class SecretsAnswer(Answer):
    """What ``esl secrets --json`` says."""

    secrets: tuple[SecretAnswer, ...]


class CountAnswer(Answer):
    """How many secrets a command changed."""

    changed: int


def set_secret(tenant: str, name: str, value: str, *, output: Output) -> int:
    """Writes a secret, in the place of an older one."""
    owner, text = _owner(tenant), value.rstrip("\r\n")
    check_secret_name(name)
    if not text:
        output.failure("There is no secret on stdin.")
        return REJECTED
    _rows().put(owner, name, SecretStr(text))
    output.people.print(f"{name} of {owner or 'the installation'} is set. Runs under way see it within five minutes.")
    output.answer(CountAnswer(changed=1))
    return DONE


def delete_secret(tenant: str, name: str, *, output: Output) -> int:
    """Removes a secret."""
    owner = _owner(tenant)
    found = _rows().delete(owner, check_secret_name(name))
    whose = f"{name} of {owner or 'the installation'}"
    output.people.print(f"{whose} is removed." if found else f"There is no {whose}.")
    output.answer(CountAnswer(changed=found))
    return DONE if found else REJECTED


def list_secrets(*, output: Output) -> int:
    """Says which secrets there are."""
    found = tuple(SecretAnswer(tenant=owner, name=name) for owner, name in _rows().names())
    for secret in found:
        output.people.print(f"{secret.tenant or INSTALLATION} {secret.name}")
    output.answer(SecretsAnswer(secrets=found))
    return DONE


def rotate(*, output: Output) -> int:
    """Encrypts all secrets with the newest key."""
    count = _rows().rotate()
    output.people.print(f"{count} secrets are encrypted with the first key of ESL_SECRETS_KEYS; the others may go.")
    output.answer(CountAnswer(changed=count))
    return DONE


def new_key() -> int:
    """Writes a new key to stdout."""
    sys.stdout.write(f"{Fernet.generate_key().decode()}\n")
    return DONE


def _owner(tenant: str) -> str | None:
    return None if tenant == INSTALLATION else check_slug(tenant, "tenant")


def _rows() -> PostgresSecrets:
    return open_secret_rows(read_environment())
