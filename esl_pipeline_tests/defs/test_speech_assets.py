from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dagster as dg
import pandas as pd
import pytest
from matplotlib.image import imread

from esl_pipeline.definitions import defs
from esl_pipeline.defs.tenants import sync_voices_daily, tenants_of
from esl_pipeline.defs.usage import sum_speech_usage_daily
from esl_pipeline_tests.sandboxed import Sandboxed
from esl_pipeline_tests.stages.speech_stage import credits_used, publication, short, speak

WHITE, FIRST_MODEL = (255, 255, 255, 255), (31, 119, 180, 255)
"""Colours of the picture: around the bars, and of those of the first model."""


@pytest.fixture
def instance(sandbox: Sandboxed, monkeypatch: pytest.MonkeyPatch) -> Iterator[dg.DagsterInstance]:
    """An ephemeral Dagster instance over the test's sandbox, whose account is put back afterwards."""
    monkeypatch.setenv("ESL_HOME", str(sandbox.home))
    monkeypatch.setenv("ESL_SANDBOX_PORT", str(sandbox.at.base_port))
    with dg.DagsterInstance.ephemeral() as instance:
        yield instance
    sandbox.control("elevenlabs", {})


def run(instance: dg.DagsterInstance, job: str, partition_key: str) -> dg.ExecuteInProcessResult:
    return defs.resolve_job_def(job).execute_in_process(
        instance=instance, partition_key=partition_key, raise_on_error=False
    )


def metadata(done: dg.ExecuteInProcessResult) -> dict[str, Any]:
    (event,) = done.get_asset_materialization_events()
    return {name: value.value for name, value in event.materialization.metadata.items()}


def rows(done: dg.ExecuteInProcessResult, name: str) -> list[dict[str, Any]]:
    (event,) = done.get_asset_materialization_events()
    table = event.materialization.metadata[name]
    assert isinstance(table, dg.TableMetadataValue)
    return [dict(record.data) for record in table.records]


def test_a_months_usage_is_what_the_vendor_billed(
    instance: dg.DagsterInstance, sandbox: Sandboxed, four_turns: str, assignment: str
) -> None:
    lesson, before = short(four_turns, assignment), credits_used(sandbox)
    speak(sandbox, lesson, assignment)
    speak(sandbox, lesson.replace("the lamps and", "the lamps, the cups and"), assignment)
    billed = credits_used(sandbox) - before
    month = f"{datetime.now(UTC):%Y-%m}"
    done = run(instance, "sum_speech_usage", month)
    assert done.success
    mine = [row for row in rows(done, "usage/table") if row["tenant"] == assignment]
    assert sum(row["credits"] for row in mine) == sum(row["characters"] for row in mine) == billed
    assert sum(row["usd"] for row in mine) == pytest.approx(billed * 0.08 / 1000, abs=2e-4)
    assert (sum(row["segments"] for row in mine), sum(row["reused_segments"] for row in mine)) == (5, 3)
    assert len({row["voice"] for row in mine}) == len(mine) == 2
    assert sum(row["open_characters"] for row in mine) == 0
    spoken = publication(sandbox, assignment).speech
    assert spoken is not None
    seconds = sum(segment.samples / segment.sample_rate_hz for segment in spoken.segments)
    assert seconds < sum(row["seconds"] for row in mine) < seconds * 1.6
    table = pd.read_csv(metadata(done)["usage/csv"])
    assert table[table.tenant == assignment].credits.sum() == billed
    assert metadata(done)["usage/credits"] == table.credits.sum()


def test_a_months_usage_has_a_picture(
    instance: dg.DagsterInstance, sandbox: Sandboxed, four_turns: str, assignment: str
) -> None:
    speak(sandbox, short(four_turns, assignment), assignment)
    plot = metadata(run(instance, "sum_speech_usage", f"{datetime.now(UTC):%Y-%m}"))["usage/plot"]
    before, _, encoded = plot.partition(";base64,")
    assert before == "![characters by tenant and model](data:image/png"
    pixels = (imread(io.BytesIO(base64.b64decode(encoded.rstrip(")")))) * 255).astype(int)
    assert pixels.shape[1] == 800
    colours = {tuple(colour) for colour in pixels.reshape(-1, 4)}
    assert {WHITE, FIRST_MODEL} <= colours


def test_a_month_without_speech_is_summed_to_nothing(instance: dg.DagsterInstance, sandbox: Sandboxed) -> None:
    done = run(instance, "sum_speech_usage", "2026-01")
    assert done.success
    told = metadata(done)
    assert (told["usage/credits"], told["usage/usd"], told["usage/hit_rate"]) == (0, 0.0, 0.0)
    assert "usage/plot" not in told
    assert pd.read_csv(told["usage/csv"]).empty


def test_a_damaged_book_fails_the_run_with_the_place(
    instance: dg.DagsterInstance, sandbox: Sandboxed, assignment: str
) -> None:
    path: Path = sandbox.environment.state / "usage" / assignment / "2026-02.jsonl"
    path.parent.mkdir(parents=True)
    path.write_text("{}\n")
    done = run(instance, "sum_speech_usage", "2026-02")
    (failure,) = [event.step_failure_data for event in done.all_events if event.is_step_failure]
    assert failure.user_failure_data is not None
    assert f"usage/{assignment}/2026-02 is damaged in line 1" in (failure.user_failure_data.description or "")


def test_the_catalogue_tells_how_many_voices_there_are_what_changed_and_which_go(
    instance: dg.DagsterInstance, sandbox: Sandboxed, four_turns: str, assignment: str
) -> None:
    speak(sandbox, short(four_turns, assignment), assignment)
    spoken = publication(sandbox, assignment).speech
    assert spoken is not None
    gone = spoken.cast[1].voice_name
    sandbox.control("elevenlabs", {"withdrawn_voices": [gone]})
    instance.add_dynamic_partitions("tenants", [assignment])
    done = run(instance, "sync_voices", assignment)
    assert done.success
    told = metadata(done)
    assert told["voices/count"] > 5
    assert (told["voices/added"], told["voices/removed"]) == ("none", gone)
    assert {row["until"] for row in rows(done, "voices/expiring")} == {"2026-12-31"}
    (check,) = done.get_asset_check_evaluations()
    assert (check.check_name, check.passed, check.severity) == ("voices_stay", False, dg.AssetCheckSeverity.WARN)
    going = check.metadata["voices/going"]
    assert isinstance(going, dg.TableMetadataValue)
    assert {(row.data["speaker"], row.data["until"]) for row in going.records} == {
        ("Nora", "2026-12-31"),
        ("Felix", "gone"),
    }


def test_a_tenant_without_lessons_loses_no_voice(
    instance: dg.DagsterInstance, sandbox: Sandboxed, assignment: str
) -> None:
    instance.add_dynamic_partitions("tenants", [assignment])
    done = run(instance, "sync_voices", assignment)
    (check,) = done.get_asset_check_evaluations()
    assert (check.passed, check.description) == (True, "All voices in use stay.")


def test_an_account_that_can_not_be_read_fails_with_what_to_do(
    instance: dg.DagsterInstance, sandbox: Sandboxed, assignment: str
) -> None:
    sandbox.control("elevenlabs", {"missing_scopes": ["voices_read"]})
    instance.add_dynamic_partitions("tenants", [assignment])
    done = run(instance, "sync_voices", assignment)
    (failure,) = [event.step_failure_data for event in done.all_events if event.is_step_failure]
    assert failure.user_failure_data is not None
    told = {name: value.value for name, value in failure.user_failure_data.metadata.items()}
    assert told["failure/kind"] == "rejected"
    assert "voices_read" in str(told["failure/fix"])


def test_tenants_are_found_by_their_settings_and_their_assignments() -> None:
    assert tenants_of(["school"], ["school/a", "other/b", "other/c", "Not A Slug/d"]) == ["other", "school"]
    assert tenants_of([], []) == []


def test_every_night_a_run_per_tenant_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ESL_TENANTS", str(tmp_path))
    (tmp_path / "school.yaml").touch()
    with dg.DagsterInstance.local_temp() as instance:
        instance.add_dynamic_partitions("assignments", ["other/week-1"])
        context = dg.build_schedule_context(instance, datetime(2026, 11, 24, 2, 15, tzinfo=UTC))
        asked = sync_voices_daily(context)
        assert isinstance(asked, list)
        assert [(request.partition_key, request.run_key) for request in asked] == [
            ("other", "other:2026-11-24"),
            ("school", "school:2026-11-24"),
        ]
        assert set(instance.get_dynamic_partitions("tenants")) == {"other", "school"}


def test_without_tenants_nothing_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ESL_TENANTS", str(tmp_path))
    with dg.DagsterInstance.local_temp() as instance:
        asked = sync_voices_daily(dg.build_schedule_context(instance, datetime(2026, 11, 24, tzinfo=UTC)))
    assert isinstance(asked, dg.SkipReason)


@pytest.mark.parametrize(("day", "months"), [(24, ["2026-11"]), (1, ["2026-11", "2026-10"])])
def test_every_night_the_month_is_summed_and_on_the_first_also_the_one_before(day: int, months: list[str]) -> None:
    at = datetime(2026, 11, day, 2, 45, tzinfo=UTC)
    asked = sum_speech_usage_daily(dg.build_schedule_context(scheduled_execution_time=at))
    assert isinstance(asked, list)
    assert [request.partition_key for request in asked] == months
