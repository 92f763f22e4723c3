"""``esl audit``: what happened to a tenant."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from datetime import UTC, datetime

import click
from rich.markup import escape
from rich.table import Table

from esl_pipeline.commands.output import DONE, REJECTED, Output
from esl_pipeline.manifests import check_slug
from esl_pipeline.stages.create_pipeline import create_pipeline
from esl_pipeline.stores.audit import AuditEntry, BrokenChainError


def audit(tenant: str, *, since: str | None, verify: bool, output: Output) -> int:
    """Writes a tenant's entries, as a table or as JSON lines, and checks the whole chain where that is asked for."""
    check_slug(tenant, "tenant")
    begin = _day(since)
    log = create_pipeline().providers.audit
    if verify:
        try:
            count = log.verify(tenant)
        except BrokenChainError as error:
            output.failure(str(error))
            return REJECTED
        output.people.print(f"{tenant}: {count} entries, each as it was written, none missing between them")
    entries = log.entries(tenant, begin)
    if output.as_json:
        for entry in entries:
            sys.stdout.write(entry.model_dump_json() + "\n")
    else:
        output.people.print(_table(entries))
    return DONE


def _day(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise click.BadParameter("write a day or time in UTC, as 2026-11-25.", param_hint="--since") from error
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _table(entries: Iterable[AuditEntry]) -> Table:
    table = Table(box=None)
    for name in ("", "at", "who", "what", "assignment", "outcome", "told"):
        table.add_column(name, overflow="fold")
    for entry in entries:
        table.add_row(*map(escape, _cells(entry)), style="red" if entry.outcome == "failed" else None)
    return table


def _cells(entry: AuditEntry) -> tuple[str, ...]:
    what = str(entry.details.get("stage") or entry.action)
    return (
        str(entry.number),
        f"{entry.at:%Y-%m-%d %H:%M:%S}",
        entry.actor,
        what,
        entry.assignment,
        entry.outcome,
        _told(entry),
    )


def _told(entry: AuditEntry) -> str:
    details = entry.details
    if error := details.get("error"):
        return str(error.get("message", ""))
    words = [str(details["reason"])] if details.get("reason") else []
    if bought := details.get("bought"):
        words.append(f"bought {bought['segments']} segments, {bought['characters']} characters, ${bought['usd']:.2f}")
    stands = details.get("stands", {})
    words += [str(stands[name]) for name in ("page_url", "bucket", "block_id") if stands.get(name)]
    return "; ".join(words) or str(details.get("folder", ""))
