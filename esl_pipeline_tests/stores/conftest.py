"""The same tests for every implementation of the stores."""

from __future__ import annotations

from pathlib import Path

import pytest

from esl_pipeline.stores.artifact_files import FileArtifactStore
from esl_pipeline.stores.files import FilePublicationStore
from esl_pipeline.stores.memory import MemoryArtifactStore, MemoryPublicationStore
from esl_pipeline.stores.protocols import ArtifactStore, PublicationStore


@pytest.fixture(params=["files", "memory"])
def publications(request: pytest.FixtureRequest, tmp_path: Path) -> PublicationStore:
    """An empty store of publications."""
    return FilePublicationStore(tmp_path) if request.param == "files" else MemoryPublicationStore()


@pytest.fixture(params=["files", "memory"])
def artifacts(request: pytest.FixtureRequest, tmp_path: Path) -> ArtifactStore:
    """An empty store of artifacts."""
    return FileArtifactStore(tmp_path) if request.param == "files" else MemoryArtifactStore()
