"""How long a stage waited for its turns at the vendors."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from threading import Lock

METRICS = {"notion": "notion/waited_s", "elevenlabs": "elevenlabs/waited_s", "openai": "openai/waited_s"}
LEAST_S = 0.05
"""Less is not told: asking for a turn takes some time by itself."""


class Waits:
    """Sums seconds by vendor, over all threads; of threads that wait at the same time each one counts."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._seconds: Counter[str] = Counter()

    def add(self, vendor: str, seconds: float) -> None:
        """Adds a wait."""
        if seconds >= LEAST_S:
            with self._lock:
                self._seconds[vendor] += seconds  # type: ignore[assignment]

    @property
    def by_vendor(self) -> Mapping[str, float]:
        """Seconds by vendor; nothing for one that was not waited for."""
        with self._lock:
            return {vendor: round(seconds, 2) for vendor, seconds in self._seconds.items()}

    @property
    def metrics(self) -> Mapping[str, float]:
        """The same, as metrics of a stage."""
        return {METRICS.get(vendor, f"{vendor}/waited_s"): seconds for vendor, seconds in self.by_vendor.items()}
