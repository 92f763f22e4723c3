"""Finds databases, data sources and pages by id or by name, and says what an id is of where it is of something else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from esl_pipeline.clients.errors import RejectedError
from esl_pipeline.pages.fingerprint import normal_id
from esl_pipeline.stages.context import JobContext
from esl_pipeline.stages.notion_api import Json, NotionApi
from esl_pipeline.stages.page_schemas import Schemas

NOT_THIS_KIND = frozenset({400, 404})
"""Notion's answers to the id of another kind of object, and to one that is not shared with the connection."""

MOST_CANDIDATES = 20
"""Databases that are looked at for one of a given title."""

SEARCH_IS_LIMITED = (
    "Notion's search knows titles only, lags behind changes, and is not complete: check the name, share the database "
    "with the connection, wait a minute, or give the id instead."
)


def rejected(code: str, message: str, fix: str) -> RejectedError:
    """Returns the error of a target that somebody must put right."""
    return RejectedError("notion", code, message, fix=fix)


def title_of(found: Mapping[str, Any]) -> str:
    """Returns the title of a database, data source or page."""
    titles = [value["title"] for value in (found.get("properties") or {}).values() if _is_title(value)]
    runs = titles[0] if found.get("object") == "page" and titles else found.get("title") or []
    return "".join(run.get("plain_text") or run.get("text", {}).get("content", "") for run in runs).strip()


def _is_title(value: Mapping[str, Any]) -> bool:
    return value.get("type") == "title" and isinstance(value.get("title"), list)


def same_name(one: str, other: str) -> bool:
    """Tells whether two names are the same, whatever their case and outer blanks."""
    return one.strip().casefold() == other.strip().casefold()


def in_trash(found: Mapping[str, Any]) -> bool:
    """Tells whether an object is in the trash."""
    return bool(found.get("in_trash"))


@dataclass(frozen=True)
class Lookup:
    """Looks for what the settings name.

    Attributes:
        schemas: the run's data sources.
    """

    context: JobContext
    notion: NotionApi
    schemas: Schemas

    def data_source(self, data_source_id: str, setting: str) -> Json:
        """Returns a data source by its id.

        Raises:
            RejectedError: it is the id of something else, or nothing that the connection may see.
        """
        found = self._or_none(self.schemas.read, data_source_id)
        if isinstance(found, dict):
            return found
        raise self._wrong_kind(found, data_source_id, setting)

    def database(self, database_id: str, setting: str) -> Json:
        """Returns a database by its id; raises as ``data_source`` does."""
        found = self._or_none(self.notion.retrieve_database, database_id)
        if isinstance(found, dict):
            return found
        raise self._wrong_kind(found, database_id, setting)

    def page(self, page_id: str, setting: str) -> Json:
        """Returns a page by its id; raises as ``data_source`` does."""
        found = self._or_none(self.notion.retrieve_page, page_id)
        if isinstance(found, dict):
            return found
        raise self._wrong_kind(found, page_id, setting)

    def data_source_named(self, name: str) -> Json:
        """Returns the data source of a name, wherever it is.

        Raises:
            RejectedError: there is none, or there are several.
        """
        self.context.stop_if_cancelled()
        near = [source for source in self.notion.search(name, "data_source") if not in_trash(source)]
        found = [source for source in near if same_name(title_of(source), name)]
        _check_one(found, f"data sources are called “{name}”", "notion.data_source_id")
        if not found:
            raise rejected("not_found_by_name", f"No data source “{name}” was found.{_near(near)}", SEARCH_IS_LIMITED)
        return self.schemas.read(found[0]["id"])

    def database_named(self, name: str) -> Json:
        """Returns the database of a title; it is found by its data sources, which are usually called the same.

        Raises:
            RejectedError: there is none, or there are several.
        """
        self.context.stop_if_cancelled()
        parents = (source.get("parent") or {} for source in self.notion.search(name, "data_source"))
        ids = dict.fromkeys(parent["database_id"] for parent in parents if parent.get("database_id"))
        read = [self._or_none(self.notion.retrieve_database, database_id) for database_id in [*ids][:MOST_CANDIDATES]]
        near = [database for database in read if isinstance(database, dict) and not in_trash(database)]
        found = [database for database in near if same_name(title_of(database), name)]
        _check_one(found, f"databases are called “{name}”", "notion.database_id")
        if not found:
            message = f"No database “{name}” was found by its data sources.{_near(near)}"
            raise rejected("not_found_by_name", message, SEARCH_IS_LIMITED)
        return found[0]

    def data_source_in(self, database: Json, name: str | None) -> Json:
        """Returns the data source of a database: the one of a name, or the only one.

        Raises:
            RejectedError: there is none, or there are several.
        """
        sources: list[Json] = database.get("data_sources") or []
        chosen = [source for source in sources if name is None or same_name(str(source.get("name", "")), name)]
        if len(chosen) == 1:
            return self.data_source(chosen[0]["id"], "the database's data source")
        which = f"{len(chosen) or 'no'} data source{'' if len(chosen) == 1 else 's'}"
        called = "" if name is None else f" called “{name}”"
        message = (
            f"The database “{title_of(database)}” ({database['id']}) has {which}{called}. {listed_sources(database)}"
        )
        fix = "Set notion.data_source_id to the one that takes the pages, or notion.data_source_name to its name."
        raise rejected("several_data_sources" if chosen else "no_data_source", message.strip(), fix)

    def _or_none(self, read: Callable[[str], Json], object_id: str) -> Json | RejectedError:
        self.context.stop_if_cancelled()
        try:
            return read(object_id)
        except RejectedError as error:
            if error.status not in NOT_THIS_KIND:
                raise
            return error

    def _wrong_kind(self, refused: RejectedError, object_id: str, setting: str) -> RejectedError:
        """Returns the error of an id that leads to something else, or to nothing."""
        kinds: tuple[tuple[str, Callable[[str], Json], str], ...] = (
            ("data source", self.schemas.read, "Set notion.data_source_id to it instead."),
            ("database", self.notion.retrieve_database, "Set notion.database_id to it instead."),
            ("page", self.notion.retrieve_page, "Set notion.parent_page_id to it to publish below that page."),
        )
        for kind, read, fix in kinds:
            found = self._or_none(read, object_id)
            if isinstance(found, dict):
                message = f"{setting} is the id of a {kind}, “{title_of(found)}”. {listed_sources(found)}".strip()
                if kind == "database" and "data_source" in setting:
                    fix = f"Set {setting} to one of them, or notion.database_id to the database."
                return rejected("wrong_kind", message, fix)
        refused.fix = f"Check {setting}. If it is right, share it with the connection: in Notion, ••• → Connections."
        return refused


def listed_sources(database: Mapping[str, Any]) -> str:
    """Returns the data sources of a database with their ids, in a sentence; empty where there are none."""
    sources = [f"“{source.get('name', '')}” {source['id']}" for source in database.get("data_sources") or []]
    return f"Its data sources: {', '.join(sources)}." if sources else ""


def _check_one(found: list[Json], what: str, setting: str) -> None:
    ids = {normal_id(one["id"]): one for one in found}
    if len(ids) > 1:
        where = ", ".join(f"{one['id']} ({one.get('url', '')})" for one in ids.values())
        raise rejected("several_by_name", f"{len(ids)} {what}: {where}.", f"Set {setting} to one of them.")


def _near(found: Iterable[Json]) -> str:
    names = [*dict.fromkeys(f"“{title_of(one)}”" for one in found)][:5]
    return f" The nearest: {', '.join(names)}." if names else ""
