"""What only a store in a folder does: use is noted in times, and killed writers leave nothing for good."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from esl_pipeline.stores.artifact_files import FileArtifactStore
from esl_pipeline.stores.artifacts import Removed
from esl_pipeline.stores.whole_files import write_whole
from esl_pipeline_tests.stores.test_artifacts import SHA

NOW = datetime.now(UTC)


def aged(path: Path, days: float) -> None:
    """Makes a file look as if it had been written so long ago."""
    then = time.time() - days * 86_400
    os.utime(path, (then, then))


def test_a_look_at_an_old_artifact_notes_that_it_is_in_use(tmp_path: Path) -> None:
    store = FileArtifactStore(tmp_path)
    aged(store.put("school", SHA, ".wav", b"sound"), 100)
    long_ago = NOW - timedelta(days=30)
    assert next(store.list("school")).used_at < long_ago
    assert store.has("school", SHA, ".wav")
    assert next(store.list("school")).used_at > long_ago
    assert not store.delete("school", SHA, ".wav", unused_since=long_ago)


def test_a_deleted_artifact_leaves_no_file(tmp_path: Path) -> None:
    store = FileArtifactStore(tmp_path)
    store.put("school", SHA, ".wav", b"sound")
    assert store.delete("school", SHA, ".wav", unused_since=NOW + timedelta(days=1))
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_files_that_are_no_artifacts_are_neither_listed_nor_taken_for_scratch(tmp_path: Path) -> None:
    store = FileArtifactStore(tmp_path)
    folder = store.put("school", SHA, ".wav", b"sound").parent
    (folder / "notes.txt").write_text("mine")
    (folder / f"{SHA[::-1]}.wav").write_text("in another folder")
    (folder / f"{SHA[:2]}{'0' * 62}.wav").symlink_to(folder / "notes.txt")
    assert [one.sha256 for one in store.list("school")] == [SHA]
    assert store.remove_scratch("school", unused_since=NOW + timedelta(days=1)) == Removed()
    assert (folder / "notes.txt").exists()


def test_only_old_scratch_of_the_tenant_is_removed(tmp_path: Path) -> None:
    store = FileArtifactStore(tmp_path)
    for tenant in ("school", "other"):
        folder = store.put(tenant, SHA, ".wav", b"sound").parent
        for name, days in (("old", 1), ("fresh", 0)):
            (folder / f".new-{name}").write_bytes(b"half")
            aged(folder / f".new-{name}", days)
    publications = tmp_path / "publications" / "school"
    publications.mkdir(parents=True)
    (publications / ".new-publication").write_bytes(b"{")
    aged(publications / ".new-publication", 1)
    before = NOW - timedelta(hours=1)
    assert store.remove_scratch("school", unused_since=before, dry_run=True) == Removed(2, 5)
    assert store.remove_scratch("school", unused_since=before) == Removed(2, 5)
    left = sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob(".new-*"))
    beside = f"{SHA[:2]}/.new"
    assert left == [
        f"artifacts/other/{beside}-fresh",
        f"artifacts/other/{beside}-old",
        f"artifacts/school/{beside}-fresh",
    ]


def killed_while_writing(folder: Path, deed: str) -> None:
    command = [sys.executable, "-m", "esl_pipeline_tests.stores.child", str(folder), deed]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "half\n"
        writer.kill()
        writer.wait(10)


@pytest.mark.skipif(not hasattr(os, "O_TMPFILE"), reason="the system can't write files without a name")
def test_a_writer_that_is_killed_leaves_nothing(tmp_path: Path) -> None:
    killed_while_writing(tmp_path, "half")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_where_files_need_a_name_the_clean_up_takes_what_a_killed_writer_left(tmp_path: Path) -> None:
    killed_while_writing(tmp_path, "half-named")
    (scratch,) = (path for path in tmp_path.rglob("*") if path.is_file())
    store = FileArtifactStore(tmp_path)
    assert list(store.list("school")) == []
    size = scratch.stat().st_size
    assert size > 0
    assert store.remove_scratch("school", unused_since=NOW + timedelta(days=1)) == Removed(1, size)
    assert not scratch.exists()


def test_without_nameless_files_a_file_is_written_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "O_TMPFILE", raising=False)
    assert write_whole(tmp_path / "a", b"1", replace=False)
    assert not write_whole(tmp_path / "a", b"2", replace=False)
    assert write_whole(tmp_path / "a", b"3")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("a", b"3")]


def test_where_a_nameless_file_gets_no_name_it_is_written_with_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_proc(*_: object, **__: object) -> None:
        raise OSError(2, "No such file or directory")

    monkeypatch.setattr(os, "link", no_proc)
    assert write_whole(tmp_path / "a", b"1")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("a", b"1")]
