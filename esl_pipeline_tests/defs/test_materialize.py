from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from esl_pipeline.definitions import defs
from esl_pipeline.defs.partitions import add_assignments
from esl_pipeline.stages.checks import CheckOutcome, page_matches_lesson
from esl_pipeline.stages.job import Job
from esl_pipeline.stages.pipeline import Pipeline
from esl_pipeline.stores.documents import StoreUnavailableError
from esl_pipeline_tests.sandboxed import Sandboxed, writes


@pytest.fixture
def instance(sandbox: Sandboxed, monkeypatch: pytest.MonkeyPatch) -> Iterator[dg.DagsterInstance]:
    """An ephemeral Dagster instance over the test's sandbox."""
    monkeypatch.setenv("ESL_HOME", str(sandbox.home))
    monkeypatch.setenv("ESL_SANDBOX_PORT", str(sandbox.at.base_port))
    with dg.DagsterInstance.ephemeral() as instance:
        yield instance


def run(instance: dg.DagsterInstance, key: str, **asking: Any) -> dg.ExecuteInProcessResult:
    """Runs ``publish_lesson`` for one partition."""
    add_assignments(instance, [key])
    return defs.resolve_job_def("publish_lesson").execute_in_process(
        instance=instance,
        partition_key=key,
        run_config={"resources": {"asking": {"config": {"retries": 0, **asking}}}},
        raise_on_error=False,
    )


def materialisation(done: dg.ExecuteInProcessResult, asset: str) -> dg.AssetMaterialization:
    """The one event in which a run made an asset."""
    (event,) = [e for e in done.get_asset_materialization_events() if e.asset_key == dg.AssetKey(asset)]
    return event.materialization


def metadata(done: dg.ExecuteInProcessResult, asset: str) -> dict[str, Any]:
    """What an operator sees of an asset's materialisation."""
    return {name: value.value for name, value in materialisation(done, asset).metadata.items()}


def rows(table: object) -> list[Mapping[str, Any]]:
    """The rows of a table among the metadata."""
    assert isinstance(table, dg.TableMetadataValue)
    return [record.data for record in table.records]


def checks(done: dg.ExecuteInProcessResult) -> dict[str, bool]:
    """Which checks ran, and whether they passed."""
    return {evaluation.check_name: evaluation.passed for evaluation in done.get_asset_check_evaluations()}


def test_the_job_materialises_six_assets_with_metadata_worth_looking_at(
    instance: dg.DagsterInstance, sandbox: Sandboxed, four_turns: str, assignment: str
) -> None:
    done = run(instance, f"school/{assignment}", manifest_path=str(sandbox.write(four_turns, assignment)))
    assert done.success
    assert "The Last Evening" in metadata(done, "validated_manifest")["lesson/preview"]
    page = metadata(done, "notion_page")
    assert page["notion/page_url"].startswith("http")
    assert page["notion/requests"] > 0
    turns = rows(materialisation(done, "audio_segments").metadata["audio/turns"])
    assert [turn["speaker"] for turn in turns] == ["Nora", "Felix", "Nora", "Felix"]
    assert metadata(done, "merged_mp3")["audio/duration_s"] > 10
    assert metadata(done, "audio_upload")["s3/audio_url"].endswith(".mp3")
    assert metadata(done, "notion_audio")["stage/status"] == "succeeded"
    assert checks(done) == {
        "lesson_is_valid": True,
        "page_matches_lesson": True,
        "audio_lasts_as_long_as_its_segments": True,
        "audio_is_attached": True,
    }


def test_a_second_run_skips_every_stage_and_says_why(
    instance: dg.DagsterInstance, sandbox: Sandboxed, four_turns: str, assignment: str
) -> None:
    path = str(sandbox.write(four_turns, assignment))
    run(instance, f"school/{assignment}", manifest_path=path)
    with sandbox.watched() as seen:
        done = run(instance, f"school/{assignment}", manifest_path=path)
    assert done.success
    assert writes(seen) == []
    for asset in ("validated_manifest", "notion_page", "audio_segments", "merged_mp3", "audio_upload", "notion_audio"):
        assert metadata(done, asset)["stage/status"] == "skipped"
        assert metadata(done, asset)["stage/reason"]


def test_a_broken_lesson_stops_at_its_check_with_a_table_of_problems(
    instance: dg.DagsterInstance, sandbox: Sandboxed, four_turns: str, assignment: str
) -> None:
    broken = four_turns.replace("## 4.", "## 44.")
    with sandbox.watched() as seen:
        done = run(instance, f"school/{assignment}", manifest_path=str(sandbox.write(broken, assignment)))
    assert not done.success
    assert seen == []
    assert done.get_asset_materialization_events() == []
    (evaluation,) = {e.check_name: e for e in done.get_asset_check_evaluations()}.values()
    assert (evaluation.check_name, evaluation.passed) == ("lesson_is_valid", False)
    (failure,) = [event.step_failure_data for event in done.all_events if event.is_step_failure]
    assert failure.user_failure_data is not None
    assert failure.user_failure_data.metadata["failure/kind"].value == "rejected"
    assert failure.user_failure_data.metadata["lesson/problems"] == evaluation.metadata["lesson/problems"]
    (problem,) = rows(evaluation.metadata["lesson/problems"])
    assert problem["line"] == broken.splitlines().index("## 44. Language Toolkit: Useful Language") + 1
    assert problem["how to mend it"]


def test_a_vendor_that_refuses_fails_the_step_with_what_to_do_and_a_rerun_goes_on(
    instance: dg.DagsterInstance, sandbox: Sandboxed, four_turns: str, assignment: str
) -> None:
    path = str(sandbox.write(four_turns.replace("I have packed", "Well then, I have packed"), assignment))
    quota = {"detail": {"status": "quota_exceeded", "message": "This request exceeds your quota."}}
    rule = {"vendor": "elevenlabs", "path": "text-to-speech", "every": 1, "status": 401, "body": quota}
    with sandbox.faults(rule):
        failed = run(instance, f"school/{assignment}", manifest_path=path)
    assert not failed.success
    (failure,) = [event.step_failure_data for event in failed.all_events if event.is_step_failure]
    assert failure.user_failure_data is not None
    told = {name: value.value for name, value in failure.user_failure_data.metadata.items()}
    assert told["failure/kind"] == "rejected"
    assert told["failure/code"] == "quota_exceeded"
    assert told["failure/fix"]
    assert run(instance, f"school/{assignment}", manifest_path=path).success


def test_a_check_whose_store_is_away_for_a_moment_looks_again(
    instance: dg.DagsterInstance,
    sandbox: Sandboxed,
    four_turns: str,
    assignment: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looks: list[str] = []

    def away_at_first(pipeline: Pipeline, job: Job) -> CheckOutcome:
        looks.append(job.context.assignment)
        if len(looks) == 1:
            raise StoreUnavailableError("the database was started anew")
        return page_matches_lesson(pipeline, job)

    monkeypatch.setattr("esl_pipeline.stages.checks.page_matches_lesson", away_at_first)
    monkeypatch.setattr("esl_pipeline.defs.failures.RETRY_WAIT_S", 0.0)
    done = run(instance, f"school/{assignment}", manifest_path=str(sandbox.write(four_turns, assignment)), retries=1)
    assert done.success
    assert checks(done)["page_matches_lesson"]
    assert looks == [assignment] * 2


@pytest.mark.parametrize("key", ["school", "school/../../evil", "School/x", "school/x/y"])
def test_a_partition_that_is_no_assignment_is_never_added(instance: dg.DagsterInstance, key: str) -> None:
    with pytest.raises(ValueError, match=r"can't be|is no assignment"):
        add_assignments(instance, [key])
    assert instance.get_dynamic_partitions("assignments") == []


def test_a_lesson_in_the_inbox_is_published_without_any_configuration(
    instance: dg.DagsterInstance, sandbox: Sandboxed, four_turns: str, assignment: str
) -> None:
    inbox: Path = sandbox.environment.inbox / "school"
    inbox.mkdir(parents=True, exist_ok=True)
    (inbox / f"{assignment}.md").write_text(four_turns, "utf-8")
    assert run(instance, f"school/{assignment}").success


def test_from_the_second_run_on_each_asset_shows_how_the_last_ones_were(
    instance: dg.DagsterInstance, sandbox: Sandboxed, four_turns: str, assignment: str
) -> None:
    lesson = four_turns.replace("I have packed", f"{assignment[-5:]}, I have packed")
    key = f"{assignment}/week-1"
    first = run(instance, key, manifest_path=str(sandbox.write(lesson, assignment)))
    assert "stage/history" not in metadata(first, "audio_segments")
    second = run(instance, key, manifest_path=str(sandbox.write(lesson.replace("pizzas", "pies"), assignment)))
    assert second.success
    for asset in ("validated_manifest", "notion_page", "audio_segments", "merged_mp3", "audio_upload", "notion_audio"):
        plot = metadata(second, asset)["stage/history"]
        assert plot.startswith("![the last 2 runs](data:image/svg+xml;base64,")
        assert len(plot) < 1500, "Dagster keeps every run's events"
    shown = b64decode(metadata(second, "audio_segments")["stage/history"].partition(",")[2].rstrip(")")).decode()
    billed = [int(metadata(done, "audio_segments")["elevenlabs/characters_billed"]) for done in (first, second)]
    assert 0 < billed[1] < billed[0]
    assert f"last {billed[1]}, most {billed[0]}" in shown
