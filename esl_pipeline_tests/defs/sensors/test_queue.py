from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import boto3
import dagster as dg
import pytest

from esl_pipeline.definitions import defs
from esl_pipeline.defs.partitions import add_assignments
from esl_pipeline.defs.sensors import queue_sensor
from esl_pipeline_tests.sandboxed import Sandboxed


def look(instance: dg.DagsterInstance, cursor: str | None = None) -> dg.SensorResult | dg.SkipReason:
    context = dg.build_sensor_context(instance=instance, cursor=cursor, repository_def=defs.get_repository_def())
    found = queue_sensor(context)
    assert isinstance(found, dg.SensorResult | dg.SkipReason)
    return found


@pytest.fixture
def queue(aws: str, assignment: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Any, str]:
    assert aws
    sqs: Any = boto3.client("sqs")
    url: str = sqs.create_queue(QueueName=assignment)["QueueUrl"]
    monkeypatch.setenv("ESL_QUEUE", url)
    monkeypatch.setenv("ESL_HOME", str(tmp_path))
    return sqs, url


def test_without_a_queue_the_sensor_says_so_and_is_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ESL_QUEUE", raising=False)
    with dg.DagsterInstance.ephemeral() as instance:
        found = look(instance)
    assert isinstance(found, dg.SkipReason)
    assert "ESL_QUEUE is not set" in str(found.skip_message)
    assert queue_sensor.default_status == dg.DefaultSensorStatus.STOPPED


def test_messages_become_runs_with_partitions_and_tags(queue: tuple[Any, str]) -> None:
    sqs, url = queue
    for name in ("a", "b"):
        body = {"schema_version": 1, "tenant": "school", "assignment": name, "lesson": "x", "requested_by": "lms:7"}
        sqs.send_message(QueueUrl=url, MessageBody=json.dumps(body))
    sqs.send_message(QueueUrl=url, MessageBody="Hello!")
    with dg.DagsterInstance.ephemeral() as instance:
        found = look(instance)
        assert isinstance(found, dg.SensorResult)
        requests = list(found.run_requests or ())
        assert {request.partition_key for request in requests} == {"school/a", "school/b"}
        assert requests[0].tags["esl/tenant"] == "school"
        assert requests[0].tags["esl/requested_by"] == "lms:7"
        (added,) = found.dynamic_partitions_requests or ()
        assert list(added.partition_keys) == ["school/a", "school/b"]
        after = look(instance, found.cursor)
        assert isinstance(after, dg.SkipReason)


@pytest.mark.slow
def test_a_lesson_from_the_queue_is_published_as_it_was_sent(
    queue: tuple[Any, str], sandbox: Sandboxed, four_turns: str, assignment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sqs, url = queue
    body = {"schema_version": 1, "tenant": "school", "assignment": assignment, "lesson": four_turns}
    sqs.send_message(QueueUrl=url, MessageBody=json.dumps(body | {"settings": {"audio.pause_ms": 900}}))
    monkeypatch.setenv("ESL_HOME", str(sandbox.home))
    monkeypatch.setenv("ESL_SANDBOX_PORT", str(sandbox.at.base_port))
    with dg.DagsterInstance.ephemeral() as instance:
        found = look(instance)
        assert isinstance(found, dg.SensorResult)
        (request,) = found.run_requests or ()
        add_assignments(instance, [f"school/{assignment}"])
        done = defs.resolve_job_def("publish_lesson").execute_in_process(
            run_config=request.run_config, partition_key=request.partition_key, tags=request.tags, instance=instance
        )
    assert done.success
    assert done.dagster_run.tags["esl/assignment"] == assignment
    (made,) = [e for e in done.get_asset_materialization_events() if e.asset_key == dg.AssetKey("validated_manifest")]
    (table,) = [value for name, value in made.materialization.metadata.items() if name == "manifest/settings"]
    assert "run config" in str(table.value)


def test_a_stored_copy_that_is_gone_is_told(
    sandbox: Sandboxed, assignment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ESL_HOME", str(sandbox.home))
    monkeypatch.setenv("ESL_SANDBOX_PORT", str(sandbox.at.base_port))
    with dg.DagsterInstance.ephemeral() as instance:
        add_assignments(instance, [f"school/{assignment}"])
        done = defs.resolve_job_def("publish_lesson").execute_in_process(
            run_config={"resources": {"asking": {"config": {"manifest_sha256": "0" * 64}}}},
            partition_key=f"school/{assignment}",
            instance=instance,
            raise_on_error=False,
        )
        (failed,) = [event for event in done.all_events if event.is_step_failure and "validated" in str(event.step_key)]
    assert "There is no stored copy" in str(failed.step_failure_data)
