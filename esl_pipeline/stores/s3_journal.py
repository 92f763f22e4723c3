"""Journals as S3 objects: one per addition, ``<name>/<number>.jsonl``, written where that number is free."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from esl_pipeline.stores.documents import DocumentChangedError, StoreUnavailableError
from esl_pipeline.stores.journal import Decide, check_name
from esl_pipeline.stores.known_lines import Known, KnownLines
from esl_pipeline.stores.protocols import LeaseHeldError
from esl_pipeline.stores.s3_documents import S3Documents

ATTEMPTS = 100
"""Of an addition while others write the same journal; each of them got through, so this many are a fault."""
PAUSE_S = 0.02
"""Waited at most between attempts, so that those who race do not go on in step."""
READERS = 8
SUFFIX = ".jsonl"


class S3Journal:
    """Journals in a bucket; what was read before is not read again while its last addition is still the same one.

    Args:
        documents: the bucket's.
    """

    def __init__(self, documents: S3Documents) -> None:
        self._documents, self._known = documents, KnownLines()

    def add(self, name: str, decide: Decide) -> Sequence[bytes]:
        """Reads and adds as one step: whoever writes the next number first wins, and the others decide again.

        Raises:
            LeaseHeldError: others write it all the time.
            StoreUnavailableError: it is not certain that it was added.
        """
        for _ in range(ATTEMPTS):
            known = self._read(name)
            added = tuple(decide(known.lines))
            if not added:
                return added
            number = known.number + 1
            try:
                version = self._documents.put(_key(name, number), b"\n".join(added) + b"\n", expected=None)
            except DocumentChangedError:
                time.sleep(random.uniform(0, PAUSE_S))  # noqa: S311
                continue
            self._known.keep(name, Known(known.lines + added, number, version))
            return added
        raise LeaseHeldError(f"Others write {name} all the time. Try again later.")

    def lines(self, name: str) -> Sequence[bytes]:
        """Returns the lines."""
        return self._read(name).lines

    def names(self, prefix: str) -> Iterator[str]:
        """Yields the names that begin with ``prefix``, sorted; one request for each."""
        found, after = set[str](), ""
        while key := self._documents.first_key(prefix, after):
            name, _, number = key.rpartition("/")
            after = key
            if name and number.endswith(SUFFIX):
                after = f"{name}/~"  # behind all of its additions
                found.add(name)
        yield from sorted(found)

    def delete(self, name: str) -> None:
        """Removes a journal, its last addition first, so that what is left of it is still its beginning."""
        for key, _ in reversed(list(self._documents.versions(f"{check_name(name)}/"))):
            self._documents.delete(key)

    def _read(self, name: str) -> Known:
        known = self._known.get(name)
        found = self._additions(name, known.number)
        if known.number and (not found or found[0] != (_key(name, known.number), known.mark)):
            known, found = Known(), self._additions(name, 0)
        new = found[1:] if known.number else found
        if new:
            with ThreadPoolExecutor(READERS) as pool:
                contents = list(pool.map(self._content, [key for key, _ in new]))
            lines = tuple(line for content in contents for line in content.splitlines())
            known = Known(known.lines + lines, known.number + len(new), new[-1][1])
            self._known.keep(name, known)
        return known

    def _additions(self, name: str, number: int) -> Sequence[tuple[str, str]]:
        """Returns keys and versions from an addition on, that one included; all where the number is 0."""
        after = _key(name, number - 1) if number else ""
        return list(self._documents.versions(f"{check_name(name)}/", after))

    def _content(self, key: str) -> bytes:
        document = self._documents.get(key)
        if document is None:
            raise StoreUnavailableError(f"{key} is gone since it was listed.")
        return document.content


def _key(name: str, number: int) -> str:
    return f"{check_name(name)}/{number:08}{SUFFIX}"
