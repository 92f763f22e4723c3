"""What other processes do to an account book: ``python -m esl_pipeline_tests.stores.usage_child FOLDER DEED``."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from esl_pipeline.stores.file_usage import FileUsageStore
from esl_pipeline.stores.usage import Kind, UsageEntry

MONTH = "2026-11"
BUDGET = 100


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


def main(folder: Path, deed: str) -> None:
    """Does one deed."""
    store = FileUsageStore(folder)
    if deed == "reserve":
        for _ in range(5):
            store.add("school", MONTH, reserve_within_budget)
    elif deed == "write":
        while True:
            store.add("school", MONTH, lambda lines: [entry(sha256=f"{len(lines)}{'x' * 5000}")])


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
