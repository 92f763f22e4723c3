"""Options of select, multi-select and status columns."""

from __future__ import annotations

import uuid
from typing import Any

from esl_pipeline.sandbox.notion import Json
from esl_pipeline.sandbox.notion.refusals import invalid
from esl_pipeline.sandbox.notion.rich_text import SELECT_COLOURS

MOST_OPTIONS = 100


def new_option(wanted: Json, present: list[Json]) -> Json:
    """Returns an option with an id and a colour."""
    colour = SELECT_COLOURS[(len(present) + 1) % len(SELECT_COLOURS)]
    return {
        "id": wanted.get("id") or str(uuid.uuid4()),
        "name": wanted["name"],
        "color": wanted.get("color") or colour,
        "description": wanted.get("description"),
    }


def choose(column: Json, wanted: Any) -> tuple[Any, bool]:
    """Finds the options that a value names, and adds new ones to the column.

    Returns:
        the value as a response shows it, and whether the column got an option.

    Raises:
        Refusal: an option is unknown by its id, or is a status, which only a change of the column adds.
    """
    if wanted is None:
        return None, False
    options: list[Json] = column[column["type"]]["options"]
    before = len(options)
    chosen = [_find(column, options, item) for item in (wanted if isinstance(wanted, list) else [wanted])]
    shown = [{name: option[name] for name in ("id", "name", "color")} for option in chosen]
    return (shown if isinstance(wanted, list) else shown[0]), len(options) > before


def _find(column: Json, options: list[Json], wanted: Json) -> Json:
    key = "id" if "id" in wanted else "name"
    found = next((option for option in options if option[key] == wanted[key]), None)
    if found is not None:
        return found
    if column["type"] == "status":
        raise invalid(f'Invalid status option. Status option "{wanted[key]}" does not exist.')
    if "name" not in wanted:
        raise invalid(f'Invalid option. Option with ID "{wanted["id"]}" does not exist.')
    if len(options) >= MOST_OPTIONS:
        raise invalid(f"{column['name']} has {MOST_OPTIONS} options already.")
    options.append(new_option(wanted, options))
    return options[-1]
