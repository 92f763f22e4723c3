"""What other processes do under leases: ``python -m esl_pipeline_tests.stores.lease_child ADDRESS DEED LEASE_S``."""

from __future__ import annotations

import os
import sys
import time
from functools import partial
from pathlib import Path

from esl_pipeline.stores.document_publications import DocumentPublicationStore, LeaseLostError
from esl_pipeline.stores.files import FilePublicationStore
from esl_pipeline.stores.protocols import LeaseHeldError, PublicationStore
from esl_pipeline.stores.publication import Publication
from esl_pipeline_tests.forked import in_processes
from esl_pipeline_tests.stores.journal_child import open_place

STINTS, STEPS = 2, 3


def opened(address: str, lease_s: float) -> PublicationStore:
    """Opens the store at an address, or in a folder, where a lease lasts as long as its process."""
    if "://" not in address:
        return FilePublicationStore(Path(address))
    return DocumentPublicationStore(open_place(address).documents, lease_s)


def note(store: PublicationStore, word: str) -> None:
    """Adds a word to the publication's title."""

    def change(publication: Publication) -> None:
        publication.title = f"{publication.title} {word}".strip()

    store.update("school", "week-1", change)


def work(address: str, lease_s: float) -> None:
    """Works under the lease some times, and waits while another has it."""
    store, done, refused = opened(address, lease_s), 0, 0
    while done < STINTS:
        try:
            with store.lease("school", "week-1"):
                for step in range(STEPS):
                    note(store, f"{os.getpid()}/{done}/{step}")
            done += 1
        except LeaseHeldError:
            refused += 1
        time.sleep(0.02)
    say(f"{os.getpid()} was refused {refused}")


def hold(store: PublicationStore) -> None:
    """Takes the lease, waits to be told, and goes on as if nothing had happened."""
    with store.lease("school", "week-1"):
        say("held")
        sys.stdin.readline()
        try:
            note(store, "woke")
        except LeaseLostError:
            say("lost")
        else:
            say("written")


def say(words: str) -> None:
    """Tells the test."""
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


def main(address: str, deed: str, lease_s: float) -> None:
    """Does one deed: holds the lease, or works under it in eight processes at once."""
    if deed == "hold":
        hold(opened(address, lease_s))
    elif deed == "work":
        in_processes([partial(work, address, lease_s)] * 8)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], float(sys.argv[3]))
