"""Publications in a store of documents that several machines share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock

from esl_pipeline.manifests import check_slug
from esl_pipeline.stores.documents import DocumentChangedError, Documents
from esl_pipeline.stores.lease import LEASE_S, Leases
from esl_pipeline.stores.protocols import Held, LeaseHeldError
from esl_pipeline.stores.publication import Publication, read_publication

ATTEMPTS = 100
"""Of a change while others write the same publication; each of them got through, so this many are a fault."""


class LeaseLostError(Exception):
    """This run was silent for so long that another one took over its assignment; it must not write any more."""


class DocumentPublicationStore:
    """One document per assignment, ``publications/<tenant>/<assignment>.json``, and a lease beside it.

    A holder whose lease was taken over can't write: each publication remembers the highest token that worked on it.

    Args:
        documents: the shared store.
        lease_s: how long a run may be silent before another may take its assignment over, in seconds.
    """

    def __init__(self, documents: Documents, lease_s: float = LEASE_S) -> None:
        self._documents, self._leases = documents, Leases(documents, lease_s)
        self._tokens: dict[tuple[str, str], int] = {}
        self._lock = Lock()

    def read(self, tenant: str, assignment: str) -> Publication | None:
        """Returns the publication, None where there is none.

        Raises:
            UnreadablePublicationError: it is damaged, or of a newer version of the program.
            StoreUnavailableError: asking again may help.
        """
        document = self._documents.get(_key(tenant, assignment))
        return read_publication(document.content, tenant, assignment, document.key) if document else None

    def update(self, tenant: str, assignment: str, change: Callable[[Publication], None]) -> Publication:
        """Reads, changes and writes as one step.

        Raises:
            LeaseLostError: another run took the assignment over.
            LeaseHeldError: others write it all the time.
            UnreadablePublicationError: it is damaged, or of a newer version of the program; it stays.
            StoreUnavailableError: asking again may help.
        """
        key = _key(tenant, assignment)
        token = self._tokens.get((tenant, assignment))
        for _ in range(ATTEMPTS):
            document = self._documents.get(key)
            publication = (
                read_publication(document.content, tenant, assignment, key)
                if document
                else Publication(tenant=tenant, assignment=assignment)
            )
            if token is not None and token < publication.lease_token:
                raise LeaseLostError(f"Another run took over {tenant}/{assignment}. Run it again to go on.")
            change(publication)
            publication.lease_token = token or publication.lease_token
            try:
                content = publication.model_dump_json(indent=2).encode()
                self._documents.put(key, content, expected=document.version if document else None)
            except DocumentChangedError:
                continue
            return publication
        raise LeaseHeldError(f"Others write {tenant}/{assignment} all the time. Try again.")

    @contextmanager
    def lease(self, tenant: str, assignment: str, run_id: str = "") -> Iterator[None]:
        """Holds the assignment; whoever dies is taken over when the lease ends.

        The publication is marked with the token at once, and made where there is none: from then on whoever held the
        lease before can't write.

        Raises:
            LeaseHeldError: another run holds it.
            UnreadablePublicationError: it is damaged, or of a newer version of the program; it stays.
            StoreUnavailableError: asking again may help.
        """
        held = (check_slug(tenant, "tenant"), check_slug(assignment, "assignment"))
        before = self.read(tenant, assignment)
        above, key = before.lease_token if before else 0, _lease_key(tenant, assignment)
        with self._leases.hold(key, f"{tenant}/{assignment}", above, run_id) as token:
            with self._lock:
                self._tokens[held] = token
            try:
                self.update(tenant, assignment, lambda _: None)
                yield
            finally:
                with self._lock:
                    del self._tokens[held]

    def held(self, tenant: str, assignment: str) -> Held | None:
        """Returns which run has the lease, also where it died and no other took it since.

        Raises:
            StoreUnavailableError: asking again may help.
        """
        return self._leases.held(_lease_key(tenant, assignment))

    def free(self, tenant: str, assignment: str, run_id: str) -> None:
        """Ends the lease of a run whose process is gone, which else others wait for.

        Raises:
            StoreUnavailableError: asking again may help.
        """
        self._leases.free(_lease_key(tenant, assignment), run_id)

    def list(self, tenant: str | None = None) -> Iterator[Publication]:
        """Yields all publications, of one tenant or of all, by tenant and assignment.

        Raises:
            UnreadablePublicationError: one is damaged, or of a newer version of the program.
            StoreUnavailableError: asking again may help.
        """
        prefix = f"publications/{check_slug(tenant, 'tenant')}/" if tenant is not None else "publications/"
        found = (key.removeprefix("publications/").removesuffix(".json") for key in self._documents.keys(prefix))
        for owner, assignment in sorted(tuple(name.split("/", 1)) for name in found):
            if publication := self.read(owner, assignment):
                yield publication

    def delete(self, tenant: str, assignment: str) -> None:
        """Removes a publication and its lease."""
        for key in (_key(tenant, assignment), _lease_key(tenant, assignment)):
            self._documents.delete(key)


def _key(tenant: str, assignment: str) -> str:
    return f"publications/{check_slug(tenant, 'tenant')}/{check_slug(assignment, 'assignment')}.json"


def _lease_key(tenant: str, assignment: str) -> str:
    return f"leases/{check_slug(tenant, 'tenant')}/{check_slug(assignment, 'assignment')}.json"
