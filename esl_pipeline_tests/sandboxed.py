"""A sandbox that a test can watch, slow down, break and edit, and the pipeline that publishes into it."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests
from requests import Response

from esl_pipeline.sandbox.launcher import SandboxAddresses
from esl_pipeline.stages.asking import manifest_file
from esl_pipeline.stages.create_pipeline import create_pipeline
from esl_pipeline.stages.environment import Environment, read_environment
from esl_pipeline.stages.job import JobOptions
from esl_pipeline.stages.job_record import JobRecord
from esl_pipeline.stages.pipeline import Pipeline
from esl_pipeline.stores.machine_records import FILE

HEADERS = {"Authorization": "Bearer ntn_test", "Notion-Version": "2026-03-11"}
EDIT = ("order two pizzas, please", "order three pizzas, please")
"""An edit of one line of the lesson with four turns."""
WRITES = frozenset({"POST", "PATCH", "PUT", "DELETE"})


@dataclass(frozen=True)
class Sandboxed:
    """One home folder with its running sandbox."""

    home: Path
    at: SandboxAddresses

    @property
    def environment(self) -> Environment:
        """What a process of this home would read, and nothing of the machine's own environment."""
        return read_environment({"ESL_HOME": str(self.home), "ESL_SANDBOX_PORT": str(self.at.base_port)})

    def pipeline(self, **providers: Any) -> Pipeline:
        """A pipeline as a new process would make it: it knows nothing but what is stored."""
        return create_pipeline(environment=self.environment, **providers)

    def publish(
        self,
        lesson: Path | str,
        assignment: str = "lesson",
        *,
        tenant: str = "school",
        pipeline: Pipeline | None = None,
        **options: Any,
    ) -> JobRecord:
        """Publishes a lesson, given as a file or as its text."""
        path = lesson if isinstance(lesson, Path) else self.write(lesson, assignment)
        return (pipeline or self.pipeline()).new_assignment(
            tenant, assignment, manifest_file(path), JobOptions(**options)
        )

    def write(self, text: str, assignment: str = "lesson") -> Path:
        """Writes a lesson file."""
        path = self.home / "lessons" / f"{assignment}.md"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")
        return path

    def requests(self, vendor: str | None = None) -> list[dict[str, Any]]:
        """The requests that the vendors got so far, in order."""
        log: list[dict[str, Any]] = self.control("requests").json()
        return [entry for entry in log if vendor in (None, entry["vendor"])]

    def uploaded(self, path: str) -> bytes:
        """What anybody reads at ``bucket/key``."""
        answer = requests.get(f"{self.at.s3_url}/{path}", timeout=10)
        answer.raise_for_status()
        return answer.content

    @contextmanager
    def watched(self, vendor: str | None = None) -> Iterator[list[dict[str, Any]]]:
        """Gives a list that holds, at the end of the block, the requests made in it."""
        before, seen = len(self.requests(vendor)), []  # type: ignore[var-annotated]
        yield seen
        seen += self.requests(vendor)[before:]

    @contextmanager
    def faults(self, *rules: dict[str, Any]) -> Iterator[None]:
        """Breaks the vendors for the length of the block."""
        self.control("faults", list(rules))
        try:
            yield
        finally:
            self.quiet()

    def quiet(self) -> None:
        """Takes back faults and delays, and forgets what vendors asked to wait for."""
        requests.delete(f"{self.at.viewer_url}/_sandbox/faults", timeout=10).raise_for_status()
        self.control("delays", {"notion_s": 0, "speech_s": 0, "speech_s_per_character": 0, "s3_s": 0})
        records = self.home / "sandbox" / "pace" / FILE
        if records.exists():
            with closing(sqlite3.connect(records, 5)) as pace, pace:
                pace.execute("DELETE FROM records")

    def settle(self) -> None:
        """Waits until what a dead client had sent has all arrived and been answered."""
        before: list[dict[str, Any]] = []
        while before != (now := self.requests()):
            before = now
            time.sleep(0.2)

    def control(self, what: str, body: object = None) -> Response:
        """Asks the sandbox itself."""
        url = f"{self.at.viewer_url}/_sandbox/{what}"
        answer = requests.get(url, timeout=10) if body is None else requests.post(url, json=body, timeout=10)
        answer.raise_for_status()
        return answer

    def edit(self, **how: Any) -> dict[str, Any]:
        """Edits the page as a person would."""
        made: dict[str, Any] = self.control("notion/edit", how).json()
        return made

    def notion(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        """Sends a request of the test's own."""
        answer = requests.request(method, f"{self.at.notion_url}/v1/{path}", headers=HEADERS, json=body, timeout=30)
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found

    def children(self, block_id: str) -> list[dict[str, Any]]:
        """The blocks inside a page or block."""
        found: list[dict[str, Any]] = []
        cursor = ""
        while True:
            page = self.notion("GET", f"blocks/{block_id}/children?page_size=100{cursor}")
            found += page["results"]
            if not page["has_more"]:
                return found
            cursor = f"&start_cursor={page['next_cursor']}"

    def tree(self, block_id: str) -> list[Tree]:
        """All that is inside a page or block."""
        return [
            Tree(block["type"], block["id"], block, self.tree(block["id"]) if block["has_children"] else [])
            for block in self.children(block_id)
        ]

    def pages(self, key: str) -> list[dict[str, Any]]:
        """The pages that carry an assignment's key and are not in the trash."""
        from esl_pipeline.sandbox.notion import HOMEWORK_DATA_SOURCE_ID

        body = {"filter": {"property": "ESL Key", "rich_text": {"equals": key}}}
        found: list[dict[str, Any]] = self.notion("POST", f"data_sources/{HOMEWORK_DATA_SOURCE_ID}/query", body)[
            "results"
        ]
        return found


@dataclass(frozen=True)
class Tree:
    """A block with what is inside it."""

    type: str
    id: str
    block: dict[str, Any] = field(repr=False)
    children: list[Tree]

    @property
    def text(self) -> str:
        """Its own words."""
        content = self.block[self.type]
        runs = content.get("rich_text") or content.get("caption") or []
        return "".join(run["plain_text"] for run in runs)


def succeeded(record: JobRecord) -> JobRecord:
    """Returns the record of a publication that must have succeeded."""
    assert record.status == "succeeded", record.model_dump_json(indent=2)
    return record


def flat(trees: Sequence[Tree]) -> Iterator[Tree]:
    """Yields blocks in reading order."""
    for tree in trees:
        yield tree
        yield from flat(tree.children)


def shape(trees: Sequence[Tree]) -> list[Any]:
    """Returns what a reader sees, without ids and times, to compare pages by."""
    return [(tree.type, tree.text, shape(tree.children)) for tree in trees]


def writes(seen: Sequence[dict[str, Any]]) -> list[str]:
    """Returns the requests that may change something; a query is none, although it is a POST."""
    return [
        f"{entry['method']} {entry['path']}"
        for entry in seen
        if entry["method"] in WRITES and not entry["path"].rstrip("/").endswith(("/query", "/search"))
    ]
