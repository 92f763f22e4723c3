"""What a tenant's settings of storage must not lead to: addresses inside the network, the installation's own places."""

from __future__ import annotations

import re
import socket
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any
from urllib.parse import urlsplit

from esl_pipeline.manifests.settings import StorageSettings
from esl_pipeline.stages.environment import ConfigurationError, Environment
from esl_pipeline.stages.upload_audio import folder_of_assignment
from esl_pipeline.stores.addresses import AddressError, bucket_of

IpAddress = IPv4Address | IPv6Address
LookUp = Callable[..., list[Any]]
ALLOW_LOCAL = "ESL_ALLOW_LOCAL_ENDPOINTS"
_NEVER = tuple(
    ip_network(text)
    for text in ("0.0.0.0/8", "169.254.0.0/16", "::/128", "fe80::/10", "fd00:ec2::/32", "64:ff9b::/96", "2002::/16")
)
"""Clouds' metadata, this very machine, and IPv6 addresses that stand for one of IPv4."""


def check_storage(environment: Environment, tenant: str, storage: StorageSettings, bucket: str) -> None:
    """Refuses what no tenant may name; in the sandbox nothing is sent to where the settings say.

    Raises:
        ConfigurationError: the address is inside the network, or the installation's credentials would write into one
            of its own places.
    """
    if not environment.live:
        return
    if storage.endpoint_url and (found := literal_of(storage.endpoint_url)):
        if is_forbidden(found):
            raise ConfigurationError(f"{tenant}: no storage.endpoint_url may name {found}. Give the store's address.")
        if is_inside(found) and environment.variables.get(ALLOW_LOCAL) != "1":
            raise ConfigurationError(
                f"{tenant}: storage.endpoint_url names {found}, which is inside the network. Set {ALLOW_LOCAL}=1 if "
                "tenants may have stores there."
            )
    if not (storage.access_key_secret or storage.role_arn):
        _check_bucket(environment, bucket, f"{folder_of_assignment(storage.prefix, tenant)}/")


def _check_bucket(environment: Environment, bucket: str, folder: str) -> None:
    for variable, named, path in _own_places(environment):
        if re.fullmatch(named, bucket) and (folder.startswith(path) or path.startswith(folder)):
            raise ConfigurationError(
                f"The sound would be put below {folder} of the bucket {bucket}, where {variable} keeps what is the "
                f"installation's own ({path or 'the whole bucket'}). Choose another storage.bucket or storage.prefix."
            )


def _own_places(environment: Environment) -> Iterator[tuple[str, str, str]]:
    """Yields the variable, a pattern of the bucket's name, and the prefix, of the installation's places in S3."""
    addresses = {
        "ESL_STATE": environment.state_address,
        "ESL_ARTIFACTS": environment.artifacts_address,
        "ESL_TENANTS": environment.tenants_address,
        "ESL_INBOX": environment.inbox_address,
    }
    for variable, address in addresses.items():
        with suppress(AddressError):
            bucket, path = bucket_of(address.replace("{tenant}", "--TENANT--"))
            yield variable, re.escape(bucket).replace(re.escape("--TENANT--"), "[a-z0-9-]+"), f"{path}/" if path else ""


def literal_of(url: str) -> IpAddress | None:
    """Returns the address that a URL's host is, however it is written; None where it is a name.

    Raises:
        ConfigurationError: the URL is none.
    """
    try:
        host = unicodedata.normalize("NFKC", urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        raise ConfigurationError(
            "storage.endpoint_url is no address. Give one such as https://s3.example.com."
        ) from None
    if host == "localhost" or host.endswith(".localhost"):
        return IPv4Address("127.0.0.1")
    with suppress(ValueError):
        return ip_address(host)
    with suppress(OSError, UnicodeError):
        return IPv4Address(socket.inet_aton(host))  # such as 127.1 and 0x7f000001
    return None


def is_forbidden(address: IpAddress) -> bool:
    """Tells whether nothing may ever be sent there on behalf of a tenant."""
    plain = getattr(address, "ipv4_mapped", None) or address
    return any(plain in network for network in _NEVER)


def is_inside(address: IpAddress) -> bool:
    """Tells whether the address is none of the public internet's."""
    plain = getattr(address, "ipv4_mapped", None) or address
    return is_forbidden(plain) or not plain.is_global or plain.is_multicast


def inside_by_name(url: str, look_up: LookUp = socket.getaddrinfo) -> tuple[IpAddress, ...]:
    """Returns the addresses inside the network that the name in a URL leads to now."""
    if literal_of(url):
        return ()
    with suppress(OSError, UnicodeError):
        found = {ip_address(entry[4][0]) for entry in look_up(urlsplit(url).hostname, None)}
        return tuple(sorted((one for one in found if is_inside(one)), key=str))
    return ()
