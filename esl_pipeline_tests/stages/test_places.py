"""Addresses of places that are none: every command says so, with an example and without a password."""

from __future__ import annotations

import traceback
from pathlib import Path

import dagster as dg
import pytest
from cryptography.fernet import Fernet

from esl_pipeline.cli import main
from esl_pipeline.definitions import defs
from esl_pipeline.stages.create_pipeline import create_pipeline
from esl_pipeline.stages.environment import ConfigurationError, read_environment
from esl_pipeline.stages.secret_places import open_secret_rows

RESOURCES = dict(defs.resources or {})
PLACES = {
    "ESL_STATE": "give s3://bucket/prefix without . or .. in it, or postgresql://user@host/database",
    "ESL_ARTIFACTS": "give s3://bucket/prefix without . or .. in it",
    "ESL_TENANTS": "give a folder, s3://bucket/prefix without . or .. in it",
    "ESL_SECRETS": "give env, files:/run/secrets",
}
WRONG = [
    "postgresql://esl:hush-4711@host:port/database",
    "postgresql://esl:x@hush-4711@host/database",
    "postgresql://host:99999999/hush-4711",
    "s3://esl:hush-4711@bucket/prefix",
    "mysql://esl:hush-4711@host/database",
    "https://[hush-4711",
    "s3://bucket/hush-4711/../other",
]


@pytest.fixture
def live(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An installation whose places are asked for nothing before they are needed."""
    monkeypatch.chdir(tmp_path)
    for name, value in {"ESL_HOME": str(tmp_path), "ESL_LIVE": "1", "ESL_TENANTS_TOKEN": "token"}.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


@pytest.mark.parametrize("address", WRONG)
@pytest.mark.parametrize("place", PLACES)
def test_an_address_that_is_none_is_told_by_its_name_with_an_example_and_without_itself(
    place: str, address: str, live: pytest.MonkeyPatch
) -> None:
    live.setenv(place, address)
    with pytest.raises(ConfigurationError) as caught:
        create_pipeline()
    assert place in str(caught.value)
    assert PLACES[place] in str(caught.value)
    assert "hush-4711" not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize("place", PLACES)
def test_the_commands_and_dagsters_resource_say_it_too(
    place: str, live: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    live.setenv(place, WRONG[0])
    (tmp_path / "lesson.md").write_text("# A lesson\n")
    publish = ["publish", str(tmp_path / "lesson.md"), "--tenant", "school", "--assignment", "lesson"]
    for arguments in (["settings", "check"], publish):
        live.setattr("sys.argv", ["esl", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        assert ended.value.code == 1
        said = capsys.readouterr().err
        assert said.startswith(f"esl: {place}")
        assert len(said.splitlines()) == 1
        assert "hush-4711" not in said
    with dg.build_resources(RESOURCES) as resources, pytest.raises(dg.Failure) as caught:
        resources.pipeline.pipeline.vendors  # noqa: B018 what a step would ask it for
    told = "".join(traceback.format_exception(caught.value))
    assert PLACES[place] in told
    assert "hush-4711" not in told


@pytest.mark.parametrize(
    "address", ["postgresql+psycopg2://esl@host/database", "postgresql://esl@host/database?sslmode=require"]
)
def test_the_secrets_are_in_the_database_of_the_state_however_its_address_is_written(
    address: str, live: pytest.MonkeyPatch
) -> None:
    live.setenv("ESL_SECRETS", "postgres")
    live.setenv("ESL_SECRETS_KEYS", Fernet.generate_key().decode())
    live.setenv("ESL_STATE", address)
    assert open_secret_rows(read_environment()).place(None, "NAME") == "NAME by `esl secrets set - NAME`"
