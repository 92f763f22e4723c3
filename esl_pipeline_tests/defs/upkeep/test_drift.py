from __future__ import annotations

from collections.abc import Iterator

import dagster as dg
import pytest
from dagster._core.event_api import PartitionKeyFilter
from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionRecord

from esl_pipeline.definitions import defs
from esl_pipeline.defs.partitions import add_assignments
from esl_pipeline.defs.upkeep.drift import summary_of
from esl_pipeline.stages.drift_finding import Difference
from esl_pipeline_tests.defs.upkeep.running import failure, run, scheduled, told
from esl_pipeline_tests.sandboxed import Sandboxed, flat, succeeded, writes
from esl_pipeline_tests.stages.speech_stage import brief

OP = "compare_with_publications"
CHECK = dg.AssetCheckKey(dg.AssetKey("notion_audio"), "stands_as_published")


@pytest.fixture
def instance(sandbox: Sandboxed, monkeypatch: pytest.MonkeyPatch) -> Iterator[dg.DagsterInstance]:
    """An instance over the test's sandbox."""
    monkeypatch.setenv("ESL_HOME", str(sandbox.home))
    monkeypatch.setenv("ESL_SANDBOX_PORT", str(sandbox.at.base_port))
    with dg.DagsterInstance.ephemeral() as instance:
        yield instance


def latest(instance: dg.DagsterInstance, key: str) -> AssetCheckExecutionRecord:
    """The newest outcome of the check for one assignment."""
    (record,) = instance.event_log_storage.get_asset_check_execution_history(
        CHECK, limit=1, partition_filter=PartitionKeyFilter(key=key)
    )
    return record


def evaluation(instance: dg.DagsterInstance, key: str) -> dg.AssetCheckEvaluation:
    event = latest(instance, key).event
    assert event is not None
    assert event.dagster_event is not None
    return event.dagster_event.asset_check_evaluation_data


@pytest.mark.slow
def test_each_assignments_check_tells_what_people_changed_and_the_run_has_a_table(
    instance: dg.DagsterInstance, sandbox: Sandboxed, four_turns: str, assignment: str
) -> None:
    names, lesson = ("kept", "edited"), brief(four_turns, assignment)
    records = {name: succeeded(sandbox.publish(lesson, name, tenant=assignment)) for name in names}
    add_assignments(instance, [f"{assignment}/{name}" for name in (*names, "not-published")])
    blocks = list(flat(sandbox.tree(records["edited"].page.id or "")))
    (audio,) = [block for block in blocks if block.type == "audio"]
    paragraph = next(block for block in blocks if block.type == "paragraph")
    sandbox.edit(delete=audio.id)
    sandbox.edit(block_id=paragraph.id, body={"paragraph": {"rich_text": [{"text": {"content": "My answer"}}]}})
    with sandbox.watched() as seen:
        done = run("drift_check", OP, instance, tenant=assignment)
    assert done.success
    assert writes(seen) == []
    figures = told(done)
    counted = [figures[f"drift/{name}"] for name in ("looked", "incomplete", "left", "differences")]
    assert counted == [2, 1, 0, 2]
    assert {row["assignment"] for row in figures["drift/table"]} == {f"{assignment}/edited"}
    assert sorted(row["stays as it is"] for row in figures["drift/table"]) == ["", "yes"]

    kept, edited = (evaluation(instance, f"{assignment}/{name}") for name in names)
    assert (kept.passed, kept.description) == (True, "All stands as it was published.")
    assert (edited.passed, edited.severity) == (False, dg.AssetCheckSeverity.WARN)
    assert edited.description is not None
    assert edited.description.startswith(
        "2 differences, 1 of which are people's and stay. The audio player was deleted"
    )
    assert latest(instance, f"{assignment}/edited").run_id == done.run_id


def test_an_operator_may_have_one_assignment_looked_at(
    instance: dg.DagsterInstance, sandbox: Sandboxed, four_turns: str, assignment: str
) -> None:
    key = f"{assignment}/lesson"
    succeeded(sandbox.publish(brief(four_turns, assignment), "lesson", tenant=assignment))
    add_assignments(instance, [key, f"{assignment}/not-published"])
    assert told(run("drift_check", OP, instance, assignments=[key]))["drift/looked"] == 1
    assert evaluation(instance, key).passed
    with_the_asset = defs.resolve_implicit_global_asset_job_def().execute_in_process(
        instance=instance, partition_key=key, asset_selection=[CHECK.asset_key]
    )
    found = {one.check_name: one.passed for one in with_the_asset.get_asset_check_evaluations()}
    assert found == {"audio_is_attached": True, "stands_as_published": True}


def test_what_could_not_be_looked_at_fails_the_run_and_says_why(
    instance: dg.DagsterInstance, sandbox: Sandboxed, four_turns: str, assignment: str
) -> None:
    succeeded(sandbox.publish(brief(four_turns, assignment), "lesson", tenant=assignment))
    add_assignments(instance, [f"{assignment}/lesson"])
    with sandbox.faults({"vendor": "notion", "every": 1, "kind": "401"}):
        done = run("drift_check", OP, instance)
    assert f"{assignment}/lesson: " in failure(done)
    assert told(done)["drift/looked"] == 0
    assert run("drift_check", OP, instance, most_assignments=1).success


def test_the_summary_names_first_what_somebody_must_mend() -> None:
    edited = Difference("block", "A was edited.", "It stays.", stays=True)
    lost = Difference("player", "The player was deleted.", "Run reattach.")
    assert summary_of([edited]) == "1 difference, 1 of which are people's and stay. A was edited. It stays."
    assert summary_of([edited, lost]).endswith("people's and stay. The player was deleted. Run reattach.")


def test_the_schedule_goes_round_all() -> None:
    assert scheduled("drift_check_nightly") == {}
