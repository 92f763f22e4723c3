"""What people changed above a page's blocks: its columns, icon and cover."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from esl_pipeline.pages.fingerprint import VARIATION_SELECTOR
from esl_pipeline.pages.operations import shortened
from esl_pipeline.pages.read_columns import written_form
from esl_pipeline.stages.drift_finding import Difference
from esl_pipeline.stages.page_head import DECORATIONS, json_sha256

COLUMN = "property:"
STAYS = "Nothing need be done, it stays until the lesson's own value changes."


def drift_of_head(page: Mapping[str, Any], written: Mapping[str, str], key_column: str) -> Iterator[Difference]:
    """Yields the parts that are not as they were written; costs nothing, since a page shows its columns.

    Args:
        page: as a response shows it.
        written: hash of each part, as the publication has them.
        key_column: name of the column by which the page is found again.
    """
    columns: Mapping[str, Any] = page.get("properties") or {}
    for part, sha256 in written.items():
        name = part.removeprefix(COLUMN)
        if part in DECORATIONS:
            if sha256 not in _hashes(part, page.get(part)):
                yield Difference("column", f"The page has another {part}.", STAYS, stays=True)
        elif name not in columns:
            mend = f"Name the column “{name}” again; a key column of another name goes into notion.key_property."
            yield Difference("column", f"The column “{name}” was renamed or deleted.", mend)
        elif (made := written_form(columns[name])) is not None and json_sha256(made) != sha256:
            yield _changed(name, columns[name], key_column)


def _changed(name: str, column: Mapping[str, Any], key_column: str) -> Difference:
    if name == key_column:
        mend = "Run republish_text with force: [notion_page]; without its key the page is not found again."
        return Difference("column", f"The key in “{name}” was changed or removed.", mend)
    shown = f" It is “{shortened(_words(column))}” now." if _words(column) else " It is empty now."
    return Difference("column", f"“{name}” was changed.{shown}", STAYS, stays=True)


def _words(column: Mapping[str, Any]) -> str:
    value = column.get(str(column.get("type")))
    match value:
        case list():
            return ", ".join(str(one.get("plain_text") or one.get("name") or one.get("id", "")) for one in value)
        case dict():
            return str(value.get("name") or value.get("start") or "")
        case None | "":
            return ""
        case _:
            return str(value)


def _hashes(part: str, shown: Mapping[str, Any] | None) -> set[str]:
    """Returns what a decoration may have been written as; Notion drops what asks for an emoji's coloured form."""
    if not shown:
        return set()
    kind = str(shown.get("type"))
    if part == "icon" and kind == "emoji":
        plain = str(shown["emoji"]).replace(VARIATION_SELECTOR, "")
        forms = {str(shown["emoji"]), plain, plain + VARIATION_SELECTOR}
        return {json_sha256({"type": "emoji", "emoji": form}) for form in forms}
    if kind == "external":
        return {json_sha256({"type": "external", "external": {"url": (shown.get("external") or {}).get("url")}})}
    return set()
