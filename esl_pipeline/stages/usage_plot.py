"""A month's speech as a picture."""

from __future__ import annotations

import base64
import io

from esl_pipeline.stages.speech_usage import SpeechUsage

MOST_TENANTS = 12
"""Tenants that are shown, those who had most spoken first; a page of metadata has no room for more."""


def usage_plot(usage: SpeechUsage) -> bytes:
    """Draws a bar per tenant as PNG: what was bought, by model, and beside it what was stored already."""
    from matplotlib.figure import Figure

    bought = usage.table.pivot_table(index="tenant", columns="model", values="characters", aggfunc="sum", fill_value=0)
    reused = usage.table.groupby("tenant")["reused_characters"].sum()
    order = (bought.sum(axis=1) + reused).sort_values(ascending=False).index[:MOST_TENANTS]
    places = range(len(order))
    figure = Figure(figsize=(8, 2.0 + 0.4 * len(order)), layout="constrained")
    axes = figure.add_subplot()
    left = reused.loc[order] * 0
    for model in bought.columns[bought.sum() > 0]:
        widths = bought.loc[order, model]
        axes.barh(places, widths, left=left, label=f"bought, {model}")
        left = left + widths
    axes.barh(places, reused.loc[order], left=left, label="stored already", color="lightgrey")
    axes.set_yticks(places, list(order))
    axes.invert_yaxis()
    axes.set_xlabel("characters")
    axes.set_title(f"Speech in {usage.month}")
    figure.legend(loc="outside lower center", ncols=3, fontsize="small")
    picture = io.BytesIO()
    figure.savefig(picture, format="png")
    return picture.getvalue()


def as_markdown(png: bytes, words: str) -> str:
    """Returns a picture as Markdown that needs no other file."""
    return f"![{words}](data:image/png;base64,{base64.b64encode(png).decode('ascii')})"
