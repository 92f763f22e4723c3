"""Sums a month's account books: what was spoken, what it cost, and what did not have to be bought.

Reads the account books; writes a table as CSV. Costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from esl_pipeline.stores.usage import UsageEntry, UsageStore, check_month, spending
from esl_pipeline.stores.whole_files import write_whole

if TYPE_CHECKING:
    import pandas as pd

BY = ["tenant", "engine", "model", "voice"]
BOUGHT = {"segments": "int64", "characters": "int64", "credits": "int64", "usd": "float64", "seconds": "float64"}
FIGURES = BOUGHT | {
    "recovered": "int64",
    "reused_segments": "int64",
    "reused_characters": "int64",
    "reused_usd": "float64",
    "open_characters": "int64",
    "open_usd": "float64",
}
"""Columns of figures and their types: what was bought; how many of these came from the vendor's history; what was
stored already, at today's price; and what is reserved or on its way."""


@dataclass(frozen=True)
class SpeechUsage:
    """A month's sums: a row per tenant, engine, model and voice, in this order, with the columns of ``FIGURES``."""

    month: str
    table: pd.DataFrame

    def rows(self) -> list[dict[str, Any]]:
        """Returns the table as records, money to a hundredth of a cent."""
        records = self.table.round({"usd": 4, "reused_usd": 4, "open_usd": 4, "seconds": 1}).to_dict("records")
        return [{str(name): value for name, value in record.items()} for record in records]

    def total(self) -> dict[str, float]:
        """Returns the sums over all rows, and ``hit_rate``: which share of the segments was stored already."""
        sums = {name: float(self.table[name].sum()) for name in FIGURES}
        needed = sums["segments"] + sums["reused_segments"]
        return sums | {"hit_rate": sums["reused_segments"] / needed if needed else 0.0}


def sum_usage(usage: UsageStore, month: str, tenant: str | None = None) -> SpeechUsage:
    """Sums the books of one month.

    Args:
        usage: the account books.
        month: ``2026-11``, UTC.
        tenant: only this one's; all where None.

    Raises:
        ValueError: the month is none.
        UnreadableUsageError: a book is damaged.
    """
    import pandas as pd

    check_month(month)
    tenants = [name for name, found in usage.months() if found == month and tenant in (None, name)]
    records = [record for name in tenants for record in _records(name, usage.lines(name, month))]
    lines = pd.DataFrame.from_records(records, columns=[*BY, *FIGURES]).fillna(0).astype(FIGURES)
    return SpeechUsage(month, lines.groupby(BY, as_index=False, sort=True)[[*FIGURES]].sum())


def _records(tenant: str, lines: Iterable[UsageEntry]) -> list[dict[str, Any]]:
    lines = tuple(lines)
    reused = [line for line in lines if line.kind == "reused"]
    return [_record(tenant, line) for line in (*spending(lines), *reused)]


def _record(tenant: str, line: UsageEntry) -> dict[str, Any]:
    by = {"tenant": tenant, "engine": line.engine, "model": line.model, "voice": line.voice_name}
    if line.kind == "bought":
        return by | {name: getattr(line, name) for name in BOUGHT} | {"recovered": int(line.recovered)}
    if line.kind == "reused":
        return by | {
            "reused_segments": line.segments,
            "reused_characters": line.characters,
            "reused_usd": line.usd,
        }
    return by | {"open_characters": line.characters, "open_usd": line.usd}


def write_report(folder: Path, usage: SpeechUsage) -> Path:
    """Writes the table as ``speech-usage-<month>.csv``, in place of an older one; returns where it is."""
    path = folder / f"speech-usage-{usage.month}.csv"
    write_whole(path, usage.table.round({"seconds": 3}).to_csv(index=False, lineterminator="\n").encode())
    return path
