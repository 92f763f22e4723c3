"""Everything that is particular to a type of column, in one table.

**Source**: developers.notion.com/reference/property-object, page-property-values and openapi.json (2026-04-20, read
2026-11-23).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from esl_pipeline.sandbox.notion import Json
from esl_pipeline.sandbox.notion.refusals import Refusal, invalid
from esl_pipeline.sandbox.notion.rich_text import LINK, RICH_TEXT, SELECT_COLOURS, rich_text_answer
from esl_pipeline.sandbox.notion.shapes import (
    Anything,
    Array,
    Either,
    Flag,
    Number,
    OneOf,
    Record,
    Shape,
    Text,
    Uuid,
    Where,
    dashed,
)

_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?")
_DATE_TEXT = Where(Text(), lambda text: bool(_ISO_DATE.fullmatch(text)), "a valid ISO 8601 date string")


def _no_comma(option: Json) -> bool:
    return "," not in option.get("name", "")


def _comma(option: Json) -> Refusal:
    return invalid(f"Invalid select option, commas not allowed: {option['name']}")


_OPTION_MEMBERS: Mapping[str, Shape] = {
    "name": Text(1, 2000),
    "id": Text(1, 100),
    "color": OneOf(SELECT_COLOURS),
    "description": Either(Text(0, 280)),
}


def _named(option: Json) -> bool:
    return "name" in option or "id" in option


OPTION = Where(Where(Record({}, _OPTION_MEMBERS), _named, "an option with a name or id"), _no_comma, refusal=_comma)


def _same(value: Any) -> Any:
    return value


def _date_answer(value: Json | None) -> Json | None:
    if value is None:
        return None
    return {"start": value["start"], "end": value.get("end"), "time_zone": value.get("time_zone")}


def _people_answer(people: list[Json]) -> list[Json]:
    return [{"object": "user", "id": dashed(person["id"])} for person in people]


def _relation_answer(pages: list[Json]) -> list[Json]:
    return [{"id": dashed(page["id"])} for page in pages]


def _files_answer(files: list[Json]) -> list[Json]:
    return [{"name": file["name"], "type": "external", "external": file["external"]} for file in files]


def _text_of(value: Any) -> str:
    return "".join(item["plain_text"] for item in value)


def _name_of(value: Any) -> str | None:
    return value["name"] if value else None


def _names_of(value: Any) -> list[str]:
    return [option["name"] for option in value]


def _ids_of(value: Any) -> list[str]:
    return [item["id"] for item in value]


NO_SETTINGS = Record()


@dataclass(frozen=True)
class ColumnType:
    """One type of column.

    Attributes:
        value: shape of a page's value in a request; None where it can't be written.
        empty: a page's value that was never written.
        answer: makes a page's value as a response shows it.
        compared: makes what a filter compares of a page's value: a text, a number, or a list of names.
        filter: name of the group of filter conditions.
        settings: shape of the column's own settings in a request.
        has_options: True where pages choose from options.
    """

    value: Shape | None
    empty: Any = None
    answer: Callable[[Any], Any] = _same
    compared: Callable[[Any], Any] = _same
    filter: str = "text"
    settings: Shape = NO_SETTINGS
    has_options: bool = False


_OPTIONS = Record({}, {"options": Array(OPTION)})
_FORMAT = Record({}, {"format": Text(1)})
_RELATION = Record({"data_source_id": Uuid()}, {"type": OneOf(("single_property",)), "single_property": Anything()})
_EXTERNAL_FILE = Record({"name": Text(1, 100), "external": Record({"url": LINK})}, {"type": OneOf(("external",))})
_DATE = Either(Record({"start": _DATE_TEXT}, {"end": Either(_DATE_TEXT), "time_zone": Either(Text())}))
_PEOPLE = Array(Record({"id": Uuid()}, {"object": OneOf(("user",))}))

COLUMN_TYPES: Mapping[str, ColumnType] = {
    "title": ColumnType(RICH_TEXT, [], rich_text_answer, _text_of),
    "rich_text": ColumnType(RICH_TEXT, [], rich_text_answer, _text_of),
    "number": ColumnType(Either(Number()), filter="number", settings=_FORMAT),
    "checkbox": ColumnType(Flag(), False, filter="checkbox"),
    "url": ColumnType(Either(Text(1, 2000))),
    "email": ColumnType(Either(Text(1, 200))),
    "phone_number": ColumnType(Either(Text(1, 200))),
    "select": ColumnType(Either(OPTION), None, _same, _name_of, "choice", _OPTIONS, has_options=True),
    "status": ColumnType(Either(OPTION), None, _same, _name_of, "choice", _OPTIONS, has_options=True),
    "multi_select": ColumnType(Array(OPTION), [], _same, _names_of, "list", _OPTIONS, has_options=True),
    "date": ColumnType(_DATE, None, _date_answer, lambda value: value["start"] if value else None, "date"),
    "people": ColumnType(_PEOPLE, [], _people_answer, _ids_of, "list"),
    "relation": ColumnType(Array(Record({"id": Uuid()})), [], _relation_answer, _ids_of, "list", _RELATION),
    "files": ColumnType(Array(_EXTERNAL_FILE), [], _files_answer, _names_of, "list"),
    "created_time": ColumnType(None, filter="date"),
    "last_edited_time": ColumnType(None, filter="date"),
    "created_by": ColumnType(None, filter="list"),
    "last_edited_by": ColumnType(None, filter="list"),
}
