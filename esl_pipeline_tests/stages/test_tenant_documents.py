from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa

from esl_pipeline.clients import s3_client
from esl_pipeline.stages.asking import AskingError, manifest_file
from esl_pipeline.stages.config_place import open_config
from esl_pipeline.stages.create_pipeline import create_pipeline
from esl_pipeline.stages.environment import ConfigurationError, read_environment
from esl_pipeline.stages.job import Job, JobOptions
from esl_pipeline.stages.pipeline import Pipeline
from esl_pipeline.stages.run_stage import failure_kind
from esl_pipeline.stages.stage import Stage
from esl_pipeline.stores.config import ConfigUnavailableError
from esl_pipeline_tests.real_postgres import running_postgres
from esl_pipeline_tests.sandboxed import Sandboxed
from esl_pipeline_tests.settings_server import TOKEN, serving_settings
from esl_pipeline_tests.stores.conftest import POSTGRES
from esl_pipeline_tests.stores.places import FolderPlace, Place, S3Place, server_place, table_place

SCHOOL = """schema_version: 2
settings:
  audio: {album: Riverside}
  speech: {default_accent: british, voices: {Kim: Alice, Ben: George}}
  notion: {data_source_id: 1f0c2a9e5b7d4c3f8a6e1b2c3d4e5f60}
students:
  Anna Berg:
    notion: {preset: a1-default, parent_page_id: 2f0c2a9e5b7d4c3f8a6e1b2c3d4e5f61}
    speech: {default_accent: american, voices: {Kim: Sarah}}
"""


@dataclass(frozen=True)
class Installation:
    """A place of settings, and the pipeline of a process that is told of its address."""

    place: Place
    variables: dict[str, str]

    @property
    def pipeline(self) -> Pipeline:
        return create_pipeline(environment=read_environment(self.variables))


@pytest.fixture(scope="module")
def postgres_address() -> Iterator[str]:
    """A running Postgres whose table of settings is made, and empty."""
    with running_postgres() as address:
        assert table_place(sa.create_engine(address, poolclass=sa.NullPool)).config.tenants() == []
        yield address


@pytest.fixture(params=["folder", "s3", "http", pytest.param("postgres", marks=POSTGRES)])
def installation(
    request: pytest.FixtureRequest, sandbox: Sandboxed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Installation]:
    """An installation whose tenants' settings are in one of the places."""
    variables = {"ESL_HOME": str(tmp_path / "home"), "ESL_SANDBOX_PORT": str(sandbox.at.base_port)}
    match request.param:
        case "folder":
            folder = tmp_path / "tenants"
            folder.mkdir()
            yield Installation(FolderPlace(folder), {**variables, "ESL_TENANTS": str(folder)})
        case "s3":
            for name, value in (("AWS_ENDPOINT_URL_S3", sandbox.at.s3_url), ("AWS_ACCESS_KEY_ID", "any")):
                monkeypatch.setenv(name, value)
            monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "any")
            prefix = uuid.uuid4().hex
            place = S3Place(s3_client(sandbox.at.s3_url, key="any", secret="any"), sandbox.at.bucket, f"{prefix}/")
            yield Installation(place, {**variables, "ESL_TENANTS": f"s3://{sandbox.at.bucket}/{prefix}/"})
        case "http":
            with serving_settings() as server:
                told = {"ESL_TENANTS": f"{server.url}/", "ESL_TENANTS_TOKEN": TOKEN}
                yield Installation(server_place(server), variables | told)
        case _:
            address = request.getfixturevalue("postgres_address")
            rows = table_place(sa.create_engine(address, poolclass=sa.NullPool))
            yield Installation(rows, {**variables, "ESL_TENANTS": address})
            for tenant in rows.config.tenants():
                rows.remove(tenant)


def lesson(text: str, tmp_path: Path, student: str = "Ada") -> Path:
    path = tmp_path / "week-1.md"
    written, times = re.subn(r"(?m)^student: .*$", f"student: {student}", text)
    assert times == 1
    path.write_text(written, "utf-8")
    return path


def validated(pipeline: Pipeline, path: Path, tenant: str = "school") -> Job:
    job = pipeline.open_job(tenant, "week-1", manifest_file(path), JobOptions())
    pipeline.run_stage(Stage.MANIFEST, job)
    return job


def versions(pipeline: Pipeline) -> dict[str, str]:
    publication = pipeline.providers.publications.read("school", "week-1")
    assert publication is not None
    return publication.settings_versions


def test_a_run_has_the_settings_of_the_place_and_records_their_version(
    installation: Installation, four_turns: str, tmp_path: Path
) -> None:
    path = lesson(four_turns, tmp_path)
    installation.place.write("school", SCHOOL.encode())
    pipeline = installation.pipeline
    assert validated(pipeline, path).context.settings.audio.album == "Riverside"
    found = installation.place.config.read("school")
    assert found is not None
    assert versions(pipeline) == {"school.yaml": found.version}


def test_a_run_of_one_stage_records_the_version_that_it_used_too(
    installation: Installation, four_turns: str, tmp_path: Path
) -> None:
    installation.place.write("school", SCHOOL.encode())
    validated(installation.pipeline, lesson(four_turns, tmp_path))
    before = versions(installation.pipeline)
    installation.place.write("school", SCHOOL.replace("Riverside", "Lakeside").encode())
    pipeline = installation.pipeline
    job = pipeline.open_job("school", "week-1", options=JobOptions(hooks={"cancelled": lambda: True}))
    with pytest.raises(Exception, match="was cancelled"):
        pipeline.run_stage(Stage.PAGE, job)
    assert job.context.settings.audio.album == "Lakeside"
    assert versions(pipeline) != before


def test_a_wrong_document_stops_its_own_tenant_only(
    installation: Installation, four_turns: str, tmp_path: Path
) -> None:
    path = lesson(four_turns, tmp_path)
    installation.place.write("school", SCHOOL.encode())
    installation.place.write("wrong", b"schema_version: 2\nsettings: {audio: {pause_ms: long}}\n")
    installation.place.write("broken", b"schema_version: [")
    pipeline = installation.pipeline
    for tenant, rule in (("wrong", "S-VALUE"), ("broken", "M-SYNTAX")):
        job = validated(pipeline, path, tenant)
        assert [(problem.rule, problem.file) for problem in job.understood.problems] == [(rule, f"{tenant}.yaml")]
        with pytest.raises(AskingError):
            _ = job.lesson
    assert validated(pipeline, path).understood.problems == ()


@pytest.mark.parametrize(
    ("student", "accent", "preset", "kim", "target"),
    [
        ("Anna Berg", "american", "a1-default", "Sarah", (None, "2f0c2a9e")),
        ("anna berg", "american", "a1-default", "Sarah", (None, "2f0c2a9e")),
        ("Ben", "british", "b1-default", "Alice", ("1f0c2a9e", None)),
        ("Anna", "british", "b1-default", "Alice", ("1f0c2a9e", None)),
    ],
)
def test_a_lessons_student_brings_accent_preset_target_and_voices(
    sandbox: Sandboxed,
    four_turns: str,
    tmp_path: Path,
    student: str,
    accent: str,
    preset: str,
    kim: str,
    target: tuple[str | None, str | None],
) -> None:
    (tmp_path / "school.yaml").write_text(SCHOOL)
    told = {"ESL_HOME": str(tmp_path), "ESL_TENANTS": str(tmp_path)}
    settings = validated(Installation(FolderPlace(tmp_path), told).pipeline, lesson(four_turns, tmp_path, student))
    found = settings.context.settings
    assert (found.speech.default_accent, found.notion.preset) == (accent, preset)
    assert found.speech.voices == {"Kim": kim, "Ben": "George"}
    places = (found.notion.data_source_id, found.notion.parent_page_id)
    assert tuple(place and place.replace("-", "")[:8] for place in places) == target


def test_without_a_document_no_version_is_recorded(four_turns: str, tmp_path: Path) -> None:
    pipeline = create_pipeline(environment=read_environment({"ESL_HOME": str(tmp_path)}))
    validated(pipeline, lesson(four_turns, tmp_path))
    assert versions(pipeline) == {}


def test_the_version_of_a_file_is_the_hash_of_its_content(four_turns: str, tmp_path: Path) -> None:
    (tmp_path / "tenants").mkdir()
    (tmp_path / "tenants" / "school.json").write_text('{"schema_version": 2}')
    pipeline = create_pipeline(environment=read_environment({"ESL_HOME": str(tmp_path)}))
    validated(pipeline, lesson(four_turns, tmp_path))
    assert versions(pipeline) == {"school.json": hashlib.sha256(b'{"schema_version": 2}').hexdigest()}


def test_a_server_that_is_down_makes_a_run_wait_and_never_go_on_without_its_settings(
    four_turns: str, tmp_path: Path
) -> None:
    variables = {"ESL_HOME": str(tmp_path), "ESL_TENANTS": "http://127.0.0.1:9/tenants", "ESL_TENANTS_TOKEN": TOKEN}
    pipeline = create_pipeline(environment=read_environment(variables))
    with pytest.raises(ConfigUnavailableError, match="no connection could be made") as caught:
        validated(pipeline, lesson(four_turns, tmp_path))
    assert failure_kind(caught.value) == "unavailable"
    assert TOKEN not in str(caught.value)


@pytest.mark.parametrize(
    "address",
    [
        "s3://",
        "ftp://host/path",
        "https://",
        "http://[",
        "postgresql://",
        "postgresql+nothing://host/database",
        "mysql://user:pass-4711@host/database",
        "postgresql://user:pass-4711@host:nowhere/database",
        "postgresql://user:pass-4711/x@host:12x/database",
        "postgresql://host:99999999/database",
        "postgresql://user:a@pass-4711@host/database",
        "postgresql://user@host/database?password_is=pass-4711",
        "s3://user:pass-4711@bucket/prefix",
        "s3://bucket/prefix?secret=pass-4711",
        "https://settings.example:pass-4711/tenants",
    ],
)
def test_an_address_that_is_none_is_refused_without_being_shown(address: str) -> None:
    with pytest.raises(ConfigurationError, match="give a folder, s3://bucket/prefix") as caught:
        open_config(read_environment({"ESL_TENANTS": address, "ESL_TENANTS_TOKEN": TOKEN}))
    assert "pass-4711" not in str(caught.value)
    assert caught.value.__context__ is None


@pytest.mark.parametrize(
    ("address", "token", "fix"),
    [
        ("https://settings.example/tenants", "", "ESL_TENANTS_TOKEN"),
        ("http://settings.example/tenants", TOKEN, "Use https://"),
        ("https://user:pass-4711@settings.example/tenants", TOKEN, "ESL_TENANTS_TOKEN"),
        ("https://settings.example/tenants?key=pass-4711", TOKEN, "ESL_TENANTS_TOKEN"),
    ],
)
def test_an_address_that_would_show_a_secret_is_refused(address: str, token: str, fix: str) -> None:
    with pytest.raises(ConfigurationError, match=fix) as caught:
        open_config(read_environment({"ESL_TENANTS": address, "ESL_TENANTS_TOKEN": token}))
    assert "pass-4711" not in str(caught.value)


def test_neither_address_nor_token_is_in_what_is_printed_of_the_environment() -> None:
    found = read_environment({"ESL_TENANTS": "postgresql://esl:pass-4711@host/database", "ESL_TENANTS_TOKEN": TOKEN})
    assert found.tenants_address.startswith("postgresql://")
    assert "pass-4711" not in repr(found)
    assert TOKEN not in repr(found)
