from __future__ import annotations

import os
import subprocess
import sys

import dagster as dg

from esl_pipeline.definitions import defs

OF_SPEECH = {"voice_catalogue": "tenants", "speech_usage": None}
"""Assets beside the publications, by the name of their dynamic partitions; None where they are months."""
STAGES = ["audio_segments", "audio_upload", "merged_mp3", "notion_audio", "notion_page", "validated_manifest"]


def test_assets_checks_jobs_and_sensors_have_the_names_that_operators_know() -> None:
    graph = defs.resolve_asset_graph()
    assert sorted(key.to_user_string() for key in graph.get_all_asset_keys()) == sorted([*STAGES, *OF_SPEECH])
    assert sorted(key.name for key in graph.asset_check_keys) == [
        "audio_is_attached",
        "audio_lasts_as_long_as_its_segments",
        "lesson_is_valid",
        "page_matches_lesson",
        "voices_stay",
    ]
    for job in ("publish_lesson", "sync_voices", "sum_speech_usage"):
        assert defs.resolve_job_def(job).name == job
    for schedule in ("sync_voices_daily", "sum_speech_usage_daily"):
        assert defs.resolve_schedule_def(schedule).default_status == dg.DefaultScheduleStatus.STOPPED
    assert defs.resolve_sensor_def("manifest_sensor").name == "manifest_sensor"


def test_everything_loads_together_as_the_web_server_and_the_daemon_load_it() -> None:
    defs.get_repository_def().load_all_definitions()


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


def test_the_definitions_load_without_credentials_and_without_network() -> None:
    blocked = (
        "import socket; socket.socket.connect = None; import esl_pipeline.definitions as d; print(len(d.defs.assets))"
    )
    variables = {"PATH": os.environ["PATH"], "HOME": os.devnull}
    done = subprocess.run([sys.executable, "-c", blocked], env=variables, capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "8", done.stderr
