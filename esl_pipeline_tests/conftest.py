"""What several tests need."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from esl_pipeline_tests.sandboxed import Sandboxed
from esl_pipeline_tests.shared import SHARED

if TYPE_CHECKING:
    import sqlalchemy as sa
    from mypy_boto3_s3 import S3Client


TURNS = (
    "I have packed the lamps and the big mirror.",
    "Then let me finish the kitchen.",
    "Should I call the company again?",
    "Call them now, and order two pizzas, please.",
)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keeps every test with Ceph in one worker, also those that need another server besides.

    Two groups of one test would be a third, in a worker that waits for the only Ceph as long as the first one lives.
    """
    for item in items:
        marks = [*item.iter_markers("xdist_group")]
        if len(marks) > 1 and any("ceph" in mark.args for mark in marks):
            item.own_markers = [mark for mark in item.own_markers if mark.name != "xdist_group" or "ceph" in mark.args]


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
def aws_server() -> Iterator[str]:
    """The address of moto's AWS, one per worker; take ``aws`` instead."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    yield f"http://127.0.0.1:{server.get_host_and_port()[1]}"
    server.stop()


@pytest.fixture
def aws(aws_server: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of an AWS that boto3 finds by itself, and which takes any credentials."""
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL_S3"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {
        "AWS_ENDPOINT_URL": aws_server,
        "AWS_ACCESS_KEY_ID": "AKIAINSTALLATION",
        "AWS_SECRET_ACCESS_KEY": "installation",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "NO_PROXY": "127.0.0.1",
    }.items():
        monkeypatch.setenv(name, value)
    return aws_server


@pytest.fixture(scope="session")
def examples() -> list[Path]:
    """The example lessons, easiest first."""
    return sorted((Path(__file__).parents[1] / "examples").glob("*.md"))


def short_lesson() -> str:
    """Returns a short lesson with four turns, a sentence each: a track of some seconds is made in no time."""
    lesson = (Path(__file__).parent / "bench" / "four-turns.md").read_text("utf-8")
    lines = iter(TURNS)
    return re.sub(r"(?m)^((?:Nora|Felix): ).*$", lambda turn: turn[1] + next(lines), lesson)


@pytest.fixture(scope="session")
def four_turns() -> str:
    """A short lesson with four turns."""
    return short_lesson()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The address of a running Postgres, one per worker."""
    from esl_pipeline_tests.real_postgres import running_postgres

    with running_postgres() as url:
        yield url


@pytest.fixture
def postgres(postgres_server: str) -> Iterator[sa.Engine]:
    """An empty database with our tables."""
    from esl_pipeline_tests.databases import empty_database

    with empty_database(postgres_server) as engine:
        yield engine


@pytest.fixture(scope="session")
def ceph_server() -> Iterator[S3Client]:
    """A client of a running S3 server, one per worker."""
    from esl_pipeline_tests.real_s3 import running_ceph

    with running_ceph() as client:
        client.create_bucket(Bucket="state")
        yield client
