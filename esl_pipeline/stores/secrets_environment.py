"""Secrets in environment variables."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import SecretStr

PREFIX = "ESL_TENANT_"
"""Variables that begin so are a tenant's."""


class EnvironmentSecrets:
    """The installation's secrets under their own names, a tenant's as ``ESL_TENANT_<TENANT>__<NAME>``.

    Args:
        variables: those of the process and of its ``.env`` file.
    """

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables = variables

    def read(self, owner: str | None, name: str) -> SecretStr | None:
        """Returns a secret, None where its variable is not set or empty."""
        value = self._variables.get(variable_of(owner, name), "").strip()
        return SecretStr(value) if value else None

    def place(self, owner: str | None, name: str) -> str:
        """Names the variable."""
        return variable_of(owner, name)

    def forget(self, owner: str) -> None:
        """Does nothing: variables are not remembered but there."""


def variable_of(owner: str | None, name: str) -> str:
    """Returns the variable of a secret; no two secrets of tenants have the same one.

    The name has no double underscore and begins with a letter, so the last double underscore of a variable divides it.
    """
    return name if owner is None else f"{PREFIX}{owner.upper().replace('-', '_')}__{name}"
