from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from esl_pipeline.definitions import defs
from esl_pipeline.defs.partitions import add_assignments
from esl_pipeline_tests.sandboxed import Sandboxed


@pytest.fixture
def instance(sandbox: Sandboxed, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    """An instance on disk whose log takes everything."""
    monkeypatch.setenv("ESL_HOME", str(sandbox.home))
    monkeypatch.setenv("ESL_SANDBOX_PORT", str(sandbox.at.base_port))
    with dg.instance_for_test(temp_dir=str(tmp_path), overrides={"python_logs": {"python_log_level": "DEBUG"}}) as made:
        yield made


def published(instance: dg.DagsterInstance, key: str, path: Path) -> dg.ExecuteInProcessResult:
    add_assignments(instance, [key])
    config = {"resources": {"asking": {"config": {"retries": 0, "manifest_path": str(path)}}}}
    return defs.resolve_job_def("publish_lesson").execute_in_process(
        instance=instance, partition_key=key, run_config=config, raise_on_error=False
    )


def lines(instance: dg.DagsterInstance, run_id: str) -> list[tuple[str, int, str]]:
    """What an operator reads in the run's log besides Dagster's own events: step, level, line."""
    logs = (record.event_log_entry for record in instance.get_records_for_run(run_id).records)
    return [(log.step_key or "", int(log.level), log.user_message) for log in logs if log.dagster_event is None]


def of_event(found: list[tuple[str, int, str]], event: str) -> list[tuple[str, str]]:
    return [(step, line) for step, _, line in found if line.startswith(f"{event} ")]


def test_retries_writes_and_purchases_stand_in_the_runs_log_with_their_ids(
    instance: dg.DagsterInstance, sandbox: Sandboxed, four_turns: str, assignment: str
) -> None:
    lesson = four_turns.replace("I have packed", f"{assignment[:4]}, I have packed")
    rule = {"vendor": "notion", "path": "^/v1/pages$", "method": "POST", "kind": "429", "retry_after": 0}
    with sandbox.faults(rule):
        done = published(instance, f"{assignment}/week-1", sandbox.write(lesson, assignment))
    assert done.success
    found = lines(instance, done.run_id)
    ids = f"tenant={assignment} assignment=week-1 stage="
    for event, step, vendor in (
        ("notion asked again", "notion_page", "code=rate_limited status=429"),
        ("notion wrote", "notion_page", "method=POST path=/v1/pages status=200"),
        ("speech bought", "audio_segments", "vendor=elevenlabs"),
        ("elevenlabs wrote", "audio_segments", "method=POST"),
        ("s3 wrote", "audio_upload", "method=PUT"),
        ("stage succeeded", "merged_mp3", "audio/duration_s="),
    ):
        told = [line for where, line in of_event(found, event) if where == step]
        assert told, f"no line of {event!r} in {step}"
        assert all(f"{ids}{step}" in line or f"tenant={assignment}" in line for line in told), told
        assert any(vendor in line for line in told), told
    for event in ("notion asked again", "speech bought", "elevenlabs wrote", "s3 wrote"):
        assert all("request_id=" in line for _, line in of_event(found, event)), of_event(found, event)
    assert len(of_event(found, "speech bought")) == 4
    assert done.run_id not in "".join(line for _, _, line in found)


def test_only_purchases_retries_and_stages_are_told_at_the_level_that_is_usual(
    sandbox: Sandboxed, four_turns: str, assignment: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ESL_HOME", str(sandbox.home))
    monkeypatch.setenv("ESL_SANDBOX_PORT", str(sandbox.at.base_port))
    overrides = {"python_logs": {"python_log_level": "INFO"}}
    with dg.instance_for_test(temp_dir=str(tmp_path), overrides=overrides) as instance:
        done = published(instance, f"school/{assignment}", sandbox.write(four_turns, assignment))
        found = lines(instance, done.run_id)
    assert of_event(found, "stage succeeded")
    assert not [line for _, _, line in found if " wrote " in line]


def test_lines_for_a_collector_have_the_runs_id_too(
    instance: dg.DagsterInstance,
    sandbox: Sandboxed,
    four_turns: str,
    assignment: str,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("ESL_LOG", "json")
    done = published(instance, f"school/{assignment}", sandbox.write(four_turns, assignment))
    told = [json.loads(line) for line in capfd.readouterr().err.splitlines() if line.startswith("{")]
    wrote = [line for line in told if line["event"] == "notion wrote"]
    assert wrote
    for line in told:
        assert (line["run_id"], line["assignment"]) == (done.run_id, assignment)
    assert {line["stage"] for line in wrote} == {"notion_page", "notion_audio"}


def test_lines_of_a_run_without_an_assignment_have_its_id_as_well(
    instance: dg.DagsterInstance,
    sandbox: Sandboxed,
    assignment: str,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("ESL_LOG", "json")
    instance.add_dynamic_partitions("tenants", [assignment])
    with sandbox.faults({"vendor": "elevenlabs", "path": "voices", "kind": "429", "retry_after": 0}):
        done = defs.resolve_job_def("sync_voices").execute_in_process(instance=instance, partition_key=assignment)
    written = [json.loads(line) for line in capfd.readouterr().err.splitlines() if line.startswith("{")]
    (told,) = [line for line in written if line["event"] == "elevenlabs asked again"]
    assert (told["run_id"], told["tenant"]) == (done.run_id, assignment)
    assert [step for step, _, line in lines(instance, done.run_id) if "asked again" in line] == ["voice_catalogue"]
