"""Time that passes at once, and clients that live in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from requests.adapters import BaseAdapter

from esl_pipeline.clients import NotionClient
from esl_pipeline.clients.notion import POLICY
from esl_pipeline.clients.retry import RetryPolicy
from esl_pipeline.clients.surroundings import Surroundings
from esl_pipeline.stages.connections import Connections
from esl_pipeline.stages.default_vendors import ClientMakers
from esl_pipeline.stages.notion_api import NotionApi

IMPATIENT = RetryPolicy(connect_timeout_s=5.0, read_timeout_s=0.6)
"""Real seconds: long enough for an answer of the sandbox, short for one that never comes."""


@dataclass
class VirtualClock:
    """A clock on which waiting takes no time; it stands still otherwise."""

    passed_s: float = 0.0

    def now(self) -> datetime:
        """Returns the time of day."""
        return datetime(2026, 11, 24, 12, tzinfo=UTC) + timedelta(seconds=self.passed_s)

    def monotonic(self) -> float:
        """Returns the seconds that were waited."""
        return self.passed_s

    def sleep(self, seconds: float) -> None:
        """Waits."""
        self.passed_s += seconds


def makers(clock: VirtualClock, *, impatient: bool, adapter: BaseAdapter | None = None) -> ClientMakers:
    """Returns clients that wait on a virtual clock."""
    return ClientMakers(notion=partial(_notion, clock, IMPATIENT if impatient else POLICY, adapter))


def _notion(
    clock: VirtualClock, policy: RetryPolicy, adapter: BaseAdapter | None, at: Connections, tenant: str
) -> NotionApi:
    around = Surroundings(clock=clock, adapter=adapter)
    token = at.notion_token.get_secret_value()
    return NotionClient(token, at.notion_url, tenant=tenant, policy=policy, surroundings=around)
