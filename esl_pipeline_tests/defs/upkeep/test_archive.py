from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import dagster as dg
import pytest

from esl_pipeline.definitions import defs
from esl_pipeline.defs.partitions import add_assignments
from esl_pipeline.stages.archive_assignments import touched
from esl_pipeline.stages.stage import Stage
from esl_pipeline.stages.tenants import suspend
from esl_pipeline.stores.publication import Publication, StageRecord, UploadPublication
from esl_pipeline_tests.defs.upkeep.running import failure, run, scheduled, told
from esl_pipeline_tests.sandboxed import Sandboxed, writes
from esl_pipeline_tests.stages.speech_stage import brief

OP = "remove_partitions"
DAYS = 200


@pytest.fixture
def instance(sandbox: Sandboxed, monkeypatch: pytest.MonkeyPatch) -> Iterator[dg.DagsterInstance]:
    """An instance without assignments, over the test's sandbox."""
    monkeypatch.setenv("ESL_HOME", str(sandbox.home))
    monkeypatch.setenv("ESL_SANDBOX_PORT", str(sandbox.at.base_port))
    with dg.DagsterInstance.ephemeral() as instance:
        yield instance


def publication(sandbox: Sandboxed, tenant: str, assignment: str, days: float, *, failed: str = "") -> None:
    """Leaves a publication that was last worked on so many days ago."""
    at = datetime.now(UTC) - timedelta(days=days)

    def change(made: Publication) -> None:
        for stage in Stage:
            status: Any = "failed" if stage.value == failed else "succeeded"
            made.stages[stage.value] = StageRecord(status=status, job_id="", run_id="", started_at=at, elapsed_s=1)

    sandbox.pipeline().providers.publications.update(tenant, assignment, change)


def keys(instance: dg.DagsterInstance, tenant: str) -> list[str]:
    found = (key.partition("/") for key in instance.get_dynamic_partitions("assignments"))
    return sorted(assignment for owner, _, assignment in found if owner == tenant)


def entries(sandbox: Sandboxed, tenant: str) -> list[tuple[str, str, str]]:
    found = sandbox.pipeline().providers.audit.entries(tenant)
    return [(entry.actor, entry.action, entry.assignment) for entry in found]


def test_what_is_published_and_long_untouched_is_archived_and_told_by_whom(
    instance: dg.DagsterInstance, sandbox: Sandboxed, assignment: str
) -> None:
    tenant = assignment
    publication(sandbox, tenant, "old", DAYS)
    publication(sandbox, tenant, "young", 100)
    publication(sandbox, tenant, "broken", DAYS, failed="notion_page")
    publication(sandbox, tenant, "busy", DAYS)
    names = ["broken", "busy", "never-published", "old", "young"]
    add_assignments(instance, [f"{tenant}/{name}" for name in names])
    going = dg.DagsterRun(
        job_name="publish_lesson", status=dg.DagsterRunStatus.STARTED, tags={"dagster/partition": f"{tenant}/busy"}
    )
    instance.add_run(going)

    by_hand = told(run("archive_assignments", OP, instance, tenant=tenant))
    assert (by_hand["archive/dry_run"], by_hand["archive/count"], by_hand["archive/kept"]) == (True, 1, 2)
    assert [row["assignment"] for row in by_hand["archive/table"]] == [f"{tenant}/old"]
    assert keys(instance, tenant) == names
    assert entries(sandbox, tenant) == []

    for _ in range(2):
        assert run("archive_assignments", OP, instance, tenant=tenant, dry_run=False).success
        assert keys(instance, tenant) == ["broken", "busy", "never-published", "young"]
        assert entries(sandbox, tenant) == [("operator:ann", "assignment.archive", "old")]
    assert sandbox.pipeline().providers.publications.read(tenant, "old") is not None


def test_the_tenant_says_after_how_many_days(instance: dg.DagsterInstance, sandbox: Sandboxed, assignment: str) -> None:
    folder = sandbox.home / "tenants"
    folder.mkdir(exist_ok=True)
    document = folder / f"{assignment}.yaml"
    document.write_text("schema_version: 2\nsettings: {retention: {archive_days: 3}}\n", "utf-8")
    publication(sandbox, assignment, "lesson", 4)
    add_assignments(instance, [f"{assignment}/lesson"])
    assert run("archive_assignments", OP, instance, dry_run=False).success
    assert keys(instance, assignment) == []

    document.write_text("schema_version: 2\nsettings: {retention: {archive_days: soon}}\n", "utf-8")
    other = f"{assignment}-b"
    publication(sandbox, other, "lesson", DAYS)
    add_assignments(instance, [f"{assignment}/lesson", f"{other}/lesson"])
    done = run("archive_assignments", OP, instance, dry_run=False)
    assert "archive_days" in failure(done)
    assert (keys(instance, assignment), keys(instance, other)) == (["lesson"], [])
    document.unlink()


def test_a_suspended_tenant_is_passed_over(instance: dg.DagsterInstance, sandbox: Sandboxed, assignment: str) -> None:
    publication(sandbox, assignment, "lesson", DAYS)
    add_assignments(instance, [f"{assignment}/lesson"])
    suspend(sandbox.pipeline().providers, assignment, "operator:ann", "has not paid")
    done = run("archive_assignments", OP, instance, dry_run=False)
    assert told(done)["archive/passed_over"] == assignment
    assert keys(instance, assignment) == ["lesson"]


def test_that_addresses_are_signed_anew_keeps_no_assignment_alive() -> None:
    now = datetime.now(UTC)
    record = StageRecord(status="succeeded", job_id="", run_id="", started_at=now - timedelta(days=9), elapsed_s=0)
    stages = {stage.value: record for stage in Stage}
    stages["notion_audio"] = record.model_copy(update={"started_at": now})
    upload = UploadPublication(audio_sha256="", bucket="b", key="k", url="u", captions_key="", captions_url="")
    made = Publication(tenant="t", assignment="a", stages=stages, upload=upload)
    assert touched(made) == now
    made.upload = upload.model_copy(update={"publishing": "presigned"})
    assert touched(made) == record.started_at


def test_asking_again_brings_it_back_and_finds_page_and_speech(
    instance: dg.DagsterInstance, sandbox: Sandboxed, four_turns: str, assignment: str
) -> None:
    key, file = f"{assignment}/lesson", sandbox.write(brief(four_turns, assignment), assignment)

    def publish() -> dg.ExecuteInProcessResult:
        add_assignments(instance, [key])
        return defs.resolve_job_def("publish_lesson").execute_in_process(
            instance=instance,
            partition_key=key,
            run_config={"resources": {"asking": {"config": {"manifest_path": str(file)}}}},
        )

    publish()

    def age(known: Publication) -> None:
        for record in known.stages.values():
            record.started_at -= timedelta(days=DAYS)

    sandbox.pipeline().providers.publications.update(assignment, "lesson", age)
    assert told(run("archive_assignments", OP, instance, tenant=assignment, dry_run=False))["archive/count"] == 1
    assert keys(instance, assignment) == []
    with sandbox.watched() as seen:
        assert publish().success
    assert keys(instance, assignment) == ["lesson"]
    assert writes(seen) == []


def test_the_schedule_archives_at_once() -> None:
    assert scheduled("archive_assignments_daily") == {"ops": {OP: {"config": {"dry_run": False}}}}
