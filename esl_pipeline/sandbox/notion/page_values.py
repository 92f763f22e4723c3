"""The values that a page has in the columns of its data source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from esl_pipeline.sandbox.notion import Json
from esl_pipeline.sandbox.notion.columns import COLUMN_TYPES
from esl_pipeline.sandbox.notion.options import choose
from esl_pipeline.sandbox.notion.refusals import failed, invalid, not_found
from esl_pipeline.sandbox.notion.shapes import Anything, OneOf, Record, Text
from esl_pipeline.sandbox.notion.store import Node
from esl_pipeline.sandbox.notion.visit import Visit

TITLE_ONLY: Mapping[str, Json] = {"title": {"id": "title", "name": "title", "type": "title", "title": {}}}
"""The columns of a page that is in no data source."""


def columns_of(visit: Visit, page: Node) -> Mapping[str, Json]:
    """Returns the columns that a page has values in."""
    above = visit.store.node(page.parent_id) if page.parent_id else None
    if above is None or above.kind != "data_source":
        return TITLE_ONLY
    columns: Mapping[str, Json] = above.content["properties"]
    return columns


def value_answers(columns: Mapping[str, Json], page: Node, signature: Json) -> Json:
    """Returns all values of a page as a response shows them."""
    shown = {}
    for name, column in columns.items():
        kind = column["type"]
        stored = page.content["values"].get(column["id"], COLUMN_TYPES[kind].empty)
        shown[name] = {"id": column["id"], "type": kind, kind: signature.get(kind, stored)}
    return shown


def written_values(visit: Visit, source: Node | None, properties: Any) -> Json:
    """Checks the values of a request; adds options that are new to a column of the data source.

    Args:
        visit: at the workspace.
        source: the data source; None for a page that is in none.
        properties: values by the name or id of their column.

    Returns:
        the values by the id of their column, as a response shows them.

    Raises:
        Refusal: a column is unknown, or a value is not of its type.
    """
    Anything().check(properties, "body.properties")
    columns = source.content["properties"] if source else TITLE_ONLY
    values, extended = {}, False
    for name, value in properties.items():
        column = column_named(columns, name)
        content = _checked(column, value, f"body.properties.{name}")
        if COLUMN_TYPES[column["type"]].has_options:
            content, added = choose(column, content)
            extended = extended or added
        if column["type"] == "relation":
            _check_related(visit, column, content)
        values[column["id"]] = COLUMN_TYPES[column["type"]].answer(content)
    if source and extended:
        visit.store.save(replace(source, content={**source.content, "properties": columns}))
    return values


def column_named(columns: Mapping[str, Json], name: str) -> Json:
    """Returns the column of a name or id.

    Raises:
        Refusal: there is none.
    """
    found = columns.get(name) or next((column for column in columns.values() if column["id"] == name), None)
    if found is None:
        raise invalid(f"{name} is not a property that exists.")
    return found


def _checked(column: Json, value: Any, path: str) -> Any:
    kind = column["type"]
    shape = COLUMN_TYPES[kind].value
    Anything().check(value, path)
    if shape is None:
        raise invalid(f"{column['name']} is a {kind} property and can't be written.")
    if kind not in value:
        sent = next((name for name in value if name in COLUMN_TYPES), None)
        if sent is None:
            raise failed(f"{path}.{kind}", "defined", None)
        raise invalid(f"{column['name']} is expected to be {kind}.")
    # A recorded page may be sent back with its ids.
    Record({kind: shape}, {"type": OneOf((kind,)), "id": Text()}).check(value, path)
    return value[kind]


def _check_related(visit: Visit, column: Json, content: list[Json]) -> None:
    for item in content:
        page = visit.store.node(item["id"])
        if page is None or page.kind != "page" or page.parent_id != column["relation"]["data_source_id"]:
            raise not_found("page", item["id"])
