from __future__ import annotations

import uuid
from pathlib import Path

import dagster as dg
import pytest
import sqlalchemy as sa

from esl_pipeline.commands.instance import dagster_home, instance_config, open_instance, run_publish_job
from esl_pipeline.stages.environment import ConfigurationError
from esl_pipeline_tests.sandboxed import Sandboxed

VARIABLE = "ESL_DAGSTER_POSTGRES_URL"


def older_config() -> str:
    """The configuration as it was before the storage could be chosen."""
    head, _, rest = instance_config().partition("storage:\n")
    return head + rest[rest.index("run_coordinator:") :]


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (VARIABLE, "DAGSTER_HOME"):
        monkeypatch.delenv(name, raising=False)


def add_run(instance: dg.DagsterInstance) -> str:
    run = dg.DagsterRun("publish_lesson", run_id=str(uuid.uuid4()))
    instance.run_storage.add_run(run)
    return run.run_id


def test_without_a_database_runs_are_files_of_the_instance_and_those_of_before_stay(tmp_path: Path) -> None:
    folder = tmp_path / "dagster"
    folder.mkdir()
    (folder / "dagster.yaml").write_text(older_config(), "utf-8")
    with open_instance(tmp_path) as instance:
        run_id = add_run(instance)
    files = {path.relative_to(folder) for path in folder.rglob("*.db")}
    (folder / "dagster.yaml").unlink()
    with open_instance(tmp_path) as instance:
        assert [run.run_id for run in instance.get_runs()] == [run_id]
    assert files == {path.relative_to(folder) for path in folder.rglob("*.db")}
    assert "ChosenStorage" in (folder / "dagster.yaml").read_text("utf-8")


def test_web_server_and_daemon_read_the_runs_of_the_shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_instance(tmp_path) as instance:
        run_id = add_run(instance)
    monkeypatch.setenv("DAGSTER_HOME", str(dagster_home(tmp_path)))
    with dg.DagsterInstance.get() as instance:
        assert instance.has_run(run_id)


@pytest.mark.slow
@pytest.mark.xdist_group("postgres")
def test_with_a_database_runs_and_events_of_the_job_are_rows(
    sandbox: Sandboxed,
    postgres: sa.Engine,
    four_turns: str,
    assignment: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    url = postgres.url.set(password="open-sesame").render_as_string(hide_password=False)
    for name, value in {
        VARIABLE: url,
        "ESL_HOME": str(sandbox.home),
        "ESL_SANDBOX_PORT": str(sandbox.at.base_port),
    }.items():
        monkeypatch.setenv(name, value)
    lesson = sandbox.write(four_turns, assignment)
    done = run_publish_job(tmp_path, f"school/{assignment}", asking={"manifest_path": str(lesson)}, sandbox=True)
    assert done.error == ""
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "dagster"))
    with dg.DagsterInstance.get() as instance:
        (run,) = instance.get_runs()
        assert run.run_id == done.run_id
        assert run.status == dg.DagsterRunStatus.SUCCESS
        made = instance.fetch_materializations(dg.AssetKey("notion_audio"), limit=5).records
        assert [record.run_id for record in made] == [done.run_id]
        assert instance.get_dynamic_partitions("assignments")
        assert "open-sesame" not in instance.info_str()
    assert not list((tmp_path / "dagster").rglob("*.db"))
    with postgres.connect() as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM public.runs")).scalar_one() == 1
        assert connection.execute(sa.text("SELECT count(*) FROM public.event_logs")).scalar_one() > 20


@pytest.mark.parametrize(
    "url", ["open-sesame", "mysql://ann:open-sesame@host/dagster", "postgresql://host-open-sesame"]
)
def test_an_address_that_is_none_is_refused_and_not_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv(VARIABLE, url)
    with pytest.raises(ConfigurationError, match="postgresql://user@host/database") as caught:
        open_instance(tmp_path)
    assert "open-sesame" not in str(caught.value)


def test_a_configuration_that_knows_no_database_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "postgresql://ann@127.0.0.1/dagster")
    folder = dagster_home(tmp_path)
    (folder / "dagster.yaml").write_text(older_config(), "utf-8")
    with pytest.raises(
        ConfigurationError, match=r"dagster\.yaml is of an older version\. Copy the lines of `storage:`"
    ):
        dagster_home(tmp_path)
    operators = "storage:\n  postgres:\n    postgres_url: postgresql://ann@127.0.0.1/other\n"
    (folder / "dagster.yaml").write_text(operators, "utf-8")
    assert dagster_home(tmp_path) == folder
