"""The audit log in journals: ``audit/<tenant>``, one entry per line as canonical JSON."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from esl_pipeline.manifests import check_slug
from esl_pipeline.stores.audit import AuditEntry, BrokenChainError
from esl_pipeline.stores.journal import Journal


class JournalAuditLog:
    """The tenants' chains. That the newest entries were cut off can only be told by who knows how many there were.

    Args:
        journal: keeps the entries.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def append(self, entry: AuditEntry) -> AuditEntry:
        """Adds an entry with the next number, unless there is one with its ``id``; returns it as it stands.

        Raises:
            BrokenChainError: the newest entry is damaged; nothing is added to it.
            LeaseHeldError: others write the log all the time.
            StoreUnavailableError: it is not certain that it was added; asking again may help.
        """
        stands = entry

        def decide(lines: Sequence[bytes]) -> Sequence[bytes]:
            nonlocal stands
            if known := _with_id(entry, lines):
                stands = known
                return []
            before = _parsed(entry.tenant, len(lines), lines[-1]) if lines else None
            fields = entry.model_dump(mode="json") | {
                "number": before.number + 1 if before else 1,
                "previous_sha256": before.sha256 if before else "",
            }
            fields["sha256"] = _sha256(fields)
            stands = AuditEntry.model_validate(fields)
            return [_canonical(fields)]

        self._journal.add(_name(entry.tenant), decide)
        return stands

    def entries(self, tenant: str, since: datetime | None = None) -> Iterator[AuditEntry]:
        """Yields a tenant's entries, oldest first, also where the chain is broken.

        Raises:
            BrokenChainError: an entry can't be read at all.
            StoreUnavailableError: asking again may help.
        """
        for number, line in enumerate(self._journal.lines(_name(tenant)), 1):
            entry = _parsed(tenant, number, line)
            if since is None or entry.at >= since:
                yield entry

    def verify(self, tenant: str) -> int:
        """Checks a tenant's whole chain and returns how many entries it has.

        Raises:
            BrokenChainError: an entry does not fit.
            StoreUnavailableError: asking again may help.
        """
        number, previous = 0, ""
        for number, line in enumerate(self._journal.lines(_name(tenant)), 1):
            entry = _parsed(tenant, number, line)
            if entry.sha256 != _sha256(json.loads(line)):
                raise BrokenChainError(f"Entry {number} of {tenant} was changed after it was written.")
            if (entry.number, entry.previous_sha256, entry.tenant) != (number, previous, tenant):
                raise BrokenChainError(
                    f"Entry {number} of {tenant} does not follow the one before: something was taken out or put in."
                )
            previous = entry.sha256
        return number

    def delete(self, tenant: str) -> None:
        """Removes a tenant's chain."""
        self._journal.delete(_name(tenant))


def _with_id(entry: AuditEntry, lines: Sequence[bytes]) -> AuditEntry | None:
    """Returns the entry with the same id; only lines that may have it are parsed."""
    if not entry.id:
        return None
    mark = _canonical({"id": entry.id})[1:-1]
    for number, line in enumerate(lines, 1):
        if mark in line and (found := _parsed(entry.tenant, number, line)).id == entry.id:
            return found
    return None


def _parsed(tenant: str, number: int, line: bytes) -> AuditEntry:
    try:
        return AuditEntry.model_validate_json(line)
    except ValidationError:
        raise BrokenChainError(f"Entry {number} of {tenant} can't be read.") from None


def _sha256(fields: Mapping[str, Any]) -> str:
    own = {name: value for name, value in fields.items() if name != "sha256"}
    return hashlib.sha256(_canonical(own)).hexdigest()


def _canonical(fields: Mapping[str, Any]) -> bytes:
    return json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def _name(tenant: str) -> str:
    return f"audit/{check_slug(tenant, 'tenant')}"
