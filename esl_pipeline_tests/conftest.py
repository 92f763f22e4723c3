"""What several tests need."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from esl_pipeline_tests.sandboxed import Sandboxed
from esl_pipeline_tests.shared import SHARED


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with the lesson corpus, vendor contracts and recordings, which is not part of the project."""
    if not SHARED.is_dir():
        pytest.skip("the shared folder is absent")
    return SHARED


@pytest.fixture(scope="session")
def sandbox_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandboxed]:
    """A running sandbox, one per worker; take ``sandbox`` instead."""
    from esl_pipeline.sandbox.server import start

    home = tmp_path_factory.mktemp("home")
    with start(home, 0) as running:
        yield Sandboxed(home, running.addresses)


@pytest.fixture
def sandbox(sandbox_server: Sandboxed) -> Iterator[Sandboxed]:
    """The sandbox without delays and faults of earlier tests; its pages and speech stay."""
    yield sandbox_server
    sandbox_server.quiet()


@pytest.fixture
def assignment(request: pytest.FixtureRequest) -> str:
    """A slug that no other test publishes under."""
    return f"a-{hashlib.sha256(request.node.nodeid.encode()).hexdigest()[:16]}"


@pytest.fixture(scope="session")
def examples() -> list[Path]:
    """The example lessons, easiest first."""
    return sorted((Path(__file__).parents[1] / "examples").glob("*.md"))


@pytest.fixture(scope="session")
def four_turns() -> str:
    """A short lesson with four turns."""
    return (Path(__file__).parent / "bench" / "four-turns.md").read_text("utf-8")
