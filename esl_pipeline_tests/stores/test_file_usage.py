from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from esl_pipeline.stores import file_usage
from esl_pipeline.stores.file_usage import FileUsageStore
from esl_pipeline.stores.protocols import LeaseHeldError
from esl_pipeline.stores.usage import UnreadableUsageError
from esl_pipeline_tests.stores.test_usage import add
from esl_pipeline_tests.stores.usage_child import MONTH, entry


def book(folder: Path) -> Path:
    return folder / "usage" / "school" / f"{MONTH}.jsonl"


def child(folder: Path, deed: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "esl_pipeline_tests.stores.usage_child", str(folder), deed])


@pytest.mark.slow
def test_eight_processes_that_race_never_pass_the_limit(tmp_path: Path) -> None:
    running = [child(tmp_path, "reserve") for _ in range(8)]
    assert [process.wait(120) for process in running] == [0] * 8
    lines = FileUsageStore(tmp_path).lines("school", MONTH)
    assert sum(line.characters for line in lines) == 100
    assert [line.sha256 for line in lines] == [str(number) for number in range(10)]


@pytest.mark.slow
def test_a_book_whose_writer_was_killed_is_whole_and_goes_on(tmp_path: Path) -> None:
    store = FileUsageStore(tmp_path)
    for _ in range(3):
        before, ends = len(store.lines("school", MONTH)), time.monotonic() + 60
        writer = child(tmp_path, "write")
        while len(store.lines("school", MONTH)) < before + 5 and time.monotonic() < ends:
            time.sleep(0.01)
        writer.kill()
        writer.wait(10)
    add(store, entry(sha256="alive"))
    lines = store.lines("school", MONTH)
    assert len(lines) >= 16
    assert [line.sha256.rstrip("x") for line in lines[:-1]] == [str(number) for number in range(len(lines) - 1)]


@pytest.mark.parametrize("torn", [b"{", b'{"kind": "bought"', b"\x00\x00\x00"])
def test_a_torn_last_line_is_ignored_and_gone_after_the_next_addition(tmp_path: Path, torn: bytes) -> None:
    store = FileUsageStore(tmp_path)
    add(store, entry(sha256="a"))
    with book(tmp_path).open("ab") as file:
        file.write(torn)
    assert list(store.lines("school", MONTH)) == [entry(sha256="a")]
    add(store, entry(sha256="b"))
    assert [line.sha256 for line in store.lines("school", MONTH)] == ["a", "b"]
    assert torn not in book(tmp_path).read_bytes().splitlines()


def test_a_book_that_holds_but_a_torn_line_begins_anew(tmp_path: Path) -> None:
    book(tmp_path).parent.mkdir(parents=True)
    book(tmp_path).write_bytes(b'{"kind": "bou')
    store = FileUsageStore(tmp_path)
    assert list(store.lines("school", MONTH)) == []
    add(store, entry())
    assert list(store.lines("school", MONTH)) == [entry()]


def test_a_damaged_line_is_told_and_stays(tmp_path: Path) -> None:
    store = FileUsageStore(tmp_path)
    add(store, entry(sha256="a"), entry(sha256="b"))
    damaged = book(tmp_path).read_bytes().replace(b'"characters":10', b'"characters":"private"', 1)
    book(tmp_path).write_bytes(damaged)
    with pytest.raises(UnreadableUsageError, match=rf"{MONTH}\.jsonl is damaged in line 1") as caught:
        store.lines("school", MONTH)
    assert "private" not in str(caught.value)
    with pytest.raises(UnreadableUsageError):
        add(store, entry(sha256="c"))
    assert book(tmp_path).read_bytes() == damaged


def test_lines_that_can_not_be_written_leave_the_book_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = FileUsageStore(tmp_path)
    add(store, entry(sha256="a"))
    before = book(tmp_path).read_bytes()

    def no_room(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", no_room)
    with pytest.raises(OSError, match="No space"):
        add(store, entry(sha256="b"))
    assert book(tmp_path).read_bytes() == before


def test_who_waits_too_long_for_the_book_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_usage, "LOCK_TIMEOUT_S", 0.05)
    store = FileUsageStore(tmp_path)

    def add_inside(_: object) -> list[object]:
        add(FileUsageStore(tmp_path), entry())
        return []

    with pytest.raises(LeaseHeldError, match="account book of school"):
        store.add("school", MONTH, add_inside)  # type: ignore[arg-type]


def test_files_of_other_names_are_no_books(tmp_path: Path) -> None:
    store = FileUsageStore(tmp_path)
    add(store, entry())
    book(tmp_path).with_name("2026-11 (copy).jsonl").write_text("{")
    (tmp_path / "usage" / "Not A Slug").mkdir()
    (tmp_path / "usage" / "Not A Slug" / f"{MONTH}.jsonl").write_text("{")
    assert list(store.months()) == [("school", MONTH)]


def test_a_line_that_an_operator_mended_is_read_as_it_is_now(tmp_path: Path) -> None:
    store = FileUsageStore(tmp_path)
    add(store, entry(sha256="a", characters=10), entry(sha256="b"))
    assert store.lines("school", MONTH)[0].characters == 10
    book(tmp_path).write_bytes(book(tmp_path).read_bytes().replace(b'"characters":10', b'"characters":99', 1))
    add(store, entry(sha256="c"))
    assert [line.characters for line in store.lines("school", MONTH)] == [99, 10, 10]


def test_what_others_added_is_seen(tmp_path: Path) -> None:
    ours, theirs = FileUsageStore(tmp_path), FileUsageStore(tmp_path)
    for number in range(3):
        add(ours, entry(sha256=f"ours-{number}"))
        add(theirs, entry(sha256=f"theirs-{number}"))
    assert [line.sha256 for line in ours.lines("school", MONTH)] == [
        f"{whose}-{number}" for number in range(3) for whose in ("ours", "theirs")
    ]
