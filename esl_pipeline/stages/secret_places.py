"""Opens the place of the secrets, as the environment names it."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from esl_pipeline.stages.environment import ConfigurationError, Environment
from esl_pipeline.stores.addresses import AddressError, engine_of
from esl_pipeline.stores.secrets import SecretProvider, SecretSource, TenantSecrets
from esl_pipeline.stores.secrets_cached import CachedSecrets
from esl_pipeline.stores.secrets_environment import EnvironmentSecrets
from esl_pipeline.stores.secrets_files import FileSecrets

if TYPE_CHECKING:
    import sqlalchemy as sa

    from esl_pipeline.stores.secrets_postgres import PostgresSecrets

FORMS = (
    "env, files:/run/secrets, aws-secrets-manager:esl, aws-ssm:/esl, postgres (the database of ESL_STATE) or "
    "postgresql://user@host/database"
)
_AWS_PREFIX = re.compile(r"[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*", re.ASCII)


def open_secrets(environment: Environment) -> SecretProvider:
    """Returns what gives the vendors' credentials, none in the sandbox; nobody is asked yet.

    Variables and files are read as they are at the time; what has to be asked over the network is kept for a while.

    Raises:
        ConfigurationError: the address is none.
        SecretRefusedError: a key for the secrets in Postgres is missing or none.
    """
    return TenantSecrets(_source(environment) if environment.live else EnvironmentSecrets({}))


def _source(environment: Environment) -> SecretSource:
    kind, _, where = environment.secrets_address.partition(":")
    match kind:
        case "env" if not where:
            return EnvironmentSecrets(environment.variables)
        case "files" if where.startswith("/"):
            return FileSecrets(Path(where))
        case "aws-secrets-manager" if _AWS_PREFIX.fullmatch(where):
            return CachedSecrets(_in_aws("secretsmanager", where))
        case "aws-ssm" if where.startswith("/") and _AWS_PREFIX.fullmatch(where[1:]):
            return CachedSecrets(_in_aws("ssm", where))
        case _:
            return CachedSecrets(open_secret_rows(environment))


def _in_aws(service: Literal["secretsmanager", "ssm"], where: str) -> SecretSource:
    from esl_pipeline.stores.secrets_aws import AwsSecrets

    return AwsSecrets(service, where)


def open_secret_rows(environment: Environment) -> PostgresSecrets:
    """Returns the secrets in Postgres, which alone can be written from here.

    Raises:
        ConfigurationError: ESL_SECRETS names another place.
        SecretRefusedError: a key is missing or none.
    """
    name, address = "ESL_SECRETS", environment.secrets_address
    if address == "postgres":
        name, address = "ESL_STATE", environment.state_address
        if not address.startswith("postgresql"):
            raise ConfigurationError("ESL_SECRETS is postgres, but ESL_STATE is no postgresql:// address. Give one.")
    engine: sa.Engine | None = None
    with suppress(AddressError):
        engine = engine_of(address)
    if engine is None:
        # Not in a handler, and without the address: it may hold a password.
        forms = FORMS if name == "ESL_SECRETS" else "postgresql://user@host/database"
        raise ConfigurationError(f"{name} is no place of secrets that is known here: give {forms}.")
    from esl_pipeline.stores.secrets_postgres import PostgresSecrets

    return PostgresSecrets(engine, environment.secrets_keys)
