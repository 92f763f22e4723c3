from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from esl_pipeline.stages.run_stage import failure_kind
from esl_pipeline.stores.document_publications import DocumentPublicationStore, LeaseLostError
from esl_pipeline.stores.documents import Document, Documents, StoreUnavailableError
from esl_pipeline.stores.memory_documents import MemoryDocuments
from esl_pipeline.stores.protocols import LeaseHeldError, PublicationStore
from esl_pipeline_tests.stores import lease_child
from esl_pipeline_tests.stores.journal_child import open_place
from esl_pipeline_tests.stores.lease_child import STEPS, STINTS, note

LEASE_S = 2.0


@contextmanager
def child(place: str, deed: str, lease_s: float = LEASE_S) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "esl_pipeline_tests.stores.lease_child", place, deed, str(lease_s)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as running:
        try:
            yield running
        finally:
            running.kill()


def said(running: subprocess.Popen[str]) -> str:
    assert running.stdout is not None
    return running.stdout.readline().strip()


def opened(place: str) -> DocumentPublicationStore:
    return DocumentPublicationStore(open_place(place).documents, LEASE_S)


def title(store: PublicationStore) -> str:
    found = store.read("school", "week-1")
    return found.title if found else "nothing"


@contextmanager
def taken_over(store: DocumentPublicationStore) -> Iterator[float]:
    """Takes the lease as soon as it can be had, and gives how long that took, in seconds."""
    begun = time.monotonic()
    while time.monotonic() < begun + 60:
        try:
            with store.lease("school", "week-1"):
                yield time.monotonic() - begun
                return
        except LeaseHeldError:
            time.sleep(0.05)
    raise AssertionError("the lease never ended")


@pytest.mark.slow
def test_of_eight_processes_one_works_at_a_time_and_no_step_is_lost(state_address: str) -> None:
    command = [sys.executable, "-m", "esl_pipeline_tests.stores.lease_child", state_address, "work", "10"]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=120)
    assert done.returncode == 0
    refusals = {pid: int(times) for pid, _, _, times in map(str.split, done.stdout.splitlines())}
    assert len(refusals) == 8
    assert sum(refusals.values()) > 0
    words = title(lease_child.opened(state_address, LEASE_S)).split()
    stints = [words[begin : begin + STEPS] for begin in range(0, len(words), STEPS)]
    expected = [[f"{pid}/{stint}/{step}" for step in range(STEPS)] for pid in refusals for stint in range(STINTS)]
    assert sorted(stints) == sorted(expected)


def test_who_is_killed_is_taken_over_after_the_lease_and_not_before(place: str) -> None:
    store = opened(place)
    with child(place, "hold") as holder:
        assert said(holder) == "held"
        holder.kill()
        holder.wait(10)
        with pytest.raises(LeaseHeldError, match="Another run works on school/week-1"), store.lease("school", "week-1"):
            pass
        with taken_over(store) as waited_s:
            note(store, "successor")
    assert LEASE_S / 2 < waited_s < 20
    assert title(store) == "successor"


def test_who_slept_through_the_end_of_the_lease_can_not_write_when_awake(place: str) -> None:
    store = opened(place)
    with child(place, "hold") as holder:
        assert said(holder) == "held"
        holder.send_signal(signal.SIGSTOP)
        with taken_over(store):
            note(store, "successor")
            holder.send_signal(signal.SIGCONT)
            assert holder.stdin is not None
            holder.stdin.write("\n")
            holder.stdin.flush()
            assert said(holder) == "lost"
            note(store, "goes-on")
        holder.wait(20)
    assert title(store) == "successor goes-on"
    with store.lease("school", "week-1"):
        note(store, "next")


def test_who_lost_the_lease_can_not_write_before_the_successor_wrote_anything(place: str) -> None:
    store = opened(place)
    with child(place, "hold") as holder:
        assert said(holder) == "held"
        holder.send_signal(signal.SIGSTOP)
        with taken_over(store):
            holder.send_signal(signal.SIGCONT)
            assert holder.stdin is not None
            holder.stdin.write("\n")
            holder.stdin.flush()
            assert said(holder) == "lost"
    assert title(store) == ""


class Interrupted:
    """Documents that can't be reached for a while, or whose answers to writes get lost."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self.down, self.answers_lost = False, 0

    def get(self, key: str) -> Document | None:
        self._check()
        return self._documents.get(key)

    def put(self, key: str, content: bytes, *, expected: str | None) -> str:
        self._check()
        version = self._documents.put(key, content, expected=expected)
        if self.answers_lost:
            self.answers_lost -= 1
            raise StoreUnavailableError("the answer got lost")
        return version

    def delete(self, key: str) -> None:
        self._check()
        self._documents.delete(key)

    def keys(self, prefix: str) -> Iterator[str]:
        self._check()
        return self._documents.keys(prefix)

    def _check(self) -> None:
        if self.down:
            raise StoreUnavailableError("out of reach")


@pytest.mark.parametrize("trouble", ["down", "answers_lost"])
def test_a_store_that_is_down_for_a_moment_does_not_lose_the_lease(trouble: str) -> None:
    documents = MemoryDocuments()
    interrupted = Interrupted(documents)
    ours, others = DocumentPublicationStore(interrupted, LEASE_S), DocumentPublicationStore(documents, LEASE_S)
    with ours.lease("school", "week-1"):
        setattr(interrupted, trouble, 1)
        time.sleep(LEASE_S * 0.6)
        if trouble == "down":
            with pytest.raises(StoreUnavailableError):
                note(ours, "while down")
            interrupted.down = False
        assert not interrupted.answers_lost
        time.sleep(LEASE_S * 0.9)
        with pytest.raises(LeaseHeldError), others.lease("school", "week-1"):
            pass
        note(ours, "afterwards")
    assert title(others) == "afterwards"
    with others.lease("school", "week-1"):
        pass


def test_who_could_not_give_a_lease_back_does_not_wait_for_its_end() -> None:
    documents = MemoryDocuments()
    interrupted = Interrupted(documents)
    ours, others = DocumentPublicationStore(interrupted), DocumentPublicationStore(documents)
    with ours.lease("school", "week-1"):
        note(ours, "first stage")
        interrupted.down = True
    interrupted.down = False
    with pytest.raises(LeaseHeldError), others.lease("school", "week-1"):
        pass
    with ours.lease("school", "week-1"):
        note(ours, "second")
    with others.lease("school", "week-1"):
        note(others, "stage")
    assert title(others) == "first stage second stage"


def test_a_lease_whose_document_was_lost_does_not_lock_out_everybody() -> None:
    documents = MemoryDocuments()
    store = DocumentPublicationStore(documents, LEASE_S)
    for _ in range(3):
        with store.lease("school", "week-1"):
            note(store, "x")
    documents.delete("leases/school/week-1.json")
    with store.lease("school", "week-1"):
        note(store, "y")
    assert title(store) == "x x x y"


@pytest.mark.parametrize("content", [b"", b"{", b'{"holder": 1}', b'{"holder": "a", "token": 1, "until": "soon"}'])
def test_a_damaged_lease_has_ended(content: bytes) -> None:
    documents = MemoryDocuments()
    documents.put("leases/school/week-1.json", content, expected=None)
    store = DocumentPublicationStore(documents, LEASE_S)
    with store.lease("school", "week-1"):
        note(store, "x")
    assert title(store) == "x"


@pytest.mark.parametrize("error", [LeaseLostError("gone"), StoreUnavailableError("down"), LeaseHeldError("held")])
def test_asking_again_helps_after_a_lost_lease_or_a_store_that_was_down(error: Exception) -> None:
    assert failure_kind(error) == "unavailable"
