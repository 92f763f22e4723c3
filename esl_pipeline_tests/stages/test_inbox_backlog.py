"""Ten thousand lessons at once, in a folder and in a bucket."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from esl_pipeline.clients import s3_client
from esl_pipeline.stages.asking import ManifestText
from esl_pipeline.stages.inbox_cursor import write_cursor
from esl_pipeline.stages.inbox_folder import FolderInbox
from esl_pipeline.stages.inbox_s3 import S3Inbox
from esl_pipeline.stages.inbox_tick import Limits
from esl_pipeline.stores.file_documents import FileDocuments
from esl_pipeline.stores.requests import RequestStore
from esl_pipeline_tests.stages.inboxes import Watched, put

NUMBER, TENANTS = 10_000, 20

pytestmark = pytest.mark.slow


def name(number: int) -> str:
    return f"school-{number % TENANTS}/lesson-{number}"


def test_a_folder_of_ten_thousand_is_drained_while_files_arrive_and_ticks_die(tmp_path: Path) -> None:
    root = tmp_path / "inbox"
    for tenant in range(TENANTS):
        (root / f"school-{tenant}").mkdir(parents=True)
    for number in range(NUMBER):
        (root / f"{name(number)}.md").write_text(f"Lesson {number}")
    store = RequestStore(FileDocuments(tmp_path / "state"))
    watched, asked, late = Watched(FolderInbox(root), store, limits=Limits(runs=1000)), list[str](), list[str]()
    for tick in range(100):
        if tick < 15:
            late.append(f"school-{tick}/late-{tick}")
            put(root / f"{late[-1]}.md", f"Late {tick}")
        if tick % 5 == 4:
            asked += watched.submit(watched.look(), 100 * (tick % 3))
        found = watched.look()
        assert len(found.due) <= 1000
        if not found.due:
            break
        asked += watched.submit(found)
        watched.cursor = write_cursor(found.cursor)
        assert len(watched.cursor) < 1_000
    assert sorted(asked) == sorted([*map(name, range(NUMBER)), *late])


class Bucket:
    """A bucket at moto's that is filled past HTTP, and which counts what is read of it."""

    def __init__(self, name: str) -> None:
        from moto.s3.models import s3_backends

        self.client, self.name, self.reads = s3_client(), name, 0
        self.client.create_bucket(Bucket=name)
        self._backend = s3_backends["123456789012"]["aws"]
        self.client.meta.events.register("before-call.s3.GetObject", self._count)

    def _count(self, **_: Any) -> None:
        self.reads += 1

    def put(self, path: str, content: str) -> None:
        self._backend.put_object(self.name, f"in/{path}", content.encode())


class ReadElsewhere(S3Inbox):
    """Lists the bucket, and has the texts from elsewhere, because ten thousand requests take a minute."""

    def manifest(self, path: str) -> ManifestText:
        """Knows what is in the lesson."""
        return ManifestText(text_of(path), path.rpartition("/")[2], str)


def text_of(path: str) -> str:
    return f"Lesson {path.rpartition('-')[2]}"


@pytest.mark.usefixtures("aws")
def test_a_bucket_of_ten_thousand_is_drained_and_only_what_changed_is_read(assignment: str, tmp_path: Path) -> None:
    bucket = Bucket(assignment)
    for number in range(NUMBER):
        bucket.put(f"{name(number)}.md", text_of(f"{name(number)}.md"))
    store = RequestStore(FileDocuments(tmp_path))
    watched = Watched(ReadElsewhere(bucket.client, assignment, "in/"), store, limits=Limits(runs=6000, seconds=600))
    first, second = watched.tick(), watched.tick()
    assert (len(first), len(second), len({*first, *second})) == (6000, 4000, NUMBER)
    assert len(watched.cursor) < 1_000
    watched.inbox = S3Inbox(bucket.client, assignment, "in/")
    bucket.put("school-3/lesson-3.md", "Another one")
    bucket.put("school-4/lesson-4.md", text_of("school-4/lesson-4.md"))
    assert watched.tick() == ["school-3/lesson-3"]
    assert bucket.reads == 1, "the other one has the ETag that it had"
