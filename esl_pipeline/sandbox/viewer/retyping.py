"""What a person's typing makes of a styled text."""

from __future__ import annotations

from collections.abc import Sequence
from os.path import commonprefix
from typing import Any

from esl_pipeline.sandbox.viewer.rich_text import plain

Json = dict[str, Any]

LONGEST_RUN = 2000
"""Characters of one run. **Source**: developers.notion.com/reference/request-limits (read 2026-11-23)."""


def retyped(runs: Sequence[Json], text: str) -> list[Json]:
    """Returns a text, for a request, with the styles of the old one; what is new looks like what is before it."""
    old = plain(runs)
    kept = len(commonprefix([old, text]))
    same_end = len(commonprefix([old[kept:][::-1], text[kept:][::-1]]))
    before, after = _cut(runs, 0, kept), _cut(runs, len(old) - same_end, len(old))
    middle = text[kept : len(text) - same_end]
    made = [*before, *_typed(middle, before or after), *after]
    return [run for run in made if run["type"] != "text" or run["text"]["content"]]


def _typed(text: str, beside: Sequence[Json]) -> list[Json]:
    annotations = beside[-1].get("annotations") if beside else None
    style = {"annotations": annotations} if annotations else {}
    parts = [text[start : start + LONGEST_RUN] for start in range(0, len(text), LONGEST_RUN)]
    return [{"type": "text", "text": {"content": part}, **style} for part in parts]


def _cut(runs: Sequence[Json], start: int, end: int) -> list[Json]:
    """Returns the part between two characters; an equation or a mention that is cut goes as a whole."""
    found, at = [], 0
    for run in runs:
        words = plain([run])
        first, last = max(start - at, 0), min(end - at, len(words))
        if first < last:
            whole = (first, last) == (0, len(words))
            found += [_sendable(run, words[first:last])] if whole or run.get("type", "text") == "text" else []
        at += len(words)
    return found


def _sendable(run: Json, words: str) -> Json:
    kind = run.get("type", "text")
    content = {**run[kind], "content": words} if kind == "text" else run[kind]
    return {"type": kind, kind: content, **({"annotations": run["annotations"]} if run.get("annotations") else {})}
