"""The page stage alone, for tests of where a page goes and what becomes of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from esl_pipeline.clients.errors import RejectedError
from esl_pipeline.manifests import AskingError
from esl_pipeline.stages.asking import manifest_file
from esl_pipeline.stages.hooks import MachineClock
from esl_pipeline.stages.job import JobOptions
from esl_pipeline.stages.outcome import StageOutcome
from esl_pipeline.stages.pipeline import Pipeline
from esl_pipeline.stages.stage import Stage
from esl_pipeline.stores.publication import PagePublication
from esl_pipeline_tests.lessons.lesson_text import head_text, lesson_text
from esl_pipeline_tests.sandboxed import HEADERS, Sandboxed


class QuickClock(MachineClock):
    """The machine's clock, but nobody waits."""

    def sleep(self, seconds: float) -> None:
        """Returns at once."""


@dataclass(frozen=True)
class Teacher:
    """Publishes the page of one assignment, in one place."""

    sandbox: Sandboxed
    assignment: str
    settings: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        return f"school/{self.assignment}"

    @property
    def pipeline(self) -> Pipeline:
        return self.sandbox.pipeline(clock=QuickClock())

    def publish(self, text: str, *settings: str, force: bool = False, dry_run: bool = False) -> StageOutcome:
        """Runs the stages up to the page; what they raise is raised."""
        forced = frozenset({Stage.PAGE}) if force else frozenset[Stage]()
        options = JobOptions(overrides=(*self.settings, *settings), dry_run=dry_run, force=forced)
        pipeline = self.pipeline
        asked = manifest_file(self.sandbox.write(text, self.assignment))
        job = pipeline.open_job("school", self.assignment, asked, options)
        assert not pipeline.run_stage(Stage.MANIFEST, job).rejected, job.understood.problems
        return pipeline.run_stage(Stage.PAGE, job)

    def refused(self, text: str, *settings: str, **how: Any) -> RejectedError:
        """Publishes what must be refused, without a write to Notion."""
        with self.sandbox.watched("notion") as seen:
            try:
                self.publish(text, *settings, **how)
            except RejectedError as error:
                found = error
            else:
                raise AssertionError("it was not refused")
        assert [e for e in seen if e["status"] == 200 and changes(e)] == []
        assert found.fix
        return found

    def problems(self, text: str, *settings: str) -> AskingError:
        """Publishes a lesson that does not fit, without a write to Notion."""
        with self.sandbox.watched("notion") as seen:
            try:
                self.publish(text, *settings)
            except AskingError as error:
                found = error
            else:
                raise AssertionError("it was not refused")
        assert [e for e in seen if changes(e)] == []
        return found

    @property
    def page(self) -> PagePublication:
        """What is on record."""
        publication = self.sandbox.pipeline().providers.publications.read("school", self.assignment)
        assert publication is not None
        assert publication.page is not None
        return publication.page


def changes(entry: dict[str, Any]) -> bool:
    """Tells whether a request may change something."""
    return entry["method"] != "GET" and not entry["path"].endswith(("/query", "/search"))


def lesson(title: str = "At the Station", *, extra: str = "", **head: str) -> str:
    """A short lesson."""
    return lesson_text(head=head_text(title=title, **head), extra=extra)


def text_value(content: str) -> list[dict[str, Any]]:
    """Rich text, as a request has it."""
    return [{"type": "text", "text": {"content": content}}]


def make_database(sandbox: Sandboxed, name: str, **columns: Any) -> dict[str, Any]:
    """Makes a database with one data source; its title column is called Name where no other is given."""
    wanted = columns if any("title" in column for column in columns.values()) else {"Name": {"title": {}}, **columns}
    body = {
        "parent": {"workspace": True},
        "title": text_value(name),
        "initial_data_source": {"properties": wanted},
    }
    return sandbox.notion("POST", "databases", body)


def source_of(database: dict[str, Any]) -> str:
    """The id of a database's only data source."""
    (source,) = database["data_sources"]
    return str(source["id"])


def make_page(sandbox: Sandboxed, title: str, parent: dict[str, Any], children: Sequence[Any] = ()) -> dict[str, Any]:
    """Makes a page as a program does."""
    name = "title" if "page_id" in parent else "Name"
    body = {"parent": parent, "properties": {name: {"title": text_value(title)}}, "children": list(children)}
    return sandbox.notion("POST", "pages", body)


def make_top_page(sandbox: Sandboxed, title: str) -> str:
    """Makes a page that other pages can stand under."""
    database = make_database(sandbox, f"Home of {title}")
    return str(make_page(sandbox, title, {"data_source_id": source_of(database)})["id"])


def child_pages(sandbox: Sandboxed, page_id: str) -> list[dict[str, Any]]:
    """The pages under a page."""
    return [block for block in sandbox.children(page_id) if block["type"] == "child_page"]


__all__ = ["HEADERS", "Teacher", "changes", "child_pages", "lesson", "make_database", "make_page", "make_top_page"]
