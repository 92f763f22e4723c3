"""Workspaces of the sandboxed Notion."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from esl_pipeline.sandbox.notion.workspace import Workspace
from esl_pipeline_tests.sandbox.notion_asker import Asker


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """A new workspace."""
    made = Workspace(tmp_path / "notion", "http://127.0.0.1:8770")
    yield made
    made.close()


@pytest.fixture
def notion(workspace: Workspace) -> Asker:
    """The workspace's API."""
    return Asker(workspace)
