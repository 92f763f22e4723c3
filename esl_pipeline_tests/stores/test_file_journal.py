from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from esl_pipeline.stores import file_locks
from esl_pipeline.stores.file_journal import FileJournal
from esl_pipeline.stores.protocols import LeaseHeldError
from esl_pipeline_tests.stores.journal_child import NAME


def book(folder: Path) -> Path:
    return folder / f"{NAME}.jsonl"


def add(journal: FileJournal, *lines: bytes) -> None:
    journal.add(NAME, lambda _: lines)


@pytest.mark.slow
def test_a_journal_whose_writer_was_killed_is_whole_and_goes_on(tmp_path: Path) -> None:
    journal = FileJournal(tmp_path)
    for _ in range(3):
        before, ends = len(journal.lines(NAME)), time.monotonic() + 60
        command = [sys.executable, "-m", "esl_pipeline_tests.stores.journal_child", str(tmp_path), "write"]
        writer = subprocess.Popen(command)
        while len(journal.lines(NAME)) < before + 5 and time.monotonic() < ends:
            time.sleep(0.01)
        writer.kill()
        writer.wait(10)
    add(journal, b"alive")
    lines = journal.lines(NAME)
    assert len(lines) >= 16
    assert [line.rstrip(b"x") for line in lines[:-1]] == [b"%d" % number for number in range(len(lines) - 1)]


@pytest.mark.parametrize("torn", [b"{", b'{"kind": "bought"', b"\x00\x00\x00"])
def test_a_torn_last_line_is_ignored_and_gone_after_the_next_addition(tmp_path: Path, torn: bytes) -> None:
    journal = FileJournal(tmp_path)
    add(journal, b"a")
    with book(tmp_path).open("ab") as file:
        file.write(torn)
    assert list(journal.lines(NAME)) == [b"a"]
    add(journal, b"b")
    assert book(tmp_path).read_bytes() == b"a\nb\n"


def test_a_journal_that_holds_but_a_torn_line_begins_anew(tmp_path: Path) -> None:
    book(tmp_path).parent.mkdir(parents=True)
    book(tmp_path).write_bytes(b'{"kind": "bou')
    journal = FileJournal(tmp_path)
    assert list(journal.lines(NAME)) == []
    add(journal, b"a")
    assert list(journal.lines(NAME)) == [b"a"]


def test_lines_that_can_not_be_written_leave_the_journal_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = FileJournal(tmp_path)
    add(journal, b"a")

    def no_room(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", no_room)
    with pytest.raises(OSError, match="No space"):
        add(journal, b"b")
    assert book(tmp_path).read_bytes() == b"a\n"


def test_who_waits_too_long_for_the_journal_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_locks, "LOCK_TIMEOUT_S", 0.05)

    def add_inside(_: object) -> list[bytes]:
        add(FileJournal(tmp_path), b"a")
        return []

    with pytest.raises(LeaseHeldError, match="Others keep usage/school/2026-11 locked"):
        FileJournal(tmp_path).add(NAME, add_inside)


def test_files_of_other_names_are_no_journals(tmp_path: Path) -> None:
    journal = FileJournal(tmp_path)
    add(journal, b"a")
    book(tmp_path).with_name("2026-11 (copy).jsonl").write_text("{")
    (tmp_path / "usage" / "Not A Slug").mkdir()
    (tmp_path / "usage" / "Not A Slug" / "2026-11.jsonl").write_text("{")
    assert list(journal.names("usage/")) == [NAME]


def test_nothing_is_left_of_a_journal_that_is_removed(tmp_path: Path) -> None:
    journal = FileJournal(tmp_path)
    add(journal, b"a")
    journal.delete(NAME)
    assert not list(tmp_path.rglob("*.*"))
