from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from esl_pipeline.definitions import defs
from esl_pipeline.defs.sensors import manifest_sensor
from esl_pipeline.stages.create_pipeline import create_pipeline
from esl_pipeline.stages.tenants import resume, suspend
from esl_pipeline_tests.stages.inboxes import put


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as made:
        yield made


@pytest.fixture
def inbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ESL_INBOX", str(tmp_path / "inbox"))
    monkeypatch.setenv("ESL_HOME", str(tmp_path / "home"))
    return tmp_path / "inbox"


def look(instance: dg.DagsterInstance, cursor: str | None = None) -> tuple[list[dg.RunRequest], str | None, str]:
    """Evaluates the sensor; returns its runs, its cursor, and why it starts none."""
    context = dg.build_sensor_context(instance=instance, cursor=cursor, repository_def=defs.get_repository_def())
    found = manifest_sensor(context)
    if isinstance(found, dg.SkipReason):
        return [], context.cursor, str(found.skip_message)
    assert isinstance(found, dg.SensorResult)
    keys = [key for request in found.dynamic_partitions_requests or () for key in request.partition_keys]
    assert keys == [request.partition_key for request in found.run_requests or ()]
    return list(found.run_requests or ()), found.cursor, ""


def test_the_sensor_adds_the_partition_and_requests_a_tagged_run(instance: dg.DagsterInstance, inbox: Path) -> None:
    put(inbox / "school" / "a.md", "one")
    (request,), _, _ = look(instance)
    assert request.partition_key == "school/a"
    assert request.tags["esl/tenant"] == "school"
    assert (request.run_key or "").startswith("school/a:")


def test_a_tick_with_nothing_to_do_says_where_it_looked(instance: dg.DagsterInstance, inbox: Path) -> None:
    put(inbox / "school" / "Not A Slug.md")
    _, cursor, why = look(instance)
    assert why.startswith(f"Nothing to publish in {inbox}. school/Not A Slug.md asks for nothing:")
    assert cursor


def test_hundreds_of_remarks_are_told_in_a_few_words(instance: dg.DagsterInstance, inbox: Path) -> None:
    for number in range(50):
        put(inbox / "school" / f"Not A Slug {number}.md")
    assert look(instance)[2].endswith("And 31 more.")


def test_a_file_whose_name_is_no_text_is_told_as_text(instance: dg.DagsterInstance, inbox: Path) -> None:
    put(inbox / "school" / os.fsdecode(b"caf\xe9.md"))
    why = look(instance)[2]
    assert r"school/caf\udce9.md asks for nothing" in why


@pytest.mark.parametrize("is_submitted", [True, False])
def test_the_runs_of_a_tick_that_died_are_looked_for_in_dagster(
    instance: dg.DagsterInstance, inbox: Path, is_submitted: bool
) -> None:
    put(inbox / "school" / "a.md", "one")
    (request,), _, _ = look(instance)
    if is_submitted:
        tags = {**request.tags, "dagster/run_key": request.run_key or "", "dagster/sensor_name": "manifest_sensor"}
        instance.add_run(dg.DagsterRun(job_name="publish_lesson", tags=tags))
    again = [found.run_key for found in look(instance)[0]]
    assert again == ([] if is_submitted else [request.run_key])


def test_what_a_suspended_tenant_asks_for_is_due_when_it_may_publish_again(
    instance: dg.DagsterInstance, inbox: Path
) -> None:
    put(inbox / "school" / "a.md", "one")
    providers = create_pipeline().providers
    suspend(providers, "school", "operator:ann", "why")
    _, cursor, why = look(instance)
    assert "school may not publish now" in why
    put(inbox / "other" / "a.md", "two")
    found, cursor, _ = look(instance, cursor)
    assert [request.partition_key for request in found] == ["other/a"]
    resume(providers, "school", "operator:ann")
    assert [request.partition_key for request in look(instance, cursor)[0]] == ["school/a"]
