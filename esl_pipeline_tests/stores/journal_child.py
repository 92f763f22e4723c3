"""What other processes do to journals: ``python -m esl_pipeline_tests.stores.journal_child ADDRESS DEED``."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from esl_pipeline.stores.audit import AuditEntry
from esl_pipeline.stores.file_journal import FileJournal
from esl_pipeline.stores.state import State, open_state
from esl_pipeline.stores.usage import Kind, UsageEntry
from esl_pipeline_tests.forked import in_processes
from esl_pipeline_tests.real_s3 import client

MONTH = "2026-11"
NAME = f"usage/school/{MONTH}"
BUDGET = 100
TOLD = 3
"""Entries that a process tells."""
TELLERS = [f"shell:{number}" for number in range(8)]


def entry(kind: Kind = "bought", sha256: str = "a", **fields: object) -> UsageEntry:
    """A line about ten characters."""
    known = {
        "kind": kind,
        "at": datetime(2026, 11, 3, 12, tzinfo=UTC),
        "run_id": "run",
        "assignment": "week-1",
        "sha256": sha256,
        "engine": "elevenlabs",
        "model": "m",
        "voice_id": "v",
        "voice_name": "Vera ☀",
        "characters": 10,
        "credits": 10,
        "estimated_credits": 10,
        "usd": 0.0008,
    }
    return UsageEntry.model_validate(known | fields)


def reserve_within_budget(lines: Sequence[UsageEntry]) -> Sequence[UsageEntry]:
    """Takes ten characters of what is left, slowly enough for others to come between."""
    time.sleep(0.001)
    spent = sum(line.characters for line in lines)
    return [entry("reserved", str(len(lines)))] if spent + 10 <= BUDGET else []


def told(actor: str = "shell:ann", **fields: object) -> AuditEntry:
    """An entry of the audit log, without number and hashes."""
    known = {
        "number": 0,
        "at": datetime(2026, 11, 3, 12, tzinfo=UTC),
        "tenant": "school",
        "actor": actor,
        "action": "stage",
        "outcome": "succeeded",
        "details": {"usd": 0.1, "title": "Café ☀"},
    }
    return AuditEntry.model_validate(known | fields)


def open_place(address: str) -> State:
    """Opens state: at an address, or in a folder."""
    shared = "://" in address
    return open_state(address if shared else None, Path() if shared else Path(address), "", client)


def tell(address: str, name: str) -> None:
    """Tells some entries."""
    log = open_place(address).audit
    for number in range(TOLD):
        log.append(told(name, details={"number": number}))


def reserve(address: str) -> None:
    """Takes from the budget some times."""
    usage = open_place(address).usage
    for _ in range(5):
        usage.add("school", MONTH, reserve_within_budget)


def main(address: str, deed: str) -> None:
    """Does one deed, alone or in eight processes at once."""
    if deed == "write":
        journal = FileJournal(Path(address))
        while True:
            journal.add(NAME, lambda lines: [b"%d" % len(lines) + b"x" * 5000])
    elif deed == "reserve":
        in_processes([partial(reserve, address)] * 8)
    elif deed == "tell":
        in_processes([partial(tell, address, name) for name in TELLERS])


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
