"""Tenants' settings, kept for a while, so that not every step of every run asks for them."""

from __future__ import annotations

import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Generic, TypeVar

from esl_pipeline.manifests.errors import AskingError
from esl_pipeline.stores.config import ConfigProvider, ConfigText, ConfigUnavailableError

T = TypeVar("T")

FRESH_S = 30.0
"""Age up to which what was read is given without asking again."""
STALE_S = 600.0
"""Age up to which it is given while the provider is out of reach."""
MOST_TENANTS = 256

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Kept(Generic[T]):
    """What was read; ``checked_at`` is when the provider was last asked, whether or not it answered."""

    value: T
    read_at: float
    checked_at: float


class CachedConfig:
    """Keeps what another provider gave; safe to share between threads.

    Args:
        provider: asked where nothing fresh is kept.
        monotonic: seconds from an arbitrary start.
        most: tenants kept; of more, those that were asked for longest ago are forgotten.
    """

    def __init__(
        self, provider: ConfigProvider, *, monotonic: Callable[[], float] = time.monotonic, most: int = MOST_TENANTS
    ) -> None:
        self._provider, self._monotonic, self._most = provider, monotonic, most
        self._lock = Lock()
        self._documents: OrderedDict[str, _Kept[ConfigText | None]] = OrderedDict()
        self._names: _Kept[Sequence[str]] | None = None

    def read(self, tenant: str, known: ConfigText | None = None) -> ConfigText | None:
        """Returns a tenant's document as it was at most 30 s ago, or 10 minutes while the provider is out of reach."""
        with self._lock:
            kept = self._documents.get(tenant)
        before = kept.value if kept and kept.value else known
        try:
            now_kept = self._current(kept, lambda: self._provider.read(tenant, before), f"the settings of {tenant}")
        except AskingError:
            with self._lock:
                self._documents.pop(tenant, None)
            raise
        self._keep(tenant, now_kept)
        return now_kept.value

    def _keep(self, tenant: str, kept: _Kept[ConfigText | None]) -> None:
        with self._lock:
            self._documents[tenant] = kept
            self._documents.move_to_end(tenant)
            while len(self._documents) > self._most:
                self._documents.popitem(last=False)

    def tenants(self) -> Sequence[str]:
        """Returns the tenants that have a document, sorted; as old as ``read`` may be."""
        self._names = kept = self._current(self._names, self._provider.tenants, "the names of the tenants")
        return kept.value

    def _current(self, kept: _Kept[T] | None, ask: Callable[[], T], what: str) -> _Kept[T]:
        now = self._monotonic()
        if kept and now - kept.checked_at < FRESH_S:
            return kept
        try:
            return _Kept(ask(), now, now)
        except ConfigUnavailableError as error:
            if kept is None or now - kept.read_at > STALE_S:
                raise
            _log.warning("%s are %.0f s old, because they can't be read: %s", what, now - kept.read_at, error)
            return _Kept(kept.value, kept.read_at, now)
