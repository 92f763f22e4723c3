"""What an author wrote as the value of a Notion column, by the column's type."""

from __future__ import annotations

import difflib
import json
import math
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Any
from urllib.parse import unquote, urlsplit

from esl_pipeline.pages.rich_text import MAX_RUNS, is_web_address, plain_runs

MAX_OPTIONS = 100
"""Items of a list. Source: developers.notion.com/reference/request-limits, read 2026-11-23."""

MAX_NAME = 100
"""Characters of an option's name, an email address, a phone number or a file's name.

Source: OpenAPI of 2026-03-11, ``stringRequest``, read 2026-11-24.
"""

_TRUE = frozenset({"true", "yes", "on", "1", "x", "done"})
_FALSE = frozenset({"false", "no", "off", "0", "not done"})
_UUID = re.compile(r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}", re.ASCII | re.IGNORECASE)
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")


class UnfitValueError(ValueError):
    """A value does not fit its column.

    Attributes:
        fix: how to mend it.
    """

    def __init__(self, message: str, fix: str) -> None:
        super().__init__(message)
        self.fix = fix


def column_value(column: Mapping[str, Any], value: object) -> dict[str, Any]:
    """Returns a value as the API takes it for a column.

    Args:
        column: the column as the data source describes it.
        value: what YAML made of the author's words; neither None nor empty.

    Raises:
        UnfitValueError: the column's type does not take it, or Notion fills the column in by itself.
    """
    kind = str(column["type"])
    if kind not in _CONVERSIONS:
        raise UnfitValueError(f"a column of type {kind} can't be written", "Remove the entry.")
    return {kind: _CONVERSIONS[kind](value, column.get(kind) or {})}


def is_writable(column: Mapping[str, Any]) -> bool:
    """Tells whether a column takes values at all."""
    return column["type"] in _CONVERSIONS


def words_of(value: object) -> str:
    """Returns a value as text: a list's items with commas between them, dates as in ISO 8601."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return ", ".join(words_of(item) for item in value)
    return json.dumps(value, ensure_ascii=False, default=str) if isinstance(value, Mapping) else str(value)


def _one(value: object) -> str:
    if isinstance(value, Mapping | list | tuple):
        raise UnfitValueError("it takes one value", "Write a single text or number.")
    return words_of(value)


def _many(value: object) -> list[str]:
    """Returns the items of a list, or of a text with commas, each once."""
    if isinstance(value, Mapping):
        raise UnfitValueError("it takes a list", "Write [one, another].")
    first: dict[str, str] = {}
    for item in filter(None, map(str.strip, words_of(value).split(","))):
        first.setdefault(item.casefold(), item)
    if len(first) > MAX_OPTIONS:
        raise UnfitValueError(f"it takes at most {MAX_OPTIONS} items, not {len(first)}", "Leave some out.")
    return list(first.values())


def _rich_text(value: object, _: Mapping[str, Any]) -> list[dict[str, Any]]:
    arrays = plain_runs(words_of(value))
    if len(arrays) > 1:
        raise UnfitValueError("the text is too long", f"A column takes {MAX_RUNS} runs of text; shorten it.")
    return arrays[0]


def _number(value: object, _: Mapping[str, Any]) -> int | float:
    words = _one(value)
    try:
        number = value if isinstance(value, int | float) else float(words)
    except ValueError as error:
        raise UnfitValueError("it takes a number", "Write it with digits, such as 12 or 1.5.") from error
    if isinstance(value, bool) or not math.isfinite(number):
        raise UnfitValueError("it takes a number", "Write it with digits, such as 12 or 1.5.")
    return int(number) if number == int(number) else number


def _checkbox(value: object, _: Mapping[str, Any]) -> bool:
    word = _one(value).lower()
    if word not in _TRUE | _FALSE:
        raise UnfitValueError("it takes yes or no", "Write true or false.")
    return word in _TRUE


def _option_name(name: str, options: Iterable[Mapping[str, Any]]) -> str:
    """Returns an option's name, spelled as in the data source where it is there."""
    if "," in name:
        raise UnfitValueError("an option's name can't contain a comma", "Write it without.")
    if len(name) > MAX_NAME:
        raise UnfitValueError(f"an option's name has at most {MAX_NAME} characters", "Shorten it.")
    names = [str(option["name"]) for option in options]
    return name if name in names else next((known for known in names if known.casefold() == name.casefold()), name)


def _select(value: object, column: Mapping[str, Any]) -> dict[str, str]:
    return {"name": _option_name(_one(value), column.get("options") or ())}


def _multi_select(value: object, column: Mapping[str, Any]) -> list[dict[str, str]]:
    return [{"name": _option_name(name, column.get("options") or ())} for name in _many(value)]


def _status(value: object, column: Mapping[str, Any]) -> dict[str, str]:
    """Takes an option that is there: writing a page does not add one."""
    options = [str(option["name"]) for option in column.get("options") or ()]
    name = _option_name(_one(value), column.get("options") or ())
    if name not in options:
        near = difflib.get_close_matches(name, options, n=1, cutoff=0.4)
        hint = f" Did you mean “{near[0]}”?" if near else ""
        raise UnfitValueError(f"there is no status “{name}”", f"Statuses: {', '.join(options) or 'none'}.{hint}")
    return {"name": name}


def _date(value: object, _: Mapping[str, Any]) -> dict[str, str]:
    if isinstance(value, Mapping):
        start, end, zone = value.get("start"), value.get("end"), value.get("time_zone")
    elif isinstance(value, list | tuple) and len(value) == 2:
        start, end, zone = value[0], value[1], None
    else:
        first, _slash, last = _one(value).partition("/")
        start, end, zone = first, last or None, None
    made = {"start": _iso(start)}
    if end is not None:
        made["end"] = _iso(end)
        if made["end"] < made["start"]:
            raise UnfitValueError("it ends before it begins", "Swap the two dates.")
    if zone is not None:
        made["time_zone"] = str(zone)
    return made


def _iso(value: object) -> str:
    text = words_of(value)
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError as error:
        raise UnfitValueError("it takes a date", "Write it as 2026-11-30, or 2026-11-30T18:00.") from error
    return parsed.date().isoformat() if len(text) <= len("2026-11-30") else parsed.isoformat()


def _url(value: object, _: Mapping[str, Any]) -> str:
    url = _one(value)
    if not is_web_address(url):
        raise UnfitValueError("it takes a web address", "Write it in full, with https://.")
    return url


def _email(value: object, _: Mapping[str, Any]) -> str:
    email = _one(value)
    if not _EMAIL.fullmatch(email) or len(email) > MAX_NAME:
        raise UnfitValueError("it takes an email address", "Write it as name@example.org.")
    return email


def _phone_number(value: object, _: Mapping[str, Any]) -> str:
    number = _one(value)
    if len(number) > MAX_NAME:
        raise UnfitValueError(f"a phone number has at most {MAX_NAME} characters", "Shorten it.")
    return number


def _ids(value: object, what: str) -> list[str]:
    ids = _many(value)
    wrong = [found for found in ids if not _UUID.fullmatch(found)]
    if wrong:
        raise UnfitValueError(f"“{wrong[0]}” is no id of a {what}", f"Write the {what}'s id from Notion (a UUID).")
    return ids


def _people(value: object, _: Mapping[str, Any]) -> list[dict[str, str]]:
    return [{"object": "user", "id": found} for found in _ids(value, "user")]


def _relation(value: object, _: Mapping[str, Any]) -> list[dict[str, str]]:
    return [{"id": found} for found in _ids(value, "page")]


def _files(value: object, column: Mapping[str, Any]) -> list[dict[str, Any]]:
    addresses = list(value) if isinstance(value, list | tuple) else [value]
    if len(addresses) > MAX_OPTIONS:
        raise UnfitValueError(f"it takes at most {MAX_OPTIONS} files, not {len(addresses)}", "Leave some out.")
    return [_external_file(_url(address, column)) for address in addresses]


def _external_file(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    name = unquote(parts.path.rstrip("/").rpartition("/")[2]) or parts.netloc
    return {"type": "external", "name": name[-MAX_NAME:], "external": {"url": url}}


_CONVERSIONS: Mapping[str, Callable[[object, Mapping[str, Any]], Any]] = {
    "checkbox": _checkbox,
    "date": _date,
    "email": _email,
    "files": _files,
    "multi_select": _multi_select,
    "number": _number,
    "people": _people,
    "phone_number": _phone_number,
    "relation": _relation,
    "rich_text": _rich_text,
    "select": _select,
    "status": _status,
    "title": _rich_text,
    "url": _url,
}
