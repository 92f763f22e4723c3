"""The same tests for every implementation of the stores, with a real Postgres and a real S3 server."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from esl_pipeline.stores.artifact_files import FileArtifactStore
from esl_pipeline.stores.catalogues import CatalogueStore
from esl_pipeline.stores.document_catalogues import DocumentCatalogueStore
from esl_pipeline.stores.document_publications import DocumentPublicationStore
from esl_pipeline.stores.documents import Documents
from esl_pipeline.stores.file_documents import FileDocuments
from esl_pipeline.stores.file_journal import FileJournal
from esl_pipeline.stores.files import FilePublicationStore
from esl_pipeline.stores.journal import Journal
from esl_pipeline.stores.journal_usage import JournalUsageStore
from esl_pipeline.stores.memory import MemoryArtifactStore, MemoryPublicationStore
from esl_pipeline.stores.memory_documents import MemoryDocuments
from esl_pipeline.stores.memory_journal import MemoryJournal
from esl_pipeline.stores.postgres import PostgresDocuments, PostgresJournal, migrate
from esl_pipeline.stores.protocols import ArtifactStore, PublicationStore
from esl_pipeline.stores.s3_artifacts import S3ArtifactStore
from esl_pipeline.stores.s3_documents import S3Documents
from esl_pipeline.stores.s3_journal import S3Journal
from esl_pipeline.stores.usage import UsageStore
from esl_pipeline_tests.real_postgres import running_postgres
from esl_pipeline_tests.real_s3 import running_ceph

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

CEPH = pytest.mark.xdist_group("ceph")
"""Tests with the real S3 server run in one worker, because starting it takes 12 seconds."""
POSTGRES = pytest.mark.xdist_group("postgres")
SHARED_STORES = [pytest.param("postgres", marks=POSTGRES), pytest.param("ceph", marks=CEPH)]


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The address of a running Postgres, one per worker."""
    with running_postgres() as url:
        yield url


@pytest.fixture
def postgres(postgres_server: str) -> Iterator[sa.Engine]:
    """An empty database with our tables."""
    name = f"test_{uuid.uuid4().hex}"
    server = sa.create_engine(postgres_server, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with server.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
    engine = sa.create_engine(postgres_server.rpartition("/")[0] + f"/{name}", pool_size=8)
    migrate(engine)
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def ceph_server() -> Iterator[S3Client]:
    """A client of a running S3 server."""
    with running_ceph() as client:
        client.create_bucket(Bucket="state")
        yield client


@pytest.fixture(params=["files", "memory", *SHARED_STORES])
def documents(request: pytest.FixtureRequest, tmp_path: Path) -> Documents:
    """An empty store of documents."""
    match request.param:
        case "files":
            return FileDocuments(tmp_path)
        case "memory":
            return MemoryDocuments()
        case "postgres":
            return PostgresDocuments(request.getfixturevalue("postgres"), "sandbox/")
        case _:
            return S3Documents(request.getfixturevalue("ceph_server"), "state", f"{uuid.uuid4().hex}/")


@pytest.fixture(params=["files", "memory", *SHARED_STORES])
def journal(request: pytest.FixtureRequest, tmp_path: Path) -> Journal:
    """An empty store of journals."""
    match request.param:
        case "files":
            return FileJournal(tmp_path)
        case "memory":
            return MemoryJournal()
        case "postgres":
            return PostgresJournal(request.getfixturevalue("postgres"), "sandbox/")
        case _:
            return S3Journal(S3Documents(request.getfixturevalue("ceph_server"), "state", f"{uuid.uuid4().hex}/"))


@pytest.fixture
def usage(journal: Journal) -> UsageStore:
    """An empty store of account books."""
    return JournalUsageStore(journal)


@pytest.fixture
def catalogues(documents: Documents) -> CatalogueStore:
    """An empty store of catalogues."""
    return DocumentCatalogueStore(documents)


@pytest.fixture(params=["files", "memory", *SHARED_STORES])
def publications(request: pytest.FixtureRequest, tmp_path: Path) -> PublicationStore:
    """An empty store of publications."""
    match request.param:
        case "files":
            return FilePublicationStore(tmp_path)
        case "memory":
            return MemoryPublicationStore()
        case "postgres":
            return DocumentPublicationStore(PostgresDocuments(request.getfixturevalue("postgres")))
        case _:
            client = request.getfixturevalue("ceph_server")
            return DocumentPublicationStore(S3Documents(client, "state", f"{uuid.uuid4().hex}/"))


@pytest.fixture(params=["files", "memory", pytest.param("ceph", marks=CEPH)])
def artifacts(request: pytest.FixtureRequest, tmp_path: Path) -> ArtifactStore:
    """An empty store of artifacts."""
    match request.param:
        case "files":
            return FileArtifactStore(tmp_path)
        case "memory":
            return MemoryArtifactStore()
        case _:
            return S3ArtifactStore(request.getfixturevalue("ceph_server"), "state", f"{uuid.uuid4().hex}/")
