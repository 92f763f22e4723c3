"""Queries of a data source, and search.

**Source**: developers.notion.com/reference/filter-data-source-entries and post-search (read 2026-11-23).
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from esl_pipeline.sandbox.notion import Json
from esl_pipeline.sandbox.notion.columns import COLUMN_TYPES
from esl_pipeline.sandbox.notion.pages import page_answer
from esl_pipeline.sandbox.notion.refusals import MISSING, failed, fix_one, invalid
from esl_pipeline.sandbox.notion.shapes import (
    Anything,
    Array,
    Flag,
    Number,
    OneOf,
    Record,
    Tagged,
    Text,
    Uuid,
    Where,
    dashed,
)
from esl_pipeline.sandbox.notion.sources import source_answer
from esl_pipeline.sandbox.notion.store import Node
from esl_pipeline.sandbox.notion.visit import Visit, title_of

MOST_RESULTS = 100
DEEPEST_COMPOUND = 2

_PAGE_SIZE = Where(Number(whole=True, least=1), lambda size: size <= MOST_RESULTS, f"≤ `{MOST_RESULTS}`")
_QUERY = Record(
    {},
    {
        "filter": Anything(),
        "sorts": Array(Anything()),
        "start_cursor": Text(),
        "page_size": _PAGE_SIZE,
        "in_trash": Flag(),
        "is_archived": Flag(),
        "result_type": OneOf(("page", "data_source")),
    },
)
_SEARCH = Record(
    {},
    {
        "query": Text(),
        "filter": Record(
            {}, {"property": OneOf(("object",)), "value": OneOf(("page", "data_source")), "in_trash": Flag()}
        ),
        "sort": Record({}, {"timestamp": OneOf(("last_edited_time",)), "direction": Text(), "property": Text()}),
        "start_cursor": Uuid(),
        "page_size": _PAGE_SIZE,
    },
)
_SORT = Tagged(
    {"property": Text(), "timestamp": OneOf(("created_time", "last_edited_time"))},
    {"direction": OneOf(("ascending", "descending"))},
)

Test = Callable[[Any, Any], bool]


def _folded(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value


def _either(value: Any, wanted: Any) -> bool:
    return value in wanted if isinstance(wanted, list) else value == wanted


def _holds(value: Any, wanted: Any) -> bool:
    return any(item in value for item in (wanted if isinstance(wanted, list) else [wanted]))


def _not(test: Test) -> Test:
    return lambda value, wanted: not test(value, wanted)


def _known(test: Test) -> Test:
    return lambda value, wanted: value is not None and test(value, wanted)


_EXISTENCE: Mapping[str, Test] = {
    "is_empty": lambda value, _: value is None or value in ("", []),
    "is_not_empty": lambda value, _: value is not None and value not in ("", []),
}


def _equality(test: Test) -> Mapping[str, Test]:
    return {"equals": test, "does_not_equal": _not(test)}


def _containment(test: Test) -> Mapping[str, Test]:
    return {"contains": test, "does_not_contain": _not(test)}


_TEXT_TESTS: Mapping[str, Test] = {
    **_equality(lambda value, wanted: _folded(value) == _folded(wanted)),
    **_containment(lambda value, wanted: _folded(wanted) in _folded(value or "")),
    "starts_with": lambda value, wanted: _folded(value or "").startswith(_folded(wanted)),
    "ends_with": lambda value, wanted: _folded(value or "").endswith(_folded(wanted)),
    **_EXISTENCE,
}
TESTS: Mapping[str, Mapping[str, Test]] = {
    "text": _TEXT_TESTS,
    "number": {
        **_equality(lambda value, wanted: value == wanted),
        "greater_than": _known(lambda value, wanted: value > wanted),
        "less_than": _known(lambda value, wanted: value < wanted),
        "greater_than_or_equal_to": _known(lambda value, wanted: value >= wanted),
        "less_than_or_equal_to": _known(lambda value, wanted: value <= wanted),
        **_EXISTENCE,
    },
    "checkbox": _equality(lambda value, wanted: value == wanted),
    "choice": {**_equality(_either), **_EXISTENCE},
    "list": {**_containment(_holds), **_EXISTENCE},
    "date": {
        "equals": _known(lambda value, wanted: value[: len(wanted)] == wanted),
        "before": _known(lambda value, wanted: value < wanted),
        "after": _known(lambda value, wanted: value > wanted),
        "on_or_before": _known(lambda value, wanted: value[: len(wanted)] <= wanted),
        "on_or_after": _known(lambda value, wanted: value >= wanted),
        **_EXISTENCE,
    },
}
"""What each group of columns can be asked; ISO dates compare as text."""


def query_source(visit: Visit, data_source_id: str, body: Any) -> Json:
    """Returns the pages of a data source that a filter lets through, newest first where nothing else is asked for."""
    _QUERY.check(body, "body")
    source = visit.find("data_source", data_source_id)
    in_trash = body.get("in_trash", body.get("is_archived", False))
    columns = source.content["properties"]
    let_through = _filter(columns, body["filter"], "body.filter", 0) if "filter" in body else None
    pages = [page_answer(visit, row) for row in visit.store.rows(source.id, in_trash=in_trash)]
    found = [page for page in pages if let_through is None or let_through(page)]
    for index, sort in reversed(list(enumerate(body.get("sorts", [])))):
        _sort(found, columns, sort, f"body.sorts[{index}]")
    start = _start(body.get("start_cursor"))
    size = body.get("page_size", MOST_RESULTS)
    rest = found[start:]
    cursor = base64.urlsafe_b64encode(str(start + size).encode()).decode() if len(rest) > size else None
    return listed("page_or_data_source", rest[:size], cursor)


def listed(kind: str, results: Sequence[Json], cursor: str | None) -> Json:
    """Returns one page of results as a response shows it."""
    return {
        "object": "list",
        "results": list(results),
        "next_cursor": cursor,
        "has_more": cursor is not None,
        "type": kind,
        kind: {},
    }


def _start(cursor: str | None) -> int:
    if cursor is None:
        return 0
    try:
        return int(base64.urlsafe_b64decode(cursor.encode()).decode())
    except (binascii.Error, ValueError):
        raise bad_cursor(cursor) from None


def bad_cursor(cursor: str) -> Exception:
    """Returns the refusal of a cursor that was not given out."""
    return invalid(f"The start_cursor provided is invalid: {cursor}")


def _filter(columns: Json, wanted: Any, path: str, depth: int) -> Callable[[Json], bool]:
    compound = next((name for name in ("and", "or") if isinstance(wanted, dict) and name in wanted), None)
    if compound is None:
        return _condition(columns, wanted, path)
    if depth == DEEPEST_COMPOUND:
        raise failed(f"{path}.{compound}", "not present", wanted[compound])
    Record({compound: Array(Anything())}).check(wanted, path)
    parts = [
        _filter(columns, part, f"{path}.{compound}[{index}]", depth + 1) for index, part in enumerate(wanted[compound])
    ]
    combine = all if compound == "and" else any
    return lambda page: combine(part(page) for part in parts)


def _condition(columns: Json, wanted: Any, path: str) -> Callable[[Json], bool]:
    Anything().check(wanted, path)
    kind = next((name for name in wanted if name in COLUMN_TYPES), None)
    if kind is None:
        raise fix_one(path, {"or": 0, "and": 0, **COLUMN_TYPES})
    rule = COLUMN_TYPES[kind]
    tests = TESTS[rule.filter]
    if "timestamp" in wanted:
        Record({kind: Anything()}, {"timestamp": OneOf((kind,))}).check(wanted, path)
    else:
        Record({kind: Anything(), "property": Text()}, {"type": OneOf((kind,))}).check(wanted, path)
    if len(wanted[kind]) != 1 or not set(wanted[kind]) <= set(tests):
        raise fix_one(f"{path}.{kind}", tests)
    operator, operand = next(iter(wanted[kind].items()))
    if "timestamp" in wanted:
        return lambda page: tests[operator](page[kind], operand)
    name = _column(columns, wanted["property"], kind)
    return lambda page: tests[operator](rule.compared(page["properties"][name][kind]), operand)


def _column(columns: Json, name_or_id: str, kind: str | None = None) -> str:
    found = next((name for name, column in columns.items() if name_or_id in (name, column["id"])), None)
    if found is None:
        raise invalid(f"Could not find property with name or id: {name_or_id}")
    if kind and columns[found]["type"] != kind:
        raise invalid(f"database property {columns[found]['type']} does not match filter {kind}")
    return found


def _sort(pages: list[Json], columns: Json, wanted: Any, path: str) -> None:
    _SORT.check(wanted, path)
    if "timestamp" in wanted:
        pages.sort(key=lambda page: str(page[wanted["timestamp"]]), reverse=wanted["direction"] == "descending")
        return
    name = _column(columns, wanted["property"])
    kind = columns[name]["type"]

    def key(page: Json) -> tuple[bool, str]:
        value = COLUMN_TYPES[kind].compared(page["properties"][name][kind])
        ordered = f"{value:030.6f}" if isinstance(value, float | int) else str(value)
        return value is None, ordered

    pages.sort(key=key, reverse=wanted["direction"] == "descending")


def search(visit: Visit, body: Any) -> Json:
    """Finds pages and data sources by their titles; what is below something in the trash is in the trash as well."""
    _SEARCH.check(body, "body")
    asked = body.get("filter", {})
    if ("property" in asked) != ("value" in asked):
        raise failed("body.filter.value", "defined", asked.get("value", MISSING))
    kinds = [asked["value"]] if "value" in asked else ["page", "data_source"]
    found = [node for kind in kinds for node in visit.store.all_of(kind, in_trash=None)]
    found = [node for node in found if visit.is_alive(node) != asked.get("in_trash", False)]
    words = body.get("query", "").casefold()
    found = [node for node in found if words in title_of(node).casefold()]
    ascending = body.get("sort", {}).get("direction") == "ascending"
    found.sort(key=lambda node: node.edited_at, reverse=not ascending)
    return page_of(
        "page_or_data_source", found, body.get("start_cursor"), body.get("page_size"), lambda node: _found(visit, node)
    )


def _found(visit: Visit, node: Node) -> Json:
    return page_answer(visit, node) if node.kind == "page" else source_answer(visit, node)


def page_of(
    kind: str, nodes: Sequence[Node], cursor: str | None, size: int | None, answer: Callable[[Node], Json]
) -> Json:
    """Returns the part of a list that begins with the object whose id is the cursor."""
    ids = [node.id for node in nodes]
    if cursor is not None and dashed(cursor) not in ids:
        raise bad_cursor(cursor)
    start = ids.index(dashed(cursor)) if cursor else 0
    end = start + (size or MOST_RESULTS)
    return listed(kind, [answer(node) for node in nodes[start:end]], ids[end] if end < len(ids) else None)
