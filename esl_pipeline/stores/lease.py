"""A lease on something that one holder at a time works on, kept in a document that all machines see.

The holder renews it; whoever dies loses it after ``LEASE_S``. Each taking has a higher token than all before it, so
that a holder who slept through the end of the lease can be told from the one who took over.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from threading import Event, Thread
from typing import Self

from esl_pipeline.stores.documents import Document, DocumentChangedError, Documents, StoreUnavailableError
from esl_pipeline.stores.protocols import LeaseHeldError

LEASE_S = 60.0
"""How long a holder may be silent."""
SKEW_SHARE = 1 / 12
"""How far the clocks of two machines may differ, of the length of a lease: 5 seconds."""
RENEWALS_PER_LEASE = 4


@dataclass(frozen=True, slots=True)
class Lease:
    """What the document says: who holds it, the how-manieth taking it is, and till when."""

    holder: str
    token: int
    until: datetime

    @classmethod
    def read(cls, document: Document | None) -> Self:
        """Returns the lease of a document; one that ended long ago where there is none, or a damaged one."""
        try:
            found = json.loads(document.content if document else b"{}")
            return cls(str(found["holder"]), int(found["token"]), datetime.fromisoformat(found["until"]))
        except (KeyError, TypeError, ValueError):
            return cls("", 0, datetime.min.replace(tzinfo=UTC))

    def content(self) -> bytes:
        """Returns the document."""
        return json.dumps({"holder": self.holder, "token": self.token, "until": self.until.isoformat()}).encode()


class Leases:
    """Gives leases by key.

    Args:
        documents: where they are kept.
        lease_s: how long a holder may be silent, in seconds.
    """

    def __init__(self, documents: Documents, lease_s: float = LEASE_S) -> None:
        self._documents, self._lease_s = documents, lease_s
        self._skew = timedelta(seconds=lease_s * SKEW_SHARE)

    @contextmanager
    def hold(self, key: str, what: str, above: int = 0) -> Iterator[int]:
        """Holds a lease for the block, and gives its token.

        Args:
            key: of the document.
            what: is held; for people.
            above: a token that is known to have been given, so that the new one is higher also where the document was
                lost or did not come along from another store.

        Raises:
            LeaseHeldError: another holds it; asking again later helps.
            StoreUnavailableError: asking again may help.
        """
        mine, version = self._take(key, what, above)
        ended = Event()
        renewing = Thread(target=self._renew, args=(key, mine, version, ended), daemon=True)
        renewing.start()
        try:
            yield mine.token
        finally:
            ended.set()
            renewing.join()
            self._give_back(key, mine)

    def _take(self, key: str, what: str, above: int) -> tuple[Lease, str]:
        document = self._documents.get(key)
        before = Lease.read(document)
        if before.until > datetime.now(UTC) - self._skew:
            raise LeaseHeldError(f"Another run works on {what}. Try again when it has ended.")
        mine = Lease(uuid.uuid4().hex, max(before.token, above) + 1, self._end())
        try:
            version = self._documents.put(key, mine.content(), expected=document.version if document else None)
        except DocumentChangedError as error:
            raise LeaseHeldError(f"Another run begins to work on {what}. Try again when it has ended.") from error
        return mine, version

    def _end(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self._lease_s)

    def _renew(self, key: str, mine: Lease, version: str, ended: Event) -> None:
        """Renews until the end; one who lost the lease stops, and is told by the token when it next writes.

        Where the store is down there are more tries before the lease ends, and after it while nobody took it over.
        """
        while not ended.wait(self._lease_s / RENEWALS_PER_LEASE):
            try:
                version = self._documents.put(key, replace(mine, until=self._end()).content(), expected=version)
            except DocumentChangedError:
                found = self._found(key)
                if found and Lease.read(found).holder != mine.holder:
                    return
                version = found.version if found else version  # a renewal may have been done without an answer
            except StoreUnavailableError:
                continue

    def _found(self, key: str) -> Document | None:
        try:
            return self._documents.get(key)
        except StoreUnavailableError:
            return None

    def _give_back(self, key: str, mine: Lease) -> None:
        """Ends the lease now, unless another has it by now; where that fails it ends by itself."""
        try:
            document = self._documents.get(key)
            if document and Lease.read(document).holder == mine.holder:
                over = replace(mine, until=datetime.now(UTC) - 2 * self._skew)
                self._documents.put(key, over.content(), expected=document.version)
        except (DocumentChangedError, StoreUnavailableError):
            return
