"""Secrets by name; settings hold the names, never the values."""

from __future__ import annotations

from typing import Protocol

from pydantic import SecretStr


class SecretUnavailableError(Exception):
    """The place of the secrets is out of reach; asking again may help. The message never holds a secret."""


class SecretProvider(Protocol):
    """Gives secrets. A tenant sees its own and, for what it has not, the installation's; never another tenant's."""

    def get(self, tenant: str, name: str) -> SecretStr | None:
        """Returns a secret, None where neither the tenant nor the installation has one of this name.

        Args:
            tenant: a checked slug.
            name: capital letters, digits and underscores, such as ``NOTION_TOKEN``.

        Raises:
            SecretUnavailableError: asking again may help.
        """
