"""How an asset of one assignment did, run after run, as a small picture."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

Figures = Mapping[str, float]
"""Numbers of one run by ``vendor/field``."""

PLOTTED = {
    "characters billed": "/characters_billed",
    "dollars": "/usd",
    "requests": "/requests",
    "seconds of sound": "audio/duration_s",
    "seconds of work": "stage/seconds",
}
"""What is shown, and how the names of its figures end."""

MOST_RUNS = 20
WIDTH, ROW, BAR, LEFT = 480, 44, 12, 200
"""Pixels: of the picture, of a row and of a bar with the gap after it, and where the bars begin."""


@dataclass(frozen=True)
class _Row:
    name: str
    values: tuple[float, ...]


def history_plot(runs: Sequence[Figures]) -> str | None:
    """Returns a picture as Markdown that needs no other file, a row for each figure; None where there is one run only.

    SVG, because it is a tenth of a PNG's size, and every run's events are kept.

    Args:
        runs: the oldest first; a figure that a run has not is none at all.
    """
    shown = runs[-MOST_RUNS:]
    rows = [row for name, suffix in PLOTTED.items() if (row := _row(name, suffix, shown))]
    if len(shown) < 2 or not rows:
        return None
    drawn = "".join(_drawn(row, number * ROW) for number, row in enumerate(rows))
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{len(rows) * ROW}" '
        f'font-family="sans-serif" font-size="11" fill="#445">{drawn}</svg>'
    )
    encoded = base64.b64encode(svg.encode()).decode("ascii")
    return f"![the last {len(shown)} runs](data:image/svg+xml;base64,{encoded})"


def _row(name: str, suffix: str, runs: Sequence[Figures]) -> _Row | None:
    """Returns the values of a figure; None where no run has any but zero."""
    values = tuple(next((value for key, value in run.items() if key.endswith(suffix)), 0.0) for run in runs)
    return _Row(name, values) if any(values) else None


def _drawn(row: _Row, top: int) -> str:
    most = max(row.values)
    bars = "".join(_bar(number, value / most, top) for number, value in enumerate(row.values))
    return (
        f'<text x="0" y="{top + 18}" font-weight="bold">{escape(row.name)}</text>'
        f'<text x="0" y="{top + 33}">last {_short(row.values[-1])}, most {_short(most)}</text>'
        f'<path d="{bars}" stroke="#3a7bd5" stroke-width="{BAR - 3}"/>'
    )


def _bar(number: int, share: float, top: int) -> str:
    x, height = LEFT + number * BAR, max(round((ROW - 10) * share), 1)
    return f"M{x} {top + ROW - 4}v-{height}"


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.3g}"
