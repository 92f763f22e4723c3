"""What was asked, by whom, and what came of it: one chain of entries per tenant, only ever added to."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field


class AuditEntry(BaseModel):
    """One entry. ``sha256`` is of all other fields and so of ``previous_sha256``, the entry before, or empty.

    Attributes:
        number: 1, 2, 3 … within the tenant.
        actor: who or what asked: ``sensor:NAME``, ``schedule:NAME``, ``operator:NAME``, ``shell:USER``, ``api:NAME``.
        action: ``stage``, ``adopt``, or ``tenant.suspend`` and the like.
        id: of what is told; it is told once, however often it is added.
        outcome: what came of it.
        details: what was written where, what it cost, versions of manifest and settings; JSON values, never a secret.
    """

    model_config = ConfigDict(frozen=True, extra="allow")

    number: int
    at: datetime
    tenant: str
    assignment: str = ""
    actor: str
    action: str
    id: str = ""
    run_id: str = ""
    outcome: Literal["succeeded", "skipped", "failed", "done"]
    details: dict[str, Any] = Field(default_factory=dict)
    previous_sha256: str = ""
    sha256: str = ""


class BrokenChainError(Exception):
    """An entry was changed or taken out after it was written; says which one."""


class AuditLog(Protocol):
    """The tenants' chains."""

    def append(self, entry: AuditEntry) -> AuditEntry:
        """Adds an entry, whose number and hashes are given here; returns it as it was written.

        Where there is an entry with its ``id``, nothing is added and that one returned, so that whoever got no answer
        may ask again.
        """

    def entries(self, tenant: str, since: datetime | None = None) -> Iterator[AuditEntry]:
        """Yields a tenant's entries, oldest first."""

    def verify(self, tenant: str) -> int:
        """Checks a tenant's whole chain and returns how many entries it has.

        Raises:
            BrokenChainError: an entry does not fit.
        """

    def delete(self, tenant: str) -> None:
        """Removes a tenant's chain, when the tenant goes and the chain was exported."""
