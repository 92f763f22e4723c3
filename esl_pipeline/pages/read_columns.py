"""A column's value as a page shows it, in the form in which the pipeline writes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from esl_pipeline.pages.rich_text import plain_runs

Json = dict[str, Any]


def written_form(column: Mapping[str, Any]) -> Json | None:
    """Returns a value of a page as ``column_value`` gives it, so that both have one hash.

    None of a type that Notion gives back in another form than it was written in: times of day, people and files.
    """
    kind = str(column.get("type"))
    if kind not in _FORMS:
        return None
    made = _FORMS[kind](column.get(kind))
    return None if made is _UNTOLD else {kind: made}


_UNTOLD = object()


def _text(runs: Sequence[Mapping[str, Any]] | None) -> Any:
    words = "".join(str(run.get("plain_text") or (run.get("text") or {}).get("content", "")) for run in runs or ())
    arrays = plain_runs(words)
    return arrays[0] if arrays else []


def _option(option: Mapping[str, Any] | None) -> Any:
    return {"name": option["name"]} if option else None


def _options(options: Sequence[Mapping[str, Any]] | None) -> Any:
    return [{"name": option["name"]} for option in options or ()]


def _date(date: Mapping[str, Any] | None) -> Any:
    given = {name: value for name, value in (date or {}).items() if value}
    days = all(len(str(given.get(name, ""))) <= len("2026-11-30") for name in ("start", "end"))
    return given if days else _UNTOLD


def _relation(pages: Sequence[Mapping[str, Any]] | None) -> Any:
    return [{"id": page["id"]} for page in pages or ()]


def _same(value: Any) -> Any:
    return value


_FORMS: Mapping[str, Callable[[Any], Any]] = {
    "checkbox": _same,
    "date": _date,
    "email": _same,
    "multi_select": _options,
    "number": _same,
    "phone_number": _same,
    "relation": _relation,
    "rich_text": _text,
    "select": _option,
    "status": _option,
    "title": _text,
    "url": _same,
}
