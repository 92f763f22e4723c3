"""Secrets by name; settings hold the names, never the values."""

from __future__ import annotations

import re
from typing import Protocol

from pydantic import SecretStr

from esl_pipeline.slugs import check_slug

SECRET_NAME = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*", re.ASCII)
"""No two underscores in a row: those divide a tenant from a name in environment variables."""
LONGEST_NAME = 64


class SecretUnavailableError(Exception):
    """The place of the secrets is out of reach; asking again may help. The message never holds a secret."""


class SecretRefusedError(Exception):
    """The place of the secrets refuses, or what it holds can't be read; asking again can't help."""


class SecretSource(Protocol):
    """Where secrets lie, each with its owner."""

    def read(self, owner: str | None, name: str) -> SecretStr | None:
        """Returns a secret, None where there is none or it is empty.

        Args:
            owner: a tenant's checked slug; None for the installation itself.
            name: a checked name.

        Raises:
            SecretUnavailableError: asking again may help.
            SecretRefusedError: it can't.
        """

    def place(self, owner: str | None, name: str) -> str:
        """Says where somebody would put a secret, to be read after "Set"."""

    def forget(self, owner: str) -> None:
        """Drops what is remembered of a tenant's secrets and of the installation's."""


class SecretProvider(Protocol):
    """Gives secrets. A tenant sees its own and, for what it has not, the installation's; never another tenant's."""

    def get(self, tenant: str, name: str, *, shared: bool) -> SecretStr | None:
        """Returns a secret, None where there is none of this name.

        Args:
            tenant: a checked slug.
            name: capital letters, digits and single underscores, such as ``NOTION_TOKEN``.
            shared: whether the installation's secret may stand in for the tenant's. True only where the program
                chose the name: else a tenant's settings could send any of them anywhere.

        Raises:
            SecretUnavailableError: asking again may help.
            SecretRefusedError: it can't.
        """

    def places(self, tenant: str, name: str, *, shared: bool) -> str:
        """Says where somebody would put the secret, to be read after "Set"."""

    def forget(self, tenant: str) -> None:
        """Drops what is remembered for a tenant, because a vendor refused it."""


class TenantSecrets:
    """Keeps the tenants apart, whatever the source.

    Args:
        source: where the secrets lie.
    """

    def __init__(self, source: SecretSource) -> None:
        self._source = source

    def get(self, tenant: str, name: str, *, shared: bool) -> SecretStr | None:
        """Returns the tenant's secret, else the installation's where that is allowed."""
        check_slug(tenant, "tenant")
        check_secret_name(name)
        found = self._source.read(tenant, name)
        return self._source.read(None, name) if found is None and shared else found

    def places(self, tenant: str, name: str, *, shared: bool) -> str:
        """Says where somebody would put the secret."""
        own = self._source.place(tenant, name)
        return f"{own} or {self._source.place(None, name)}" if shared else own

    def forget(self, tenant: str) -> None:
        """Drops what is remembered for a tenant."""
        self._source.forget(tenant)


def check_secret_name(name: str) -> str:
    """Returns the name of a secret if it is one.

    Raises:
        SecretRefusedError: it is none.
    """
    if len(name) <= LONGEST_NAME and SECRET_NAME.fullmatch(name):
        return name
    raise SecretRefusedError(
        f"{name[:LONGEST_NAME]!r} can't be the name of a secret: use at most {LONGEST_NAME} capital letters, digits "
        "and single underscores, such as NOTION_TOKEN."
    )
