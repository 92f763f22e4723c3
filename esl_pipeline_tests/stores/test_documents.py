from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from esl_pipeline.stores.documents import DocumentChangedError, Documents


def test_what_was_never_written_is_not_there(documents: Documents) -> None:
    assert documents.get("a/b.json") is None
    assert list(documents.keys("a/")) == []


def test_a_document_is_read_back_with_its_version(documents: Documents) -> None:
    version = documents.put("a/b.json", b"\x00one", expected=None)
    found = documents.get("a/b.json")
    assert found is not None
    assert (found.key, found.content, found.version) == ("a/b.json", b"\x00one", version)


def test_a_write_replaces_the_version_that_was_read_and_no_other(documents: Documents) -> None:
    first = documents.put("a/b.json", b"1", expected=None)
    second = documents.put("a/b.json", b"2", expected=first)
    assert second != first
    for stale in (None, first, "nonsense"):
        with pytest.raises(DocumentChangedError):
            documents.put("a/b.json", b"3", expected=stale)
    found = documents.get("a/b.json")
    assert found is not None
    assert found.content == b"2"


def test_a_document_that_is_gone_is_not_replaced(documents: Documents) -> None:
    version = documents.put("a/b.json", b"1", expected=None)
    documents.delete("a/b.json")
    documents.delete("a/b.json")
    assert documents.get("a/b.json") is None
    with pytest.raises(DocumentChangedError):
        documents.put("a/b.json", b"2", expected=version)
    assert documents.put("a/b.json", b"3", expected=None)


def test_keys_are_sorted_and_below_their_prefix(documents: Documents) -> None:
    for key in ("b/a.json", "a-b/a.json", "a/c.json", "a/b.json", "a_/x.json"):
        documents.put(key, b"x", expected=None)
    assert list(documents.keys("a/")) == ["a/b.json", "a/c.json"]
    assert list(documents.keys("a_")) == ["a_/x.json"]
    assert list(documents.keys("")) == ["a-b/a.json", "a/b.json", "a/c.json", "a_/x.json", "b/a.json"]


def test_of_eight_that_race_one_wins(documents: Documents) -> None:
    first = documents.put("a/b.json", b"0", expected=None)

    def write(number: int) -> bool:
        try:
            documents.put("a/b.json", f"{number}".encode(), expected=first)
        except DocumentChangedError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(write, range(1, 9)))
    found = documents.get("a/b.json")
    assert won.count(True) == 1
    assert found is not None
    assert found.content == str(won.index(True) + 1).encode()
