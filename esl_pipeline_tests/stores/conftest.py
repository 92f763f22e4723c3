"""The same tests for every implementation of the stores, with a real Postgres and a real S3 server."""

from __future__ import annotations

import uuid
from pathlib import Path

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
from esl_pipeline.stores.postgres import PostgresDocuments, PostgresJournal
from esl_pipeline.stores.protocols import ArtifactStore, PublicationStore
from esl_pipeline.stores.s3_artifacts import S3ArtifactStore
from esl_pipeline.stores.s3_documents import S3Documents
from esl_pipeline.stores.s3_journal import S3Journal
from esl_pipeline.stores.usage import UsageStore

CEPH = pytest.mark.xdist_group("ceph")
"""Tests with the real S3 server run in one worker, because starting it takes 12 seconds."""
POSTGRES = pytest.mark.xdist_group("postgres")
SHARED_STORES = [pytest.param("postgres", marks=POSTGRES), pytest.param("ceph", marks=CEPH)]


@pytest.fixture(params=SHARED_STORES)
def place(request: pytest.FixtureRequest) -> str:
    """The address of an empty shared place of state, for this and other processes."""
    return _shared_place(request)


@pytest.fixture(params=["files", *SHARED_STORES])
def state_address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of empty state, or its folder, for this and other processes."""
    if request.param == "files":
        return str(tmp_path)
    return _shared_place(request)


def _shared_place(request: pytest.FixtureRequest) -> str:
    if request.param == "postgres":
        engine: sa.Engine = request.getfixturevalue("postgres")
        return engine.url.render_as_string(hide_password=False)
    request.getfixturevalue("ceph_server")
    return f"s3://state/{uuid.uuid4().hex}"


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
