from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import dagster as dg
import pytest

from esl_pipeline.definitions import defs
from esl_pipeline.stores.catalogues import Catalogue
from esl_pipeline_tests.sandboxed import Sandboxed


@pytest.fixture
def instance(sandbox: Sandboxed, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    """An instance whose only tenants are those of a folder of its own."""
    for name, value in {
        "ESL_HOME": str(sandbox.home),
        "ESL_SANDBOX_PORT": str(sandbox.at.base_port),
        "ESL_TENANTS": str(tmp_path),
    }.items():
        monkeypatch.setenv(name, value)
    with dg.DagsterInstance.ephemeral() as made:
        yield made


def checked(instance: dg.DagsterInstance) -> dg.AssetCheckEvaluation:
    done = defs.resolve_job_def("check_voices").execute_in_process(instance=instance)
    (check,) = done.get_asset_check_evaluations()
    return check


def sync(instance: dg.DagsterInstance, tenant: str) -> dg.ExecuteInProcessResult:
    instance.add_dynamic_partitions("tenants", [tenant])
    return defs.resolve_job_def("sync_voices").execute_in_process(instance=instance, partition_key=tenant)


def rows(check: dg.AssetCheckEvaluation) -> dict[str, str]:
    table = check.metadata["voices/ages"]
    assert isinstance(table, dg.TableMetadataValue)
    return {str(row.data["tenant"]): f"{row.data['read at']} {row.data['problem']}" for row in table.records}


def test_a_list_that_was_never_read_or_too_long_ago_is_told_with_what_to_do(
    instance: dg.DagsterInstance, assignment: str, tmp_path: Path
) -> None:
    (tmp_path / f"{assignment}.yaml").write_text("schema_version: 2\nsettings: {speech: {catalogue_max_age_h: 1}}\n")
    (tmp_path / f"{assignment}-b.yaml").write_text("schema_version: 2\n")
    (tmp_path / f"{assignment}-c.yaml").write_text("schema_version: 2\nsettings: {speech: {engine: nobody}}\n")
    sync(instance, assignment)
    check = checked(instance)
    assert (check.passed, check.severity, check.partition) == (False, dg.AssetCheckSeverity.WARN, None)
    told = rows(check)
    assert set(told) == {f"{assignment}-b", f"{assignment}-c"}
    assert told[f"{assignment}-b"].startswith("never")
    assert "nobody" in told[f"{assignment}-c"]
    assert "sync_voices" in str(check.metadata["check/fix"].value)
    assert "2 of 3 tenants" in (check.description or "")


def test_a_list_that_was_read_just_now_is_fresh_and_two_hours_later_is_not(
    instance: dg.DagsterInstance, sandbox: Sandboxed, assignment: str, tmp_path: Path
) -> None:
    (tmp_path / f"{assignment}.yaml").write_text("schema_version: 2\nsettings: {speech: {catalogue_max_age_h: 1}}\n")
    sync(instance, assignment)
    assert checked(instance).passed
    (path,) = (sandbox.environment.state / "catalogues" / assignment).glob("*.json")
    kept = Catalogue.model_validate_json(path.read_bytes())
    older = kept.model_copy(update={"synced_at": kept.synced_at - timedelta(hours=2)})
    path.write_text(older.model_dump_json())
    assert not checked(instance).passed


def test_the_job_of_one_tenant_looks_at_that_tenant_alone(instance: dg.DagsterInstance, assignment: str) -> None:
    done = sync(instance, assignment)
    assert [check.check_name for check in done.get_asset_check_evaluations()] == ["voices_stay"]
