from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest
import sqlalchemy as sa
from dagster._core.instance.ref import InstanceRef
from dagster._core.storage.runs.schema import RunsTable

from esl_pipeline.defs.partitions import ASSIGNMENTS, add_assignments
from esl_pipeline_tests.defs.upkeep.running import run, scheduled, told

OP = "delete_old_runs"


@dg.asset(name="notion_audio", partitions_def=ASSIGNMENTS)
def published() -> None:
    """Stands for an asset of ours."""


@dg.asset
def unpartitioned() -> None:
    """Stands for any other."""


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    """An instance on SQLite, as on one machine."""
    with dg.DagsterInstance.local_temp(str(tmp_path)) as instance:
        yield instance


def make(instance: dg.DagsterInstance, days: float, key: str | None = None, *, fails: bool = False) -> str:
    """Leaves a run that was asked for so many days ago; returns its id."""
    asset = published if key else unpartitioned
    if fails:

        @dg.asset(name=asset.key.to_user_string(), partitions_def=asset.partitions_def)
        def broken() -> None:
            raise ValueError

        asset = broken
    if key:
        add_assignments(instance, [key])
    done = dg.materialize([asset], instance=instance, partition_key=key, raise_on_error=False)
    at = datetime.now(UTC).replace(tzinfo=None) - timedelta(days=days)
    with instance.run_storage.connect() as connection:  # type: ignore[attr-defined]
        ours = RunsTable.c.run_id == done.run_id
        connection.execute(RunsTable.update().where(ours).values(create_timestamp=at))
    return done.run_id


def runs(instance: dg.DagsterInstance) -> set[str]:
    return {found.run_id for found in instance.get_runs()}


def prune(instance: dg.DagsterInstance, **config: object) -> dict[str, object]:
    """Runs the job on the instance, and forgets the run that this makes."""
    done = run("prune_runs", OP, instance, **config)
    assert done.success
    instance.delete_run(done.run_id)
    return told(done)


@pytest.mark.slow
def test_old_runs_go_but_for_those_that_made_what_an_asset_has_now(instance: dg.DagsterInstance) -> None:
    replaced, latest = make(instance, 90, "school/a"), make(instance, 60, "school/a")
    failed, archived = make(instance, 50, "school/b", fails=True), make(instance, 50, "school/c")
    other_replaced, other = make(instance, 45), make(instance, 40)
    young = make(instance, 10, "school/d")
    instance.delete_dynamic_partition("assignments", "school/c")
    everything = {replaced, latest, failed, archived, other_replaced, other, young}

    by_hand = prune(instance)
    assert (by_hand["runs/dry_run"], by_hand["runs/deleted"], by_hand["runs/kept"]) == (True, 4, 2)
    assert runs(instance) == everything
    assert prune(instance, dry_run=False)["runs/looked"] == 6
    assert runs(instance) == {latest, other, young}
    events = instance.fetch_materializations(dg.AssetKey("notion_audio"), limit=10).records
    assert {record.partition_key for record in events} == {"school/a", "school/d"}


@pytest.mark.slow
@pytest.mark.xdist_group("postgres")
def test_postgres_keeps_and_forgets_the_same(postgres: sa.Engine, tmp_path: Path) -> None:
    storage = {"postgres": {"postgres_url": postgres.url.render_as_string(hide_password=False)}}
    with dg.DagsterInstance.from_ref(InstanceRef.from_dir(str(tmp_path), overrides={"storage": storage})) as instance:
        assert type(instance.event_log_storage).__name__ == "PostgresEventLogStorage"
        replaced, latest = make(instance, 90, "school/a"), make(instance, 60, "school/a")
        failed = make(instance, 50, "school/b", fails=True)
        assert prune(instance, dry_run=False, most_runs=2)["runs/deleted"] == 1
        assert runs(instance) == {latest, failed}
        assert prune(instance, dry_run=False)["runs/deleted"] == 1
        assert runs(instance) == {latest}
        assert replaced not in runs(instance)


@pytest.mark.slow
def test_with_the_run_go_its_events_what_it_printed_and_its_file(instance: dg.DagsterInstance, tmp_path: Path) -> None:
    gone, kept = make(instance, 90, "school/a"), make(instance, 60, "school/a")
    for run_id in (gone, kept):
        (tmp_path / "storage" / run_id / "compute_logs").mkdir(parents=True, exist_ok=True)
        (tmp_path / "storage" / run_id / "compute_logs" / "step.err").write_text("said")
    prune(instance, dry_run=False)
    found = [path for path in tmp_path.rglob("*") if path.name.startswith(gone)]
    assert found == []
    assert instance.get_run_by_id(gone) is None
    assert (tmp_path / "storage" / kept / "compute_logs" / "step.err").exists()
    assert instance.all_logs(kept)


@pytest.mark.slow
def test_one_go_is_bounded_and_the_next_one_goes_on_behind_what_stays(instance: dg.DagsterInstance) -> None:
    stays = [make(instance, 90 - number, f"school/a{number}") for number in range(3)]
    goes = [make(instance, 70 - number, "school/b", fails=True) for number in range(2)]
    deleted = [prune(instance, dry_run=False, most_runs=2)["runs/deleted"] for _ in range(3)]
    assert deleted == [0, 1, 1]
    assert runs(instance) == {*stays}
    assert goes
    assert prune(instance, dry_run=False, most_runs=3)["runs/kept"] == 3


def test_the_schedule_deletes_at_once() -> None:
    assert scheduled("prune_runs_daily") == {"ops": {OP: {"config": {"dry_run": False}}}}
