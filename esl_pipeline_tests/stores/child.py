"""What other processes do to a store in a folder: ``python -m esl_pipeline_tests.stores.child FOLDER DEED``."""

from __future__ import annotations

import io
import os
import sys
import time
from pathlib import Path

from esl_pipeline.stores.artifact_files import FileArtifactStore
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


class Endless(io.BytesIO):
    """A file that gives some bytes, says so and then keeps its reader waiting."""

    def __init__(self) -> None:
        super().__init__()
        self._given = 0

    def read(self, _size: int | None = -1, /) -> bytes:
        self._given += 1
        if self._given > 3:
            sys.stdout.write("half\n")
            sys.stdout.flush()
            time.sleep(60)
        return bytes(1 << 20)


def main(folder: Path, deed: str) -> None:
    """Does one deed."""
    store = FilePublicationStore(folder)
    if deed == "count":
        for _ in range(10):
            store.update("school", "week-1", add_one)
    elif deed == "rewrite":
        while True:
            store.update("school", "week-1", rewrite)
    elif deed in ("half", "half-named"):
        if deed == "half-named":
            del os.O_TMPFILE
        FileArtifactStore(folder).put_file("school", "0" * 64, ".mp3", Endless())
    elif deed == "hold":
        with store.lease("school", "week-1"):
            sys.stdout.write("held\n")
            sys.stdout.flush()
            time.sleep(60)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
