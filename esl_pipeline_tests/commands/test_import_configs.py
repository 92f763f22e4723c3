from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import Result

from esl_pipeline.manifests import AskingError
from esl_pipeline_tests.commands.test_cli import Shell
from esl_pipeline_tests.sandboxed import Sandboxed

DATABASE = "1f0c2a9e-5b7d-4c3f-8a6e-1b2c3d4e5f60"
ANNA = {"student": "Anna Žák", "dbId": DATABASE, "colorPreset": "b1-default", "accentPreference": "british"}


@pytest.fixture
def configs(tmp_path: Path) -> Path:
    folder = tmp_path / "configs"
    (folder / "students").mkdir(parents=True)
    return folder


@pytest.fixture
def shell(sandbox: Sandboxed, tmp_path: Path) -> Shell:
    shell = Shell(sandbox)
    shell.variables["ESL_TENANTS"] = str(tmp_path)
    return shell


def student(configs: Path, file: str, profile: object) -> None:
    (configs / "students" / file).write_text(json.dumps(profile))


def imported(shell: Shell, configs: Path) -> Result:
    done = shell("import-configs", configs)
    (configs.parent / "school.yaml").write_text(done.stdout)
    return done


def test_what_the_predecessor_heeded_holds_here(shell: Shell, configs: Path) -> None:
    (configs / "voices.yml").write_text("auto: true\ndefault: Alice\nKim: 007\nNo: George\n")
    student(configs, "anna.json", ANNA)
    student(configs, "default.json", {"student": "Default", "colorPreset": "a2-default", "dbId": None})
    student(configs, "ben.json", {"student": "Ben"})
    done = imported(shell, configs)
    assert (done.exit_code, done.stderr) == (0, "")
    code, answer = shell.json("settings", "show", "school", "--student", "anna žák")
    found = {one["setting"]: (one["layer"], one["value"]) for one in answer["settings"] if one["layer"] != "default"}
    assert (code, found) == (
        0,
        {
            "notion.database_id": ("student", DATABASE),
            "notion.preset": ("student", "b1-default"),
            "speech.default_accent": ("student", "british"),
            "speech.voices.default": ("tenant", "Alice"),
            "speech.voices.Kim": ("tenant", "007"),
            "speech.voices.No": ("tenant", "George"),
        },
    )
    _, ben = shell.json("settings", "show", "school", "--student", "Ben")
    assert [(one["layer"], one["value"]) for one in ben["settings"] if one["setting"] == "notion.preset"] == [
        ("tenant", "a2-default")
    ]
    assert ben["profile"] == "Ben"


def test_what_is_left_behind_is_told(shell: Shell, configs: Path) -> None:
    (configs / "voices.yml").write_text("auto: false\nspeakers: {Kim: {voice_id: abc}}\nBen:\n")
    student(configs, "anna.json", ANNA | {"pageParentId": DATABASE, "voices": "mine.yml", "manifestPreset": None})
    student(configs, "nobody.json", {"dbId": DATABASE})
    done = imported(shell, configs)
    assert done.exit_code == 0
    assert done.stderr.splitlines() == [
        "students/anna.json: 'pageParentId' had no effect, and is left out.",
        "students/anna.json: 'voices' had no effect, and is left out.",
        "students/nobody.json names no student, so it is left out.",
        "voices.yml: auto is false; here speakers for whom nobody chose a voice are always cast.",
        "voices.yml: 'speakers' names no voice; it had no effect, and is left out.",
        "voices.yml: 'Ben' names no voice; it had no effect, and is left out.",
    ]


def test_a_preset_that_is_not_there_and_a_student_with_two_profiles_are_told(shell: Shell, configs: Path) -> None:
    student(configs, "anna.json", ANNA | {"colorPreset": "b2-general"})
    student(configs, "anna2.json", {"student": "anna žák"})
    done = imported(shell, configs)
    assert done.exit_code == 1
    assert "There is no preset 'b2-general'" in done.stderr
    assert "are one name" in done.stderr


def test_a_file_that_is_no_json_is_told_with_its_place(shell: Shell, configs: Path) -> None:
    (configs / "students" / "anna.json").write_text('{"student": "Anna",\n}')
    error = shell("import-configs", configs).exception
    assert isinstance(error, AskingError)
    assert "students/anna.json:2:1 error M-SYNTAX" in str(error)


def test_a_folder_without_configuration_is_refused(shell: Shell, configs: Path) -> None:
    done = shell("import-configs", configs)
    assert (done.exit_code, done.stdout) == (1, "")
    assert "neither voices.yml nor students/*.json" in done.stderr
