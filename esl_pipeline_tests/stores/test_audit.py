from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from esl_pipeline.manifests import SlugError
from esl_pipeline.stores.audit import BrokenChainError
from esl_pipeline.stores.file_journal import FileJournal
from esl_pipeline.stores.journal import Journal
from esl_pipeline.stores.journal_audit import JournalAuditLog
from esl_pipeline.stores.memory_journal import MemoryJournal
from esl_pipeline_tests.stores.journal_child import TELLERS, TOLD, open_place, told

NAME = "audit/school"


def test_entries_are_numbered_chained_and_read_as_they_were_written(journal: Journal) -> None:
    log = JournalAuditLog(journal)
    written = [log.append(told(f"shell:{name}")) for name in ("ann", "ben", "cleo")]
    assert list(log.entries("school")) == written
    assert [entry.number for entry in written] == [1, 2, 3]
    assert [entry.previous_sha256 for entry in written] == ["", written[0].sha256, written[1].sha256]
    assert [entry.actor for entry in written] == ["shell:ann", "shell:ben", "shell:cleo"]
    assert written[0].details == {"usd": 0.1, "title": "Café ☀"}
    assert log.verify("school") == 3


def test_a_chain_that_was_never_begun_is_whole_and_empty(journal: Journal) -> None:
    log = JournalAuditLog(journal)
    assert log.verify("school") == 0
    assert list(log.entries("school")) == []


def test_number_and_hashes_are_given_by_the_log_whatever_the_caller_says() -> None:
    log = JournalAuditLog(MemoryJournal())
    written = log.append(told(number=7, previous_sha256="made up", sha256="made up"))
    assert (written.number, written.previous_sha256) == (1, "")
    assert log.verify("school") == 1


def test_an_entry_that_is_told_again_is_added_once(journal: Journal) -> None:
    log = JournalAuditLog(journal)
    first = log.append(told(id="run/stage"))
    log.append(told(id="another"))
    assert log.append(told("shell:ben", id="run/stage")) == first
    assert [entry.id for entry in log.entries("school")] == ["run/stage", "another"]
    assert log.verify("school") == 2


def test_entries_since_a_moment_include_that_moment() -> None:
    log = JournalAuditLog(MemoryJournal())
    for day in (1, 2, 3):
        log.append(told(at=datetime(2026, 11, day, tzinfo=UTC)))
    assert [entry.number for entry in log.entries("school", datetime(2026, 11, 2, tzinfo=UTC))] == [2, 3]


def test_tenants_have_chains_of_their_own_and_one_is_removed_alone(journal: Journal) -> None:
    log = JournalAuditLog(journal)
    for tenant in ("school", "school-b", "school"):
        log.append(told(tenant=tenant))
    log.delete("school")
    assert [log.verify(tenant) for tenant in ("school", "school-b")] == [0, 1]
    assert log.append(told()).number == 1


@pytest.mark.parametrize("tenant", ["", "..", "A", "a/b"])
def test_a_tenant_that_is_no_slug_is_refused(tenant: str) -> None:
    log = JournalAuditLog(MemoryJournal())
    with pytest.raises(SlugError):
        log.append(told(tenant=tenant))
    with pytest.raises(SlugError):
        log.verify(tenant)


def forged() -> str:
    """A line whose own hash fits, but which begins a chain of its own."""
    journal = MemoryJournal()
    JournalAuditLog(journal).append(told("shell:eve"))
    return journal.lines(NAME)[0].decode()


DAMAGE: list[tuple[str, Callable[[list[str]], list[str]], str]] = [
    ("changed", lambda lines: [lines[0], lines[1].replace("ben", "eve"), *lines[2:]], "Entry 2 of school was changed"),
    ("cost less", lambda lines: [lines[0].replace("0.1", "0.0"), *lines[1:]], "Entry 1 of school was changed"),
    ("a field added", lambda lines: [*lines[:3], lines[3].replace("{", '{"a":1,', 1)], "Entry 4 of school was changed"),
    ("removed", lambda lines: [lines[0], *lines[2:]], "Entry 2 of school does not follow"),
    ("the first removed", lambda lines: lines[1:], "Entry 1 of school does not follow"),
    ("reordered", lambda lines: [lines[0], lines[2], lines[1], lines[3]], "Entry 2 of school does not follow"),
    ("repeated", lambda lines: [*lines, lines[3]], "Entry 5 of school does not follow"),
    ("forged", lambda lines: [lines[0], forged(), *lines[2:]], "Entry 2 of school does not follow"),
    ("torn", lambda lines: [*lines[:2], lines[2][:40], lines[3]], "Entry 3 of school can't be read"),
]


@pytest.mark.parametrize(("damage", "expected"), [each[1:] for each in DAMAGE], ids=[each[0] for each in DAMAGE])
def test_damage_is_found_and_its_place_named(
    tmp_path: Path, damage: Callable[[list[str]], list[str]], expected: str
) -> None:
    log, file = JournalAuditLog(FileJournal(tmp_path)), tmp_path / f"{NAME}.jsonl"
    for name in ("ann", "ben", "cleo", "dora"):
        log.append(told(f"shell:{name}"))
    lines = file.read_text("utf-8").splitlines()
    damaged = damage(list(lines))
    assert damaged != lines
    file.write_text("".join(f"{line}\n" for line in damaged), "utf-8")
    with pytest.raises(BrokenChainError, match=expected):
        JournalAuditLog(FileJournal(tmp_path)).verify("school")


def test_an_entry_of_another_tenant_does_not_fit_even_as_the_first() -> None:
    journal = MemoryJournal()
    JournalAuditLog(journal).append(told(tenant="other"))
    journal.add(NAME, lambda _: list(journal.lines("audit/other")))
    with pytest.raises(BrokenChainError, match="Entry 1 of school does not follow"):
        JournalAuditLog(journal).verify("school")


def test_nothing_is_added_to_an_entry_that_can_not_be_read(journal: Journal) -> None:
    log = JournalAuditLog(journal)
    log.append(told())
    journal.add(NAME, lambda _: [b'{"number": "private"}'])
    with pytest.raises(BrokenChainError, match="Entry 2 of school can't be read") as caught:
        log.append(told())
    assert "private" not in str(caught.value)
    assert len(journal.lines(NAME)) == 2


def test_an_entry_of_a_newer_version_is_kept_whole_and_verified() -> None:
    journal = MemoryJournal()
    log = JournalAuditLog(journal)
    log.append(told(approved_by="head"))
    assert json.loads(journal.lines(NAME)[0])["approved_by"] == "head"
    assert log.verify("school") == 1


def test_threads_that_race_make_one_chain(journal: Journal) -> None:
    log = JournalAuditLog(journal)
    with ThreadPoolExecutor(8) as pool:
        written = list(pool.map(lambda number: log.append(told(f"shell:{number}")), range(16)))
    assert sorted(entry.number for entry in written) == list(range(1, 17))
    assert log.verify("school") == 16


@pytest.mark.slow
def test_of_eight_processes_that_tell_at_once_nothing_is_lost(state_address: str) -> None:
    command = [sys.executable, "-m", "esl_pipeline_tests.stores.journal_child", state_address, "tell"]
    assert subprocess.run(command, timeout=120).returncode == 0
    log = open_place(state_address).audit
    assert log.verify("school") == len(TELLERS) * TOLD
    for name in TELLERS:
        own = [entry.details["number"] for entry in log.entries("school") if entry.actor == name]
        assert own == list(range(TOLD))
