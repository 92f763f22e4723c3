from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster._core.definitions.decorators.op_decorator import DecoratedOpFunction

from esl_pipeline.definitions import defs
from esl_pipeline.defs.partitions import add_assignments
from esl_pipeline.defs.run_config import RunConfig
from esl_pipeline.defs.upkeep import JOBS as UPKEEP_JOBS
from esl_pipeline_tests.sandboxed import Sandboxed

BAD_NUMBERS: dict[str, dict[str, Any]] = {
    "drift_check": {"ops": {"compare_with_publications": {"config": {"most_assignments": -3}}}},
    "archive_assignments": {"ops": {"remove_partitions": {"config": {"most_assignments": -4}}}},
    "prune_runs": {"ops": {"delete_old_runs": {"config": {"older_than_days": -4, "most_runs": -1}}}},
    "resign_audio": {"ops": {"renew_addresses": {"config": {"most_pages": 0}}}},
}


@pytest.fixture(autouse=True)
def sandbox_only(sandbox: Sandboxed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ESL_HOME", str(sandbox.home))
    monkeypatch.setenv("ESL_SANDBOX_PORT", str(sandbox.at.base_port))


def failed(job: str, config: dict[str, Any], tmp_path: Path, key: str | None = None) -> dict[str, str]:
    """Runs a job that fails for good; returns what its failure says."""
    with dg.instance_for_test(temp_dir=str(tmp_path)) as instance:
        if key:
            add_assignments(instance, [key])
        done = defs.resolve_job_def(job).execute_in_process(
            instance=instance, partition_key=key, run_config=config, raise_on_error=False
        )
    assert not [event for event in done.all_events if event.event_type is dg.DagsterEventType.STEP_UP_FOR_RETRY]
    events = [event for event in done.all_events if event.event_type is dg.DagsterEventType.STEP_FAILURE]
    told = events[0].step_failure_data.user_failure_data
    assert told is not None
    return {name.removeprefix("failure/"): str(value.value) for name, value in told.metadata.items()}


@pytest.mark.parametrize("job", BAD_NUMBERS)
def test_numbers_out_of_range_fail_a_job_for_good_in_words(job: str, tmp_path: Path) -> None:
    said = failed(job, BAD_NUMBERS[job], tmp_path)
    assert (said["kind"], said["code"]) == ("rejected", "run_config")
    (config,) = (op["config"] for op in BAD_NUMBERS[job]["ops"].values())
    for name, value in config.items():
        assert f"{name} is {value}: Input should be greater than or equal to 1." in said["message"]
    assert "values in range" in said["fix"]


def test_every_op_takes_configuration_whose_ranges_are_told() -> None:
    ops = [op for job in UPKEEP_JOBS for op in job.all_node_defs if isinstance(op, dg.OpDefinition)]
    functions = [op.compute_fn.decorated_fn for op in ops if isinstance(op.compute_fn, DecoratedOpFunction)]
    assert len(functions) == len(UPKEEP_JOBS)
    assert all(issubclass(inspect.signature(one).parameters["config"].annotation, RunConfig) for one in functions)


@pytest.mark.parametrize(
    ("job", "op", "config"),
    [
        ("drift_check", "compare_with_publications", {"tenant": "ghost"}),
        ("drift_check", "compare_with_publications", {"assignments": ["ghost/one"]}),
        ("archive_assignments", "remove_partitions", {"tenant": "ghost"}),
        ("prune_artifacts", "remove_unused", {"tenant": "ghost"}),
        ("resign_audio", "renew_addresses", {"tenant": "ghost"}),
        ("check_tenants", "ask_vendors", {"tenants": ["ghost"]}),
    ],
)
def test_a_mistyped_tenant_is_told(job: str, op: str, config: dict[str, Any], tmp_path: Path) -> None:
    said = failed(job, {"ops": {op: {"config": config}}}, tmp_path)
    assert (said["kind"], said["code"]) == ("rejected", "unknown_tenant")
    assert said["message"] == "There is no tenant 'ghost'."


def test_a_mistyped_assignment_is_told(tmp_path: Path, sandbox: Sandboxed, assignment: str) -> None:
    document = sandbox.environment.tenants / f"{assignment}.yaml"
    document.parent.mkdir(exist_ok=True)
    document.write_text("schema_version: 2\n")
    named = [f"{assignment}/nowhere", f"{assignment}/a/b"]
    config = {"ops": {"compare_with_publications": {"config": {"assignments": named}}}}
    said = failed("drift_check", config, tmp_path)
    document.unlink()
    assert said["message"] == f"Never asked for: '{named[0]}', '{named[1]}'."


@pytest.mark.parametrize("retries", [-4, 11])
def test_retries_out_of_range_fail_the_run_for_good_in_words(
    retries: int, tmp_path: Path, sandbox: Sandboxed, four_turns: str, assignment: str
) -> None:
    path = sandbox.write(four_turns, assignment)
    config = {"resources": {"asking": {"config": {"retries": retries, "manifest_path": str(path)}}}}
    said = failed("publish_lesson", config, tmp_path, f"school/{assignment}")
    assert said["message"] == f"retries is {retries}."
    assert said["fix"] == "Launch it again with retries from 0 to 10."


@pytest.mark.parametrize("job", ["publish_lesson", "prune_artifacts"])
def test_an_installation_that_is_set_up_by_halves_fails_the_first_step_with_what_to_do(
    job: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOTION_TOKEN", "ntn_half")
    said = failed(job, {}, tmp_path, "school/week-1" if job == "publish_lesson" else None)
    assert (said["kind"], said["code"]) == ("rejected", "configuration")
    assert "NOTION_TOKEN set, but not ELEVENLABS_API_KEY" in said["message"]


@pytest.mark.parametrize("field", ["preset", "manifest_path", "manifest_sha256"])
def test_a_run_that_is_given_a_variable_of_the_environment_shows_nothing_of_it(
    field: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SOMETHING_SECRET", "sk-proj-marked")
    config = {"resources": {"asking": {"config": {field: {"env": "SOMETHING_SECRET"}}}}}
    said = failed("publish_lesson", config, tmp_path, "school/week-1")
    assert said["code"] == "config_from_environment"
    assert "SOMETHING_SECRET" in said["message"]
    shown = [
        *capfd.readouterr(),
        *(path.read_bytes().decode("latin-1") for path in tmp_path.rglob("*") if path.is_file()),
    ]
    assert not [text for text in shown if "sk-proj-marked" in text]


def test_an_engine_that_is_not_installed_is_a_problem_of_the_settings_like_any_other(
    tmp_path: Path, sandbox: Sandboxed, four_turns: str, assignment: str
) -> None:
    path = sandbox.write(four_turns, assignment)
    asking = {"manifest_path": str(path), "settings": ["speech.engine=nope", "audio.pause_ms=abc"]}
    said = failed("publish_lesson", {"resources": {"asking": {"config": asking}}}, tmp_path, f"school/{assignment}")
    assert said["code"] == "lesson_errors"
    lines = said["message"].splitlines()
    assert [line.partition(":")[0] for line in lines] == [f"Number {n} of the run's settings" for n in (1, 2)]
    assert "nope" in lines[0]
