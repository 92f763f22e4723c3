"""``esl usage``: what speech cost in a month."""

from __future__ import annotations

from typing import Any

import click
from rich.markup import escape
from rich.table import Table

from esl_pipeline.commands.output import DONE, Output
from esl_pipeline.manifests import check_slug
from esl_pipeline.stages.create_pipeline import create_pipeline
from esl_pipeline.stages.job_record import Answer
from esl_pipeline.stages.speech_usage import SpeechUsage, sum_usage
from esl_pipeline.stores.usage import check_month, month_of


class UsageAnswer(Answer):
    """What ``esl usage --json`` says: a row per tenant, engine, model and voice, and their sums."""

    month: str
    rows: tuple[dict[str, Any], ...]
    total: dict[str, float]


def usage(tenant: str | None, month: str | None, *, output: Output) -> int:
    """Sums a month's account books, of one tenant or of all."""
    if tenant is not None:
        check_slug(tenant, "tenant")
    providers = create_pipeline().providers
    try:
        asked = check_month(month or month_of(providers.clock.now()))
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--month") from error
    summed = sum_usage(providers.usage, asked, tenant)
    total = {name: round(value, 4) for name, value in summed.total().items()}
    if len(summed.table):
        output.people.print(_table(summed))
    output.people.print(
        f"{asked}: {total['characters']:,.0f} characters, {total['credits']:,.0f} credits, ${total['usd']:.2f}, "
        f"{total['seconds'] / 60:.1f} minutes; {total['hit_rate']:.0%} of the segments were there already",
        markup=False,
    )
    if total["open_characters"]:
        output.people.print(
            f"reserved or on their way: {total['open_characters']:,.0f} characters, ${total['open_usd']:.2f}",
            markup=False,
        )
    output.answer(UsageAnswer(month=asked, rows=tuple(summed.rows()), total=total))
    return DONE


def _table(summed: SpeechUsage) -> Table:
    table = Table(box=None)
    for name in ("tenant", "model", "voice"):
        table.add_column(name, overflow="fold")
    for name in ("characters", "credits", "usd", "minutes", "segments", "reused"):
        table.add_column(name, justify="right")
    for row in summed.rows():
        table.add_row(
            *(escape(str(row[name])) for name in ("tenant", "model", "voice")),
            f"{row['characters']:,}",
            f"{row['credits']:,}",
            f"{row['usd']:.4f}",
            f"{row['seconds'] / 60:.1f}",
            str(row["segments"]),
            str(row["reused_segments"]),
        )
    return table
