"""Opens the place of the tenants' settings, as the environment names it."""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit

from esl_pipeline.clients import s3_client
from esl_pipeline.clients.wire import is_loopback
from esl_pipeline.stages.config_http import HttpConfig
from esl_pipeline.stages.environment import ConfigurationError, Environment
from esl_pipeline.stores.config import ConfigProvider
from esl_pipeline.stores.config_cached import CachedConfig
from esl_pipeline.stores.config_folder import FolderConfig
from esl_pipeline.stores.config_postgres import PostgresConfig
from esl_pipeline.stores.config_s3 import S3Config
from esl_pipeline.stores.state import StateAddressError, engine_of

FORMS = "a folder, s3://bucket/prefix, https://host/path or postgresql://user@host/database"


def open_config(environment: Environment) -> ConfigProvider:
    """Returns what gives the tenants' settings; nobody is asked yet.

    Files are read as they are at the time; what has to be asked over the network is kept for a while.

    Raises:
        ConfigurationError: the address is none, or lacks its token.
    """
    if not environment.tenants_address:
        return FolderConfig(environment.tenants)
    try:
        address = urlsplit(environment.tenants_address)
    except ValueError:
        raise _no_address() from None
    match address.scheme:
        case "s3" if address.netloc:
            return CachedConfig(_s3(address))
        case "http" | "https" if address.hostname:
            return CachedConfig(_http(address, environment))
        case "postgresql" | "postgresql+psycopg2":
            return CachedConfig(_postgres(environment.tenants_address))
        case _:
            raise _no_address()


def _s3(address: SplitResult) -> S3Config:
    prefix = address.path.strip("/")
    return S3Config(s3_client(), address.netloc, f"{prefix}/" if prefix else "")


def _http(address: SplitResult, environment: Environment) -> HttpConfig:
    url = address.geturl()
    if address.username or address.password or address.query or address.fragment:
        raise ConfigurationError("ESL_TENANTS has a user, ? or # in it. Give the token in ESL_TENANTS_TOKEN.")
    if address.scheme == "http" and not is_loopback(url):
        raise ConfigurationError("ESL_TENANTS begins with http://, which would show the token to others. Use https://.")
    if not environment.tenants_token.get_secret_value():
        raise ConfigurationError("ESL_TENANTS is an HTTP address; set its bearer token in ESL_TENANTS_TOKEN.")
    return HttpConfig(url, environment.tenants_token)


def _postgres(address: str) -> PostgresConfig:
    try:
        return PostgresConfig(engine_of(address))
    except StateAddressError:
        raise _no_address() from None


def _no_address() -> ConfigurationError:
    """Says what an address looks like, but not the given one, which may hold a password."""
    return ConfigurationError(f"ESL_TENANTS is no address that is known: give {FORMS}.")
