from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from esl_pipeline.manifests import SlugError
from esl_pipeline.stores.file_usage import FileUsageStore
from esl_pipeline.stores.memory_books import MemoryUsageStore
from esl_pipeline.stores.usage import UsageEntry, UsageStore, fold, month_before, month_of, spending
from esl_pipeline_tests.stores.usage_child import MONTH, entry, reserve_within_budget


@pytest.fixture(params=["files", "memory"])
def usage(request: pytest.FixtureRequest, tmp_path: Path) -> UsageStore:
    """An empty store of account books."""
    return FileUsageStore(tmp_path) if request.param == "files" else MemoryUsageStore()


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
