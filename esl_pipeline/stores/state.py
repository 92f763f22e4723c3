"""All state but artifacts, in the one place that an address names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from esl_pipeline.stores.addresses import AddressError, bucket_of, engine_of
from esl_pipeline.stores.audit import AuditLog
from esl_pipeline.stores.catalogues import CatalogueStore
from esl_pipeline.stores.document_catalogues import DocumentCatalogueStore
from esl_pipeline.stores.document_publications import DocumentPublicationStore
from esl_pipeline.stores.documents import Documents
from esl_pipeline.stores.file_documents import FileDocuments
from esl_pipeline.stores.file_journal import FileJournal
from esl_pipeline.stores.files import FilePublicationStore
from esl_pipeline.stores.journal import Journal
from esl_pipeline.stores.journal_audit import JournalAuditLog
from esl_pipeline.stores.journal_usage import JournalUsageStore
from esl_pipeline.stores.memory import MemoryPublicationStore
from esl_pipeline.stores.memory_documents import MemoryDocuments
from esl_pipeline.stores.memory_journal import MemoryJournal
from esl_pipeline.stores.protocols import PublicationStore
from esl_pipeline.stores.usage import UsageStore

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

    from esl_pipeline.stores.s3_documents import S3Documents

FORMS = "s3://bucket/prefix without . or .. in it, or postgresql://user@host/database"


class StateAddressError(Exception):
    """The address of the state is none; the message does not show it, because it may hold a password."""

    def __init__(self) -> None:
        super().__init__(f"This is no address of state that is known: give {FORMS}, or nothing for files.")


@dataclass(frozen=True)
class State:
    """The stores of one installation; ``documents`` is for what is kept as single documents, as tenants' standing is.

    ``journal`` holds the lines of account books and audit log, for who moves them as they are.
    """

    publications: PublicationStore
    usage: UsageStore
    catalogues: CatalogueStore
    audit: AuditLog
    documents: Documents
    journal: Journal


def open_state(address: str | None, folder: Path, prefix: str, s3: Callable[[], S3Client]) -> State:
    """Returns the stores; nothing is opened or made before it is needed.

    Args:
        address: ``s3://bucket/prefix`` or ``postgresql://…``; files where None or empty.
        folder: of the files.
        prefix: keeps several installations, or sandbox and real vendors, apart in one bucket or database; ends in a
            slash, or is empty.
        s3: makes the client of S3.

    Raises:
        StateAddressError: the address is none.
    """
    if not address:
        return _state(FilePublicationStore(folder), FileDocuments(folder), FileJournal(folder))
    try:
        if address.startswith("s3://"):
            from esl_pipeline.stores.s3_journal import S3Journal

            bucket = _s3(address, prefix, s3)
            return _state(DocumentPublicationStore(bucket), bucket, S3Journal(bucket))
        engine = engine_of(address)
    except AddressError:
        raise StateAddressError from None
    # Only who keeps state there loads what talks to it.
    from esl_pipeline.stores.postgres import PostgresDocuments, PostgresJournal

    rows = PostgresDocuments(engine, prefix)
    return _state(DocumentPublicationStore(rows), rows, PostgresJournal(engine, prefix))


def memory_state() -> State:
    """Returns state that ends with its process."""
    return _state(MemoryPublicationStore(), MemoryDocuments(), MemoryJournal())


def _s3(address: str, prefix: str, s3: Callable[[], S3Client]) -> S3Documents:
    from esl_pipeline.stores.s3_documents import S3Documents

    bucket, path = bucket_of(address)
    return S3Documents(s3(), bucket, f"{path}/{prefix}" if path else prefix)


def _state(publications: PublicationStore, documents: Documents, journal: Journal) -> State:
    return State(
        publications=publications,
        usage=JournalUsageStore(journal),
        catalogues=DocumentCatalogueStore(documents),
        audit=JournalAuditLog(journal),
        documents=documents,
        journal=journal,
    )
