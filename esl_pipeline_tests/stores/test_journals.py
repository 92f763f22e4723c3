from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from esl_pipeline.stores.journal import Journal


def add(journal: Journal, name: str, *lines: bytes) -> Sequence[bytes]:
    return journal.add(name, lambda _: lines)


def test_a_journal_that_was_never_begun_has_no_lines(journal: Journal) -> None:
    assert list(journal.lines("audit/school")) == []
    assert list(journal.names("")) == []


def test_lines_are_read_as_they_were_added_and_in_order(journal: Journal) -> None:
    assert list(add(journal, "audit/school", b"1", "☀".encode())) == [b"1", "☀".encode()]
    add(journal, "audit/school", b"3")
    assert list(journal.lines("audit/school")) == [b"1", "☀".encode(), b"3"]


def test_who_adds_sees_what_is_there_and_may_add_nothing(journal: Journal) -> None:
    add(journal, "audit/school", b"1")
    seen: list[bytes] = []

    def look(lines: Sequence[bytes]) -> Sequence[bytes]:
        seen.extend(lines)
        return []

    assert list(journal.add("audit/school", look)) == []
    assert seen == [b"1"]
    assert list(journal.lines("audit/school")) == [b"1"]


def test_a_decision_that_fails_adds_nothing(journal: Journal) -> None:
    def refuse(_: Sequence[bytes]) -> Sequence[bytes]:
        raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        journal.add("audit/school", refuse)
    assert list(journal.lines("audit/school")) == []
    add(journal, "audit/school", b"1")
    assert list(journal.lines("audit/school")) == [b"1"]


def test_threads_that_race_number_their_lines_without_a_gap(journal: Journal) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: journal.add("audit/school", lambda lines: [b"%d" % len(lines)]), range(24)))
    assert list(journal.lines("audit/school")) == [b"%d" % number for number in range(24)]


def test_names_are_sorted_and_below_their_prefix(journal: Journal) -> None:
    for name in ("audit/b", "audit/a-b", "audit/a", "usage/a/2026-11", "usage/a/2026-01"):
        add(journal, name, b"1")
        add(journal, name, b"2")
    assert list(journal.names("audit/")) == ["audit/a", "audit/a-b", "audit/b"]
    assert list(journal.names("usage/a/")) == ["usage/a/2026-01", "usage/a/2026-11"]
    assert len(list(journal.names(""))) == 5


def test_a_journal_that_is_removed_begins_anew(journal: Journal) -> None:
    for line in (b"1", b"2"):
        add(journal, "audit/a", line)
    add(journal, "audit/a-b", b"stays")
    journal.delete("audit/a")
    journal.delete("audit/a")
    assert list(journal.lines("audit/a")) == []
    for line in (b"new 1", b"new 2"):
        add(journal, "audit/a", line)
    assert list(journal.lines("audit/a")) == [b"new 1", b"new 2"]
    assert list(journal.lines("audit/a-b")) == [b"stays"]


@pytest.mark.parametrize("name", ["", "..", "a/../b", "/a", "a/", "A", "a//b", "a.b", "a/b\n"])
def test_names_that_are_unsafe_are_refused(journal: Journal, name: str) -> None:
    with pytest.raises(ValueError, match="no name of a journal"):
        journal.lines(name)
    with pytest.raises(ValueError, match="no name of a journal"):
        add(journal, name, b"1")
    with pytest.raises(ValueError, match="no name of a journal"):
        journal.delete(name)
