"""A lease on something that one holder at a time works on, kept in a document that all machines see.

The holder renews it; whoever dies loses it after ``LEASE_S``. Each taking has a higher token than all before it, so
that a holder who slept through the end of the lease can be told from the one who took over.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from threading import Event, Thread
from typing import Self

from esl_pipeline.stores.documents import Document, DocumentChangedError, Documents, StoreUnavailableError
from esl_pipeline.stores.protocols import Held, LeaseHeldError

LEASE_S = 60.0
"""How long a holder may be silent."""
SKEW_SHARE = 1 / 12
"""How far the clocks of two machines may differ, of the length of a lease: 5 seconds."""
RENEWALS_PER_LEASE = 4


@dataclass(frozen=True, slots=True)
class Lease:
    """What the document says: who holds it, the how-manieth taking it is, till when, and for which run."""

    holder: str
    token: int
    until: datetime
    run_id: str = ""

    @classmethod
    def read(cls, document: Document | None) -> Self:
        """Returns the lease of a document; one that ended long ago where there is none, or a damaged one."""
        try:
            found = json.loads(document.content if document else b"{}")
            return cls(
                str(found["holder"]),
                int(found["token"]),
                datetime.fromisoformat(found["until"]),
                str(found.get("run_id", "")),
            )
        except (KeyError, TypeError, ValueError):
            return cls("", 0, datetime.min.replace(tzinfo=UTC))

    def content(self) -> bytes:
        """Returns the document."""
        told = {"holder": self.holder, "token": self.token, "until": self.until.isoformat(), "run_id": self.run_id}
        return json.dumps(told).encode()


class Leases:
    """Gives leases by key.

    Args:
        documents: where they are kept.
        lease_s: how long a holder may be silent, in seconds.
    """

    def __init__(self, documents: Documents, lease_s: float = LEASE_S) -> None:
        self._documents, self._lease_s = documents, lease_s
        self._skew = timedelta(seconds=lease_s * SKEW_SHARE)
        self._done: set[str] = set()  # own holders whose lease could not be given back

    @contextmanager
    def hold(self, key: str, what: str, above: int = 0, run_id: str = "") -> Iterator[int]:
        """Holds a lease for the block, and gives its token.

        Args:
            key: of the document.
            what: is held; for people.
            above: a token that is known to have been given, so that the new one is higher also where the document was
                lost or did not come along from another store.
            run_id: of the run that works under it, if any.

        Raises:
            LeaseHeldError: another holds it; asking again later helps.
            StoreUnavailableError: asking again may help.
        """
        mine, version = self._take(key, what, above, run_id)
        ended = Event()
        renewing = Thread(target=self._renew, args=(key, mine, version, ended), daemon=True)
        renewing.start()
        try:
            yield mine.token
        finally:
            ended.set()
            renewing.join()
            self._give_back(key, mine)

    def _take(self, key: str, what: str, above: int, run_id: str) -> tuple[Lease, str]:
        document = self._documents.get(key)
        before = Lease.read(document)
        if before.until > datetime.now(UTC) - self._skew and before.holder not in self._done:
            wait_s = (before.until + 2 * self._skew - datetime.now(UTC)).total_seconds()
            raise LeaseHeldError(f"Another run works on {what}. Try again when it has ended.", wait_s)
        mine = Lease(uuid.uuid4().hex, max(before.token, above) + 1, self._end(), run_id)
        try:
            version = self._documents.put(key, mine.content(), expected=document.version if document else None)
        except DocumentChangedError as error:
            raise LeaseHeldError(f"Another run begins to work on {what}. Try again when it has ended.") from error
        self._done.discard(before.holder)
        return mine, version

    def held(self, key: str) -> Held | None:
        """Returns the run that has the lease, with a sign that changes at each renewal; None where no run has it.

        Raises:
            StoreUnavailableError: asking again may help.
        """
        found = Lease.read(self._documents.get(key))
        return Held(found.run_id, f"{found.token} {found.until.isoformat()}") if found.run_id else None

    def free(self, key: str, run_id: str) -> None:
        """Ends the lease if the run has it; where another is faster, that is as well.

        Raises:
            StoreUnavailableError: asking again may help.
        """
        document = self._documents.get(key)
        found = Lease.read(document)
        if document and found.run_id == run_id:
            with suppress(DocumentChangedError):
                self._documents.put(key, self._over(found), expected=document.version)

    def _over(self, lease: Lease) -> bytes:
        return replace(lease, run_id="", until=datetime.now(UTC) - 2 * self._skew).content()

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
        """Ends the lease now, unless another has it by now; where that fails it ends by itself, for all others."""
        try:
            document = self._documents.get(key)
            if document and Lease.read(document).holder == mine.holder:
                self._documents.put(key, self._over(mine), expected=document.version)
        except DocumentChangedError:
            return
        except StoreUnavailableError:
            self._done.add(mine.holder)
