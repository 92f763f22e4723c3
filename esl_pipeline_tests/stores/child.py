"""What other processes do to a store in a folder: ``python -m esl_pipeline_tests.stores.child FOLDER DEED``."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from esl_pipeline.stores.files import FilePublicationStore
from esl_pipeline.stores.publication import Publication

LONG = "x" * 20_000


def add_one(publication: Publication) -> None:
    """Counts in the title, slowly enough for others to come between."""
    count = int(publication.title or 0)
    time.sleep(0.001)
    publication.title = str(count + 1)


def rewrite(publication: Publication) -> None:
    """Makes the publication long, then short, then long."""
    publication.title = LONG if len(publication.title) < 10 else "x"


def main(folder: Path, deed: str) -> None:
    """Does one deed."""
    store = FilePublicationStore(folder)
    if deed == "count":
        for _ in range(10):
            store.update("school", "week-1", add_one)
    elif deed == "rewrite":
        while True:
            store.update("school", "week-1", rewrite)
    elif deed == "hold":
        with store.lease("school", "week-1"):
            sys.stdout.write("held\n")
            sys.stdout.flush()
            time.sleep(60)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
