from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from esl_pipeline.manifests import SlugError
from esl_pipeline.stores.file_journal import FileJournal
from esl_pipeline.stores.journal import Journal
from esl_pipeline.stores.journal_usage import JournalUsageStore
from esl_pipeline.stores.usage import (
    UnreadableUsageError,
    UsageEntry,
    UsageStore,
    fold,
    month_before,
    month_of,
    spending,
)
from esl_pipeline_tests.stores.journal_child import BUDGET, MONTH, entry, open_place, reserve_within_budget


def add(usage: UsageStore, *lines: UsageEntry, tenant: str = "school", month: str = MONTH) -> Sequence[UsageEntry]:
    return usage.add(tenant, month, lambda _: lines)


def test_a_month_without_speech_has_no_lines(usage: UsageStore) -> None:
    assert list(usage.lines("school", MONTH)) == []
    assert list(usage.months()) == []


def test_lines_are_read_as_they_were_added_and_in_order(usage: UsageStore) -> None:
    lines = [entry("reserved", "a"), entry("reserved", "b"), entry("bought", "a", credits=7, seconds=1.25)]
    assert list(add(usage, *lines[:2])) == lines[:2]
    add(usage, lines[2])
    assert list(usage.lines("school", MONTH)) == lines


def test_who_adds_sees_what_is_there(usage: UsageStore) -> None:
    add(usage, entry(sha256="a"))
    seen: list[UsageEntry] = []

    def look(lines: Sequence[UsageEntry]) -> Sequence[UsageEntry]:
        seen.extend(lines)
        return []

    assert list(usage.add("school", MONTH, look)) == []
    assert seen == [entry(sha256="a")]


def test_a_decision_that_fails_adds_nothing(usage: UsageStore) -> None:
    add(usage, entry(sha256="a"))

    def refuse(_: Sequence[UsageEntry]) -> Sequence[UsageEntry]:
        raise RuntimeError("over budget")

    with pytest.raises(RuntimeError):
        usage.add("school", MONTH, refuse)
    assert list(usage.lines("school", MONTH)) == [entry(sha256="a")]
    add(usage, entry(sha256="b"))
    assert len(usage.lines("school", MONTH)) == 2


def test_threads_that_race_never_pass_the_limit(usage: UsageStore) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: usage.add("school", MONTH, reserve_within_budget), range(40)))
    assert sum(line.characters for line in usage.lines("school", MONTH)) == 100


@pytest.mark.slow
def test_eight_processes_that_race_never_pass_the_limit(state_address: str) -> None:
    command = [sys.executable, "-m", "esl_pipeline_tests.stores.journal_child", state_address, "reserve"]
    assert subprocess.run(command, timeout=120).returncode == 0
    lines = open_place(state_address).usage.lines("school", MONTH)
    assert [line.sha256 for line in lines] == [str(number) for number in range(BUDGET // 10)]


def test_tenants_and_months_are_apart_and_listed(usage: UsageStore) -> None:
    for tenant, month in (("b", "2026-01"), ("a", "2026-12"), ("a", "2026-02")):
        add(usage, entry(sha256=tenant + month), tenant=tenant, month=month)
    assert list(usage.months()) == [("a", "2026-02"), ("a", "2026-12"), ("b", "2026-01")]
    assert [line.sha256 for line in usage.lines("a", "2026-02")] == ["a2026-02"]


def test_fields_of_a_newer_version_are_kept(usage: UsageStore) -> None:
    add(usage, entry(student="Amira"))
    (line,) = usage.lines("school", MONTH)
    assert line.model_dump()["student"] == "Amira"


@pytest.mark.parametrize("tenant", ["", "..", "../evil", "A", "a/b"])
def test_a_tenant_that_is_no_slug_is_refused(usage: UsageStore, tenant: str) -> None:
    with pytest.raises(SlugError):
        usage.lines(tenant, MONTH)
    with pytest.raises(SlugError):
        add(usage, entry(), tenant=tenant)


@pytest.mark.parametrize("month", ["", "2026", "2026-13", "2026-1", "2026-11\n", "../2026-11", "2026-11-01"])
def test_a_month_that_is_none_is_refused(usage: UsageStore, month: str) -> None:
    with pytest.raises(ValueError, match="write it as 2026-11"):
        usage.lines("school", month)
    with pytest.raises(ValueError, match="write it as 2026-11"):
        add(usage, entry(), month=month)


def test_the_last_line_of_a_segment_says_where_it_stands() -> None:
    lines = [
        entry("reserved", "a"),
        entry("reserved", "b"),
        entry("asked", "a"),
        entry("bought", "a"),
        entry("reused", "b"),
        entry("reserved", "c"),
        entry("released", "c"),
    ]
    assert {sha256: line.kind for sha256, line in fold(lines).items()} == {
        "a": "bought",
        "b": "reserved",
        "c": "released",
    }


def test_what_was_bought_and_what_is_open_counts_once_each() -> None:
    lines = [
        entry("reserved", "a", characters=50),
        entry("asked", "a", characters=50),
        entry("bought", "a", characters=40),
        entry("reserved", "a", characters=7),
        entry("reserved", "b", characters=500),
        entry("released", "b", characters=500),
        entry("reused", "c", characters=9000),
        entry("reserved", "d", characters=3),
        entry("asked", "d", characters=3),
    ]
    assert sorted(line.characters for line in spending(lines)) == [3, 7, 40]


def test_a_month_is_that_of_utc_and_the_one_before_january_is_december() -> None:
    assert month_of(entry().at) == "2026-11"
    assert [month_before(month) for month in ("2026-11", "2026-01")] == ["2026-10", "2025-12"]


def test_a_damaged_line_is_told_and_stays(journal: Journal) -> None:
    store, name = JournalUsageStore(journal), f"usage/school/{MONTH}"
    add(store, entry(sha256="a"))
    damaged = entry(sha256="b").model_dump_json().replace('"characters":10', '"characters":"private"').encode()
    journal.add(name, lambda _: [damaged])
    with pytest.raises(UnreadableUsageError, match=rf"usage/school/{MONTH} is damaged in line 2") as caught:
        store.lines("school", MONTH)
    assert "private" not in str(caught.value)
    with pytest.raises(UnreadableUsageError):
        add(store, entry(sha256="c"))
    assert list(journal.lines(name))[1:] == [damaged]


def test_what_others_added_is_seen(journal: Journal) -> None:
    ours, theirs = JournalUsageStore(journal), JournalUsageStore(journal)
    for number in range(3):
        add(ours, entry(sha256=f"ours-{number}"))
        add(theirs, entry(sha256=f"theirs-{number}"))
    assert [line.sha256 for line in ours.lines("school", MONTH)] == [
        f"{whose}-{number}" for number in range(3) for whose in ("ours", "theirs")
    ]


def test_a_tenants_books_go_together_and_others_stay(usage: UsageStore) -> None:
    for tenant, month in (("school", "2026-01"), ("school", "2026-02"), ("school-b", "2026-01")):
        add(usage, entry(), tenant=tenant, month=month)
    usage.delete("school")
    usage.delete("school")
    assert list(usage.months()) == [("school-b", "2026-01")]
    assert list(usage.lines("school", "2026-01")) == []
    add(usage, entry(sha256="anew"), tenant="school", month="2026-01")
    assert [line.sha256 for line in usage.lines("school", "2026-01")] == ["anew"]


def test_a_book_that_an_older_program_wrote_is_read(tmp_path: Path) -> None:
    book = tmp_path / "usage" / "school" / f"{MONTH}.jsonl"
    book.parent.mkdir(parents=True)
    book.write_text("".join(f"{entry(sha256=name).model_dump_json()}\n" for name in "ab"))
    store = JournalUsageStore(FileJournal(tmp_path))
    add(store, entry(sha256="c"))
    assert [line.sha256 for line in store.lines("school", MONTH)] == ["a", "b", "c"]
    assert len(book.read_text().splitlines()) == 3


def test_a_line_that_an_operator_mended_is_read_as_it_is_now(tmp_path: Path) -> None:
    store, book = JournalUsageStore(FileJournal(tmp_path)), tmp_path / "usage" / "school" / f"{MONTH}.jsonl"
    add(store, entry(sha256="a", characters=10), entry(sha256="b"))
    assert store.lines("school", MONTH)[0].characters == 10
    book.write_bytes(book.read_bytes().replace(b'"characters":10', b'"characters":99', 1))
    add(store, entry(sha256="c"))
    assert [line.characters for line in store.lines("school", MONTH)] == [99, 10, 10]


def test_books_of_other_names_are_passed_over(journal: Journal) -> None:
    store = JournalUsageStore(journal)
    add(store, entry())
    for name in ("usage/other", "usage/school/2026-13", "audit/school"):
        journal.add(name, lambda _: [b"{}"])
    assert list(store.months()) == [("school", MONTH)]
