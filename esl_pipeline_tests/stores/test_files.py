from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from esl_pipeline.stores import files
from esl_pipeline.stores.artifact_files import FileArtifactStore
from esl_pipeline.stores.files import FilePublicationStore
from esl_pipeline.stores.protocols import LeaseHeldError, UnreadablePublicationError
from esl_pipeline.stores.publication import Publication
from esl_pipeline.stores.publication_versions import SCHEMA_VERSION
from esl_pipeline.stores.whole_files import write_whole
from esl_pipeline_tests.stores.child import LONG
from esl_pipeline_tests.stores.test_artifacts import SHA
from esl_pipeline_tests.stores.test_publications import titled


@contextmanager
def child(folder: Path, deed: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "esl_pipeline_tests.stores.child", str(folder), deed]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        try:
            yield running
        finally:
            running.kill()


def publication_file(folder: Path) -> Path:
    return folder / "publications" / "school" / "week-1.json"


@pytest.mark.slow
def test_eight_processes_that_race_lose_no_update(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "esl_pipeline_tests.stores.child", str(tmp_path), "count"]
    running = [subprocess.Popen(command) for _ in range(8)]
    assert [process.wait(120) for process in running] == [0] * 8
    found = FilePublicationStore(tmp_path).read("school", "week-1")
    assert found is not None
    assert found.title == "80"


def test_a_lease_is_freed_when_its_holder_is_killed(tmp_path: Path) -> None:
    store = FilePublicationStore(tmp_path)
    with child(tmp_path, "hold") as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(LeaseHeldError), store.lease("school", "week-1"):
            pass
        holder.kill()
        holder.wait(10)
        with store.lease("school", "week-1"):
            pass


def test_a_reader_never_sees_half_a_write_also_when_the_writer_is_killed(tmp_path: Path) -> None:
    store, seen = FilePublicationStore(tmp_path), set[str]()
    with child(tmp_path, "rewrite") as writer:
        ends = time.monotonic() + 30
        while (len(seen) < 2 and time.monotonic() < ends) or time.monotonic() < ends - 29:
            if found := store.read("school", "week-1"):
                seen.add(found.title)
        writer.kill()
        writer.wait(10)
    assert seen == {"x", LONG}
    found = store.read("school", "week-1")
    assert found is not None
    assert found.title in seen
    assert titled("alive", store).title == "alive"


def test_an_update_that_waits_too_long_says_that_another_run_is_at_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "LOCK_TIMEOUT_S", 0.05)
    store = FilePublicationStore(tmp_path)

    def change_inside_a_change(_: Publication) -> None:
        titled("inner", FilePublicationStore(tmp_path))

    with pytest.raises(LeaseHeldError):
        store.update("school", "week-1", change_inside_a_change)


def test_a_publication_of_a_newer_version_is_refused_and_not_touched(tmp_path: Path) -> None:
    store = FilePublicationStore(tmp_path)
    titled("one", store)
    path = publication_file(tmp_path)
    newer = json.dumps(json.loads(path.read_text()) | {"schema_version": SCHEMA_VERSION + 1, "title": {"en": "One"}})
    path.write_text(newer)
    said = r"is of version 3; this program knows version 2\. Update the program"
    with pytest.raises(UnreadablePublicationError, match=said):
        store.read("school", "week-1")
    with pytest.raises(UnreadablePublicationError, match=said):
        titled("two", store)
    assert path.read_text() == newer


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        "null",
        "{}",
        '{"schema_version": "x"}',
        '{"schema_version": 0}',
        '{"schema_version": true}',
        "\x00" * 100,
    ],
)
def test_a_damaged_publication_is_refused_and_not_touched(tmp_path: Path, content: str) -> None:
    store = FilePublicationStore(tmp_path)
    titled("secret", store)
    path = publication_file(tmp_path)
    path.write_text(content)
    with pytest.raises(UnreadablePublicationError, match="is damaged"):
        store.read("school", "week-1")
    with pytest.raises(UnreadablePublicationError, match="is damaged"):
        titled("two", store)
    assert path.read_text() == content


def test_a_publication_that_was_copied_to_another_name_is_refused(tmp_path: Path) -> None:
    store = FilePublicationStore(tmp_path)
    titled("one", store)
    path = publication_file(tmp_path)
    path.with_name("week-2.json").write_bytes(path.read_bytes())
    with pytest.raises(UnreadablePublicationError, match="publication of school/week-1"):
        store.read("school", "week-2")


def test_files_of_other_names_are_not_listed(tmp_path: Path) -> None:
    store = FilePublicationStore(tmp_path)
    titled("one", store)
    path = publication_file(tmp_path)
    path.with_name("week-1 (copy).json").write_bytes(path.read_bytes())
    path.with_name(".new-x.json").write_text("{")
    assert [found.title for found in store.list()] == ["one"]


def test_what_an_unreadable_publication_holds_is_not_told(tmp_path: Path) -> None:
    path = publication_file(tmp_path)
    path.parent.mkdir(parents=True)
    path.write_text('{"tenant": "school", "assignment": "week-1", "stages": "private words"}')
    with pytest.raises(UnreadablePublicationError) as caught:
        FilePublicationStore(tmp_path).read("school", "week-1")
    assert caught.value.__cause__ is None
    assert "private words" not in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"soun", b"Sound", b"sound!"])
def test_a_damaged_artifact_is_noticed_and_can_be_stored_again(tmp_path: Path, content: bytes) -> None:
    store = FileArtifactStore(tmp_path)
    path = store.put("school", SHA, ".wav", b"sound")
    path.write_bytes(content)
    with pytest.raises(KeyError, match="damaged"):
        store.get("school", SHA, ".wav")
    assert not store.has("school", SHA, ".wav")
    store.put("school", SHA, ".wav", b"made again")
    assert store.get("school", SHA, ".wav") == b"made again"


def test_an_artifact_whose_checksum_was_never_written_is_good(tmp_path: Path) -> None:
    store = FileArtifactStore(tmp_path)
    path = store.put("school", SHA, ".wav", b"sound")
    (checksum,) = path.parent.glob(".*.sha256")
    checksum.unlink()
    assert store.get("school", SHA, ".wav") == b"sound"
    path.write_bytes(b"Sound")
    with pytest.raises(KeyError, match="damaged"):
        store.get("school", SHA, ".wav")


def test_a_write_that_fails_leaves_no_scraps_and_the_old_content(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a"
    write_whole(path, b"old")

    def no_room(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", no_room)
    with pytest.raises(OSError, match="No space"):
        write_whole(path, b"new")
    assert [(found.name, found.read_bytes()) for found in tmp_path.iterdir()] == [("a", b"old")]


def test_a_file_that_stays_is_told_from_one_that_was_written(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "a"
    assert write_whole(path, b"1", replace=False)
    assert not write_whole(path, b"2", replace=False)
    assert path.read_bytes() == b"1"
    assert write_whole(path, b"3")
    assert path.read_bytes() == b"3"
    assert list(path.parent.iterdir()) == [path]
