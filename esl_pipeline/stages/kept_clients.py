"""Clients that are kept as long as the secrets they were made with stay the same."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from threading import Lock
from typing import Generic, TypeVar

from pydantic import SecretStr

from esl_pipeline.stores.secrets import SecretProvider

T = TypeVar("T")

MOST_KEPT = 256


class AskedSecrets:
    """Secrets, and which of them somebody asked for.

    Args:
        secrets: asked in turn.
    """

    def __init__(self, secrets: SecretProvider) -> None:
        self._secrets = secrets
        self._asked: dict[tuple[str, str, bool], SecretStr | None] = {}

    def get(self, tenant: str, name: str, *, shared: bool) -> SecretStr | None:
        """Returns a secret."""
        found = self._asked[tenant, name, shared] = self._secrets.get(tenant, name, shared=shared)
        return found

    def places(self, tenant: str, name: str, *, shared: bool) -> str:
        """Says where somebody would put a secret."""
        return self._secrets.places(tenant, name, shared=shared)

    def forget(self, tenant: str) -> None:
        """Drops what is remembered for a tenant."""
        self._secrets.forget(tenant)

    def are_unchanged(self) -> bool:
        """Tells whether everything that was asked for is still the same."""
        return all(
            self._secrets.get(tenant, name, shared=shared) == seen
            for (tenant, name, shared), seen in self._asked.items()
        )


@dataclass(frozen=True)
class _Kept(Generic[T]):
    client: T
    secrets: AskedSecrets


class KeptClients(Generic[T]):
    """Clients by what they were made for; may be used by several threads, which share one.

    Args:
        secrets: given to whoever makes a client.
        most: clients kept; the one that was used longest ago goes first.
    """

    def __init__(self, secrets: SecretProvider, most: int = MOST_KEPT) -> None:
        self._secrets, self._most = secrets, most
        self._lock = Lock()
        self._kept: OrderedDict[Hashable, _Kept[T]] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[SecretProvider], T]) -> T:
        """Returns the client of a key, made anew where it is missing or a secret has changed since."""
        with self._lock:
            before = self._kept.get(key)
            if before:
                self._kept.move_to_end(key)
        # Secrets are asked for outside of the lock, so that no tenant waits for another's.
        if before and before.secrets.are_unchanged():
            return before.client
        asked = AskedSecrets(self._secrets)
        made = _Kept(make(asked), asked)
        with self._lock:
            other = self._kept.get(key)
            if other and other is not before:
                return other.client
            self._kept[key] = made
            self._kept.move_to_end(key)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return made.client
