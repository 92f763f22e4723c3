"""Parts of pages that programs write, between ``<!-- name -->`` and ``<!-- /name -->``."""

from __future__ import annotations

from pathlib import Path

PERFORMANCE = Path(__file__).parents[2] / "docs" / "performance.md"


def put(page: Path, name: str, text: str) -> None:
    """Replaces the part of a page that has this name."""
    start, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    head, rest = page.read_text("utf-8").split(start)
    page.write_text(f"{head}{start}\n{text}\n{end}{rest.split(end)[1]}", "utf-8")
