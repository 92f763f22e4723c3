"""The same publications through every combination of stores and of places of settings."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from esl_pipeline.stages.create_pipeline import create_pipeline
from esl_pipeline.stages.environment import read_environment
from esl_pipeline.stages.pipeline import Pipeline
from esl_pipeline_tests.real_s3 import KEY, PORT, SECRET
from esl_pipeline_tests.sandboxed import Sandboxed, succeeded
from esl_pipeline_tests.settings_server import TOKEN, SettingsServer, serving_settings
from esl_pipeline_tests.stores.places import FolderPlace, Place, S3Place, server_place, table_place

if TYPE_CHECKING:
    import sqlalchemy as sa
    from mypy_boto3_s3 import S3Client

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("ceph")]

STATES = ("files", "s3", "postgres")
ARTIFACTS = ("files", "s3")
SETTINGS = ("folder", "s3", "postgres", "http")
DOCUMENT = "schema_version: 2\nsettings: {audio: {album: Of this tenant}}\n"
SHORT = ("a1-at-the-cafe.md", "a1-my-working-day.md")
"""Of the corpus: a dialogue, and one voice alone."""


@dataclass(frozen=True)
class Stores:
    """The servers that hold what is not in files."""

    sandbox: Sandboxed
    s3: S3Client
    postgres: sa.Engine
    settings: SettingsServer
    folder: Path

    def pipeline(self, state: str, artifacts: str, settings: str, tenant: str) -> Pipeline:
        """Makes a pipeline as a new process of an installation with these places would."""
        mark, database = f"{self.folder.name}/{tenant}", self.postgres.url.render_as_string(hide_password=False)
        shared = {"files": "", "s3": f"s3://state/{mark}", "postgres": database}
        places: dict[str, tuple[str, Place]] = {
            "folder": (str(self.folder), FolderPlace(self.folder)),
            "s3": (f"s3://state/{mark}/settings", S3Place(self.s3, "state", f"{mark}/settings/")),
            "postgres": (database, table_place(self.postgres)),
            "http": (self.settings.url, server_place(self.settings)),
        }
        address, place = places[settings]
        place.write(tenant, DOCUMENT.encode())
        environment = read_environment(
            {
                "ESL_HOME": str(self.sandbox.home),
                "ESL_SANDBOX_PORT": str(self.sandbox.at.base_port),
                "ESL_STATE": shared[state],
                "ESL_ARTIFACTS": shared[artifacts],
                "ESL_TENANTS": address,
                "ESL_TENANTS_TOKEN": TOKEN,
            },
            sandbox=True,
        )
        return create_pipeline(environment=environment)


@pytest.fixture
def stores(
    sandbox: Sandboxed, ceph_server: S3Client, postgres: sa.Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Stores]:
    """A real S3 server, a real Postgres and a server of settings."""
    variables = {"ENDPOINT_URL_S3": f"http://127.0.0.1:{PORT}", "ACCESS_KEY_ID": KEY, "SECRET_ACCESS_KEY": SECRET}
    for name, value in (variables | {"DEFAULT_REGION": "us-east-1"}).items():
        monkeypatch.setenv(f"AWS_{name}", value)
    with serving_settings() as server:
        yield Stores(sandbox, ceph_server, postgres, server, tmp_path)


def check(stores: Stores, lesson: Path, kinds: tuple[str, str, str], tenant: str, assignment: str) -> None:
    """Publishes, looks at what stands where, and publishes again with another pipeline."""
    first = stores.pipeline(*kinds, tenant)
    record = succeeded(stores.sandbox.publish(lesson, assignment, tenant=tenant, pipeline=first))
    assert record.audio is not None
    begin = f"s3://state/{stores.folder.name}/{tenant}/sandbox/artifacts/{tenant}/" if kinds[1] == "s3" else "/"
    assert str(record.audio.path).startswith(begin)
    publication = first.providers.publications.read(tenant, assignment)
    assert publication is not None
    assert publication.settings_versions
    assert publication.audio is not None
    assert first.providers.artifacts.has(tenant, publication.audio.sha256, ".mp3")
    assert first.providers.audit.verify(tenant) > 0
    with stores.sandbox.watched("elevenlabs") as bought:
        again = succeeded(
            stores.sandbox.publish(lesson, assignment, tenant=tenant, pipeline=stores.pipeline(*kinds, tenant))
        )
    assert {stage.stage: stage.status for stage in again.stages if stage.status != "skipped"} == {}
    assert [entry["path"] for entry in bought if entry["method"] == "POST"] == []
    assert again.page.id == record.page.id


@pytest.mark.parametrize(("state", "artifacts"), [*itertools.product(STATES, ARTIFACTS)])
def test_a_short_lesson_with_settings_from_everywhere(
    stores: Stores, state: str, artifacts: str, four_turns: str, assignment: str
) -> None:
    head, _, rest = four_turns.partition(":::study-text Dialogue\n")
    text = f"{head}:::study-text Dialogue\nNora: Good morning.\n\nFelix: Good night.\n:::{rest.partition(':::')[2]}"
    for settings in SETTINGS:
        lesson = stores.sandbox.write(text, f"{assignment}-{settings}")
        check(stores, lesson, (state, artifacts, settings), f"{assignment}-{settings}", "lesson")


@pytest.mark.parametrize("kinds", [("files", "files", "folder"), ("s3", "s3", "s3"), ("postgres", "s3", "http")])
def test_the_examples_and_some_of_the_corpus(
    stores: Stores, kinds: tuple[str, str, str], examples: list[Path], shared: Path, assignment: str
) -> None:
    for number, lesson in enumerate([*examples, *(shared / "lessons" / "valid" / name for name in SHORT)]):
        check(stores, lesson, kinds, assignment, f"lesson-{number}")
