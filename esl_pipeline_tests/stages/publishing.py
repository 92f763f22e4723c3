"""Lessons published with signed addresses or at Notion, and what is seen of them on the page."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from esl_pipeline.stages.job_record import JobRecord
from esl_pipeline.stores.publication import Publication
from esl_pipeline_tests.sandboxed import Sandboxed, Tree, flat, succeeded
from esl_pipeline_tests.stages.speech_stage import Hurried, short

TENANT = "publishing"
PRESIGNED, NOTION, PUBLIC = (f"storage.publishing={how}" for how in ("presigned", "notion", "public"))
OWN_FILE = "https://example.com/mine.mp3"


class Later(Hurried):
    """The machine's clock, some time ahead."""

    def __init__(self, ahead: timedelta) -> None:
        super().__init__()
        self.ahead = ahead

    def now(self) -> datetime:
        return super().now() + self.ahead


def publish(
    sandbox: Sandboxed, lesson: str, assignment: str, *overrides: str, ahead: timedelta = timedelta(), **options: Any
) -> JobRecord:
    """Publishes a lesson with words of its own; what it says is the same each time."""
    text = short(lesson, assignment)
    pipeline = sandbox.pipeline(clock=Later(ahead))
    return succeeded(
        sandbox.publish(text, assignment, tenant=TENANT, pipeline=pipeline, overrides=overrides, **options)
    )


def publication(sandbox: Sandboxed, assignment: str, tenant: str = TENANT) -> Publication:
    """What is recorded of it."""
    found = sandbox.pipeline().providers.publications.read(tenant, assignment)
    assert found is not None
    return found


def players(sandbox: Sandboxed, record: JobRecord) -> list[Tree]:
    """The audio blocks of its page."""
    return [block for block in flat(sandbox.tree(record.page.id or "")) if block.type == "audio"]


def player(sandbox: Sandboxed, record: JobRecord) -> Tree:
    """The only audio block."""
    (found,) = players(sandbox, record)
    return found


def content(sandbox: Sandboxed, record: JobRecord) -> dict[str, Any]:
    """What that has."""
    found: dict[str, Any] = player(sandbox, record).block["audio"]
    return found


def links(found: dict[str, Any]) -> list[str]:
    """The addresses in a caption."""
    return [run["text"]["link"]["url"] for run in found["caption"] if run["text"].get("link")]
