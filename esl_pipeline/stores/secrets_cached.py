"""Secrets that were asked for over a network, kept for some minutes."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock

from pydantic import SecretStr

from esl_pipeline.stores.secrets import SecretSource

KEPT_S = 300.0
MOST_KEPT = 2048
"""Eight secrets of 256 tenants."""


class CachedSecrets:
    """Remembers what a source said, also that it has no such secret; errors are not remembered.

    Args:
        source: asked for what is not remembered.
        monotonic: seconds from an arbitrary start.
        most: secrets kept; the one that was asked for longest ago goes first.
    """

    def __init__(
        self, source: SecretSource, *, monotonic: Callable[[], float] = time.monotonic, most: int = MOST_KEPT
    ) -> None:
        self._source, self._monotonic, self._most = source, monotonic, most
        self._lock = Lock()
        self._kept: OrderedDict[tuple[str | None, str], tuple[SecretStr | None, float]] = OrderedDict()

    def read(self, owner: str | None, name: str) -> SecretStr | None:
        """Returns a secret as it was at most 5 minutes ago."""
        now, key = self._monotonic(), (owner, name)
        with self._lock:
            kept = self._kept.get(key)
            if kept and now - kept[1] < KEPT_S:
                self._kept.move_to_end(key)
                return kept[0]
        found = self._source.read(owner, name)
        with self._lock:
            self._kept[key] = (found, now)
            self._kept.move_to_end(key)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return found

    def place(self, owner: str | None, name: str) -> str:
        """Says where somebody would put a secret."""
        return self._source.place(owner, name)

    def forget(self, owner: str) -> None:
        """Drops the secrets of a tenant and of the installation."""
        self._source.forget(owner)
        with self._lock:
            for key in [key for key in self._kept if key[0] in (owner, None)]:
                del self._kept[key]
