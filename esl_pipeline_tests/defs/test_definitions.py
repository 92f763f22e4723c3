from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
from dagster._config import ConfigType, Shape
from dagster._config.config_type import Array, Noneable

from esl_pipeline.definitions import defs
from esl_pipeline.defs.resources import Forced
from esl_pipeline.stages.code_versions import CODE_VERSIONS
from esl_pipeline.stages.stage import Stage
from esl_pipeline_tests.defs.pinned import ASSET_JOBS, CHECKS, OF_SPEECH, OP_JOBS, SCHEDULES, SENSORS, STAGES

REPOSITORY = defs.get_repository_def()


def test_assets_checks_jobs_schedules_and_sensors_have_the_names_that_operators_know() -> None:
    graph = defs.resolve_asset_graph()
    assert {key.to_user_string() for key in graph.get_all_asset_keys()} == {*STAGES, *OF_SPEECH}
    assert {key.name for key in graph.asset_check_keys} == CHECKS
    assert {name for name in REPOSITORY.job_names if not name.startswith("__")} == {*ASSET_JOBS, *OP_JOBS}
    assert {schedule.name: schedule.job_name for schedule in REPOSITORY.schedule_defs} == SCHEDULES
    assert {sensor.name for sensor in REPOSITORY.sensor_defs} == SENSORS


def test_everything_loads_together_as_the_web_server_and_the_daemon_load_it() -> None:
    REPOSITORY.load_all_definitions()


def test_nothing_starts_by_itself_before_an_operator_turns_it_on() -> None:
    for schedule in REPOSITORY.schedule_defs:
        assert schedule.default_status is dg.DefaultScheduleStatus.STOPPED
    running = {one.name for one in REPOSITORY.sensor_defs if one.default_status is dg.DefaultSensorStatus.RUNNING}
    assert running == {"notify_failures", "lost_retries_sensor"}, "they tell, and start again what was started before"


def test_jobs_and_schedules_tell_an_operator_what_they_are() -> None:
    jobs = [(name, defs.resolve_job_def(name).description) for name in (*ASSET_JOBS, *OP_JOBS)]
    schedules = [(schedule.name, schedule.description) for schedule in REPOSITORY.schedule_defs]
    assert [name for name, words in (*jobs, *schedules) if not (words or "").endswith(".")] == []


@pytest.mark.parametrize("name", ASSET_JOBS)
def test_an_asset_job_makes_its_assets_and_takes_the_checks_that_are_due_at_once(name: str) -> None:
    job = defs.resolve_job_def(name)
    assert {key.to_user_string() for key in job.asset_layer.selected_asset_keys} == {*ASSET_JOBS[name]}
    graph = defs.resolve_asset_graph()
    due = {key for key in graph.asset_check_keys if key.asset_key.to_user_string() in ASSET_JOBS[name]}
    taken = {key.name for key in job.asset_layer.asset_graph.asset_check_keys}
    later = {"stands_as_published", "voice_catalogue_is_fresh"}
    assert taken == ({"voice_catalogue_is_fresh"} if name == "check_voices" else {key.name for key in due} - later)


def test_only_a_new_cast_is_forced_by_its_job() -> None:
    configured = {name: defs.resolve_job_def(name).partitioned_config for name in ASSET_JOBS}
    given = {name: config.get_run_config_for_partition_key("a/b") for name, config in configured.items() if config}
    forced = {name: config for name, config in given.items() if config}
    assert forced == {"revoice": {"resources": {"asking": {"config": {"force": ["audio_segments"]}}}}}


def test_the_launchpad_offers_every_stage_to_be_forced() -> None:
    assert [asset.name for asset in Forced] == [asset.value for asset in Forced] == [stage.value for stage in Stage]


@pytest.mark.parametrize("name", [*ASSET_JOBS, *sorted(OP_JOBS)])
def test_every_field_of_the_launchpad_that_is_ours_is_described(name: str) -> None:
    run_config = defs.resolve_job_def(name).run_config_schema.run_config_schema_type
    assert isinstance(run_config, Shape)
    ours = {
        path: description
        for path, description in leaves(run_config)
        if path.startswith(("resources.asking.", "ops.")) and ".config." in path
    }
    assert ours
    assert [path for path, description in ours.items() if not (description or "").endswith(".")] == []


def leaves(shape: ConfigType, path: str = "") -> Iterator[tuple[str, str | None]]:
    """The fields of a configuration that are no groups, with their descriptions."""
    for name, field in getattr(shape, "fields", {}).items():
        inside = field.config_type
        while isinstance(inside, Array | Noneable):
            inside = inside.inner_type
        if getattr(inside, "fields", None):
            yield from leaves(inside, f"{path}{name}.")
        else:
            yield f"{path}{name}", field.description


def test_every_asset_tells_an_operator_what_it_is() -> None:
    for key in defs.resolve_asset_graph().get_all_asset_keys():
        spec = defs.resolve_assets_def(key).get_asset_spec(key)
        assert spec.description
        assert spec.kinds
        assert spec.owners
        assert spec.group_name == ("speech" if key.to_user_string() in OF_SPEECH else "publication")
        assert spec.code_version
        name = OF_SPEECH.get(key.to_user_string(), "assignments")
        if name:
            assert isinstance(spec.partitions_def, dg.DynamicPartitionsDefinition)
            assert spec.partitions_def.name == name
        else:
            assert isinstance(spec.partitions_def, dg.MonthlyPartitionsDefinition)


def test_the_assets_depend_on_each_other_as_the_stages_do() -> None:
    graph = defs.resolve_asset_graph()
    upstream = {
        key.to_user_string(): sorted(parent.to_user_string() for parent in graph.get(key).parent_keys)
        for key in graph.get_all_asset_keys()
    }
    assert [upstream.pop(name) for name in OF_SPEECH] == [[], []]
    assert upstream == {
        "validated_manifest": [],
        "notion_page": ["validated_manifest"],
        "audio_segments": ["validated_manifest"],
        "merged_mp3": ["audio_segments"],
        "audio_upload": ["merged_mp3"],
        "notion_audio": ["audio_upload", "notion_page"],
    }


WITHOUT_NETWORK = """
import socket
def refuse(*_, **__):
    raise AssertionError("the network was used")
for name in ("connect", "connect_ex", "bind", "sendto"):
    setattr(socket.socket, name, refuse)
socket.getaddrinfo = refuse
from esl_pipeline.definitions import defs
repository = defs.get_repository_def()
repository.load_all_definitions()
print(*sorted(name for name in repository.job_names if not name.startswith("__")))
"""


def test_the_definitions_load_without_credentials_and_without_network(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error::UserWarning", "-c", WITHOUT_NETWORK],
        env={"HOME": os.devnull},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.stdout.split() == sorted([*ASSET_JOBS, *OP_JOBS]), done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_dagsters_own_validation_finds_nothing(tmp_path: Path) -> None:
    dagster = Path(sys.executable).with_name("dagster")
    done = subprocess.run(
        [dagster, "definitions", "validate", "-m", "esl_pipeline.definitions"],
        env={"HOME": os.devnull, "PATH": os.environ["PATH"]},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert "All code locations passed validation" in done.stderr + done.stdout


def test_an_assets_code_version_is_that_of_its_stage_and_its_tag_says_what_it_costs() -> None:
    specs = {stage: defs.resolve_assets_def(stage.value).get_asset_spec(dg.AssetKey(stage.value)) for stage in Stage}
    assert {stage: spec.code_version for stage, spec in specs.items()} == {
        stage: str(version) for stage, version in CODE_VERSIONS.items()
    }
    assert {stage.value for stage, spec in specs.items() if spec.tags["esl/costs"] == "money"} == {"audio_segments"}


def test_every_check_says_what_mends_it() -> None:
    graph = defs.resolve_asset_graph()
    told = {key.name: graph.get_check_spec(key).description or "" for key in graph.asset_check_keys}
    assert [name for name, words in told.items() if "mend" not in words and "run" not in words.lower()] == []
