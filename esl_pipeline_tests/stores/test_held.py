from __future__ import annotations

import time
from pathlib import Path

import dagster as dg
import pytest

from esl_pipeline.defs.failures import as_dagster_failures
from esl_pipeline.stores import files
from esl_pipeline.stores.document_publications import DocumentPublicationStore
from esl_pipeline.stores.files import FilePublicationStore
from esl_pipeline.stores.memory_documents import MemoryDocuments
from esl_pipeline.stores.protocols import Held, LeaseHeldError, PublicationStore

LEASE_S = 2.0


def held(store: PublicationStore) -> Held | None:
    return store.held("school", "week-1")


def test_others_see_which_run_works_on_an_assignment_until_it_ends(publications: PublicationStore) -> None:
    assert held(publications) is None
    with publications.lease("school", "week-1", "run-1"):
        found = held(publications)
        assert found is not None
        assert found.run_id == "run-1"
        assert publications.held("school", "week-2") is None
    assert held(publications) is None


def test_a_lease_without_a_run_is_none_of_a_run(publications: PublicationStore) -> None:
    with publications.lease("school", "week-1"):
        assert held(publications) is None


def other_sign(store: PublicationStore, before: Held | None) -> Held | None:
    end = time.monotonic() + 20
    while (found := held(store)) == before:
        assert time.monotonic() < end, "no sign of life"
        time.sleep(0.02)
    return found


@pytest.mark.parametrize("kind", ["files", "documents"])
def test_a_holder_shows_again_and_again_that_it_lives(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "BEAT_S", 0.1)
    documents = DocumentPublicationStore(MemoryDocuments(), LEASE_S)
    store: PublicationStore = FilePublicationStore(tmp_path) if kind == "files" else documents
    with store.lease("school", "week-1", "run-1"):
        second = other_sign(store, held(store))
        third = other_sign(store, second)
    assert second is not None
    assert third is not None
    assert third.run_id == second.run_id == "run-1"


def test_the_lease_of_a_dead_run_can_be_ended_before_its_time() -> None:
    documents = MemoryDocuments()
    dead, next_one = DocumentPublicationStore(documents), DocumentPublicationStore(documents)
    with dead.lease("school", "week-1", "run-1"):
        with pytest.raises(LeaseHeldError), next_one.lease("school", "week-1", "run-2"):
            pass
        next_one.free("school", "week-1", "another run")
        assert held(next_one) is not None
        next_one.free("school", "week-1", "run-1")
        with next_one.lease("school", "week-1", "run-2"):
            found = held(next_one)
    assert found is not None
    assert found.run_id == "run-2"


def test_who_meets_a_lease_waits_until_it_would_have_ended() -> None:
    documents = MemoryDocuments()
    first, second = DocumentPublicationStore(documents), DocumentPublicationStore(documents)
    with (
        first.lease("school", "week-1", "run-1"),
        pytest.raises(dg.RetryRequested) as raised,
        as_dagster_failures(0, 3),
        second.lease("school", "week-1", "run-2"),
    ):
        pass
    assert raised.value.seconds_to_wait is not None
    assert 45 < raised.value.seconds_to_wait <= 75
