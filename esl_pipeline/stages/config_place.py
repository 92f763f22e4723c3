"""Opens the place of the tenants' settings, as the environment names it."""

from __future__ import annotations

from contextlib import suppress
from urllib.parse import SplitResult, urlsplit

from esl_pipeline.clients import s3_client
from esl_pipeline.clients.wire import is_loopback
from esl_pipeline.stages.config_http import HttpConfig
from esl_pipeline.stages.environment import ConfigurationError, Environment
from esl_pipeline.stores.addresses import AddressError, bucket_of, engine_of
from esl_pipeline.stores.config import ConfigProvider
from esl_pipeline.stores.config_cached import CachedConfig
from esl_pipeline.stores.config_folder import FolderConfig

FORMS = "a folder, s3://bucket/prefix without . or .. in it, https://host/path or postgresql://user@host/database"


def open_config(environment: Environment) -> ConfigProvider:
    """Returns what gives the tenants' settings; nobody is asked yet.

    Files are read as they are at the time; what has to be asked over the network is kept for a while.

    Raises:
        ConfigurationError: the address is none, or lacks its token.
    """
    if not environment.tenants_address:
        return FolderConfig(environment.tenants)
    provider: ConfigProvider | None = None
    with suppress(AddressError):
        provider = _asked(environment.tenants_address, environment)
    if provider is None:
        # Not in a handler, and without the address: it may hold a password.
        raise ConfigurationError(f"ESL_TENANTS is no address that is known: give {FORMS}.")
    return CachedConfig(provider)


def _asked(address: str, environment: Environment) -> ConfigProvider:
    if address.startswith("s3://"):
        from esl_pipeline.stores.config_s3 import S3Config

        bucket, path = bucket_of(address)
        return S3Config(s3_client(), bucket, f"{path}/" if path else "")
    if address.startswith(("http://", "https://")):
        return _http(_split(address), environment)
    from esl_pipeline.stores.config_postgres import PostgresConfig

    return PostgresConfig(engine_of(address))


def _split(address: str) -> SplitResult:
    with suppress(ValueError):
        found = urlsplit(address)
        if found.hostname and found.port != 0:  # a port that is no number is a ValueError
            return found
    raise AddressError


def _http(address: SplitResult, environment: Environment) -> HttpConfig:
    url = address.geturl()
    if address.username or address.password or address.query or address.fragment:
        raise ConfigurationError("ESL_TENANTS has a user, ? or # in it. Give the token in ESL_TENANTS_TOKEN.")
    if address.scheme == "http" and not is_loopback(url):
        raise ConfigurationError("ESL_TENANTS begins with http://, which would show the token to others. Use https://.")
    if not environment.tenants_token.get_secret_value():
        raise ConfigurationError("ESL_TENANTS is an HTTP address; set its bearer token in ESL_TENANTS_TOKEN.")
    return HttpConfig(url, environment.tenants_token)
