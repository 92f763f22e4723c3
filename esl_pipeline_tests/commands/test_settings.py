from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from esl_pipeline.manifests import SlugError
from esl_pipeline.manifests.fields import all_fields
from esl_pipeline.manifests.settings import Settings
from esl_pipeline.stores.config import ConfigUnavailableError
from esl_pipeline_tests.commands.test_cli import Shell
from esl_pipeline_tests.sandboxed import WRITES, Sandboxed
from esl_pipeline_tests.settings_server import TOKEN, serving_settings

SCHOOL = """schema_version: 2
settings:
  audio: {pause_ms: 900}
  speech:
    default_accent: british
    voices: {Kim: Alice, Ben: George}
    level_speeds: {A1: 0.8}
students:
  Anna:
    notion: {preset: a1-default}
    speech:
      default_accent: american
      voices:
        Kim: Sarah
"""
SECRET = "ntn_5ecret5ecret5ecret5ecret"


@pytest.fixture
def shell(sandbox: Sandboxed, tmp_path: Path) -> Iterator[Shell]:
    """``esl`` with an empty folder of tenant files; the vendors are put back afterwards."""
    shell = Shell(sandbox)
    shell.variables["ESL_TENANTS"] = str(tmp_path)
    yield shell
    sandbox.control("elevenlabs", {})


def shown(answer: dict[str, Any]) -> dict[str, tuple[Any, str, str, int | None]]:
    return {one["setting"]: (one["value"], one["layer"], one["source"], one["line"]) for one in answer["settings"]}


def test_each_setting_is_shown_with_its_layer_file_and_line(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "school.yaml").write_text(SCHOOL)
    shell.variables["ELEVENLABS_DIALOGUE_SEED"] = "7"
    code, answer = shell.json("settings", "show", "school")
    settings = shown(answer)
    assert (code, answer["file"], answer["profile"], answer["problems"]) == (0, "school.yaml", None, [])
    assert settings["audio.pause_ms"] == (900, "tenant", "school.yaml", 3)
    assert settings["speech.voices.Kim"] == ("Alice", "tenant", "school.yaml", 6)
    assert settings["speech.level_speeds.A1"] == (0.8, "tenant", "school.yaml", 7)
    assert settings["speech.level_speeds.A2"] == (0.92, "default", "built in", None)
    assert settings["speech.seed"] == (7, "environment", "ELEVENLABS_DIALOGUE_SEED", None)
    assert settings["audio.bitrate_kbps"] == (128, "default", "built in", None)
    assert settings["speech.pronunciations"] == (None, "default", "built in", None)


def test_no_setting_is_left_out(shell: Shell) -> None:
    _, answer = shell.json("settings", "show", "school")
    told = [*shown(answer)]
    assert [field.path for field in all_fields(Settings) if not any(name.startswith(field.path) for name in told)] == []


def test_a_students_profile_lies_over_the_tenants_settings(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "school.yaml").write_text(SCHOOL)
    code, answer = shell.json("settings", "show", "school", "--student", "anna")
    settings = shown(answer)
    assert (code, answer["profile"]) == (0, "Anna")
    assert settings["speech.voices.Kim"] == ("Sarah", "student", "school.yaml", 14)
    assert settings["speech.voices.Ben"] == ("George", "tenant", "school.yaml", 6)
    assert settings["speech.default_accent"] == ("american", "student", "school.yaml", 12)
    assert settings["notion.preset"] == ("a1-default", "student", "school.yaml", 10)


def test_the_version_that_is_shown_is_that_of_the_file(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "school.yaml").write_text(SCHOOL)
    before = shell.json("settings", "show", "school")[1]["version"]
    (tmp_path / "school.yaml").write_text(SCHOOL + "# edited\n")
    assert len({before, shell.json("settings", "show", "school")[1]["version"]}) == 2


def test_people_are_shown_a_table(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "school.yaml").write_text(SCHOOL)
    told = shell("settings", "show", "school", "--student", "Ben").stdout
    assert "The student Ben has no profile. Profiles are there for Anna." in told
    assert "900  (tenant: school.yaml:3)" in told
    assert "nobody has no settings of its own" in shell("settings", "show", "nobody").stdout


def test_a_wrong_setting_is_shown_with_its_place_and_the_default_that_it_has_instead(
    shell: Shell, tmp_path: Path
) -> None:
    (tmp_path / "school.yaml").write_text("schema_version: 2\nsettings:\n  audio: {pause_ms: -1}\n")
    code, answer = shell.json("settings", "show", "school")
    assert (code, shown(answer)["audio.pause_ms"][:2]) == (1, (600, "default"))
    (problem,) = answer["problems"]
    assert (problem["file"], problem["line"], problem["column"]) == ("school.yaml", 3, 21)


@pytest.mark.parametrize("command", ["show", "check"])
def test_a_name_that_is_no_tenants_is_wrong_usage(shell: Shell, command: str) -> None:
    assert isinstance(shell("settings", command, "../school").exception, SlugError)


def test_all_tenants_are_checked_and_each_problem_has_its_place(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("schema_version: 2\nsettings:\n  audio: {pause_mss: 1}\n  notion: {preset: b1}\n")
    (tmp_path / "b.json").write_text(json.dumps({"schema_version": 3}))
    (tmp_path / "c.yaml").write_text("schema_version: 2\nstudents:\n  Anna: {audio: {cover: no.png}}\n")
    (tmp_path / "d.yaml").write_text("a: [")
    (tmp_path / "e.yaml").write_text("schema_version: 2\n")
    (tmp_path / "e.json").write_text("{}")
    (tmp_path / "good.yaml").write_text(SCHOOL)
    code, answer = shell.json("settings", "check")
    assert (code, answer["status"]) == (1, "rejected")
    found = {
        one["tenant"]: [(p["file"], p["rule"], p["line"], p["column"]) for p in one["problems"]]
        for one in answer["tenants"]
    }
    assert found == {
        "a": [("a.yaml", "S-UNKNOWN", 3, 11), ("a.yaml", "S-VALUE", 4, 20)],
        "b": [("b.json", "M-VERSION", 1, 20)],
        "c": [("c.yaml", "S-VALUE", 3, 25)],
        "d": [("d.yaml", "M-SYNTAX", 1, 5)],
        "e": [("e.json", "M-FILE", 1, 1)],
        "good": [],
    }
    told = shell("settings", "check").stdout
    assert "a.yaml:3:11: error S-UNKNOWN There is no field 'pause_mss' in audio. Did you mean audio.pause_ms?" in told
    assert "good: ok" in told


def test_tenants_without_mistakes_are_well(shell: Shell, tmp_path: Path) -> None:
    assert "There are no tenants" in shell("settings", "check").stdout
    (tmp_path / "school.yaml").write_text(SCHOOL)
    (tmp_path / "wrong.yaml").write_text("a: [")
    code, answer = shell.json("settings", "check", "school")
    assert (code, answer["status"], [one["tenant"] for one in answer["tenants"]]) == (0, "succeeded", ["school"])


def test_a_tenant_that_was_misspelt_is_told(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "school.yaml").write_text(SCHOOL)
    done = shell("settings", "check", "shool")
    assert (done.exit_code, "Did you mean school?" in done.stdout) == (0, True)


def test_a_place_that_is_down_leaves_the_answer_open_and_one_that_refuses_is_wrong(shell: Shell) -> None:
    with serving_settings() as server:
        shell.variables |= {"ESL_TENANTS": server.url, "ESL_TENANTS_TOKEN": TOKEN}
        found = []
        for server.status in (0, 403, 503):
            code, answer = shell.json("settings", "check", "school")
            ((one,),) = (tenant["findings"] for tenant in answer["tenants"])
            found.append((code, one["subject"], one["status"]))
        assert isinstance(shell("settings", "check").exception, ConfigUnavailableError)
    assert found == [(0, "settings", "warning"), (1, "settings", "failed"), (3, "settings", "unavailable")]


def test_no_secret_that_stands_in_a_file_is_shown(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "school.yaml").write_text(
        f"schema_version: 2\ntoken: {SECRET}\n"
        f"settings: {{notion: {{token: {SECRET}, key_property: [{SECRET}]}}, audio: {{pause_ms: {SECRET}}}}}\n"
        f"students: {{Anna: {SECRET}, Ben: {{storage: {{secret_key: {SECRET}}}}}}}\n"
    )
    for command in ("show", "check"):
        for options in ([], ["--json"]):
            done = shell("settings", command, "school", *options)
            assert (done.exit_code, SECRET in done.output) == (1, False)


def subjects(answer: dict[str, Any], student: str = "") -> dict[str, str]:
    (one,) = answer["tenants"]
    return {found["subject"]: found["status"] for found in one["findings"] if found["student"] == student}


def messages(answer: dict[str, Any], status: str) -> str:
    return "\n".join(f["message"] for one in answer["tenants"] for f in one["findings"] if f["status"] == status)


def test_the_vendors_are_asked_whether_the_settings_can_work(
    shell: Shell, sandbox: Sandboxed, tmp_path: Path, assignment: str
) -> None:
    (tmp_path / f"{assignment}.yaml").write_text("schema_version: 2\nsettings: {storage: {prefix: probes}}\n")
    with sandbox.watched() as seen:
        code, answer = shell.json("settings", "check", "--live")
    assert (code, subjects(answer)) == (
        0,
        dict.fromkeys(("notion token", "notion target", "voices", "quota", "bucket"), "ok"),
    )
    told = messages(answer, "ok")
    assert "“ESL sandbox”" in told
    assert "credits of elevenlabs are left" in told
    assert f"under probes/{assignment}/" in told
    written = [(one["vendor"], one["method"]) for one in seen if one["method"] in WRITES]
    assert written == [("s3", "PUT"), ("s3", "DELETE")]


def test_everything_that_can_not_work_is_told_at_once(shell: Shell, sandbox: Sandboxed, tmp_path: Path) -> None:
    (tmp_path / "school.yaml").write_text(
        "schema_version: 2\n"
        "settings:\n"
        "  notion:\n"
        "    data_source_id: 1f0c2a9e5b7d4c3f8a6e1b2c3d4e5f60\n"
        "    students_data_source_id: 1f0c2a9e5b7d4c3f8a6e1b2c3d4e5f61\n"
        "  speech: {voices: {Kim: Alise}, fallback_voices: {teacher: Nobody}}\n"
        "  storage: {bucket: no-such-bucket}\n"
        "students:\n"
        "  Anna: {speech: {engine: eleven}}\n"
    )
    code, answer = shell.json("settings", "check", "--live")
    assert (code, subjects(answer)) == (
        1,
        {
            "notion token": "ok",
            "notion target": "failed",
            "students": "failed",
            "voices": "ok",
            "quota": "ok",
            "bucket": "failed",
        },
    )
    told = messages(answer, "failed")
    assert "Check notion.data_source_id" in told
    assert "speech.voices.Kim asks for the voice 'Alise'" in told
    assert "such as Alice" in told
    assert "speech.fallback_voices.teacher asks for the voice 'Nobody'" in told
    assert subjects(answer, "Anna") == {}
    ((problem,),) = (one["problems"] for one in answer["tenants"])
    assert (problem["line"], problem["message"]) == (9, "There is no speech.engine 'eleven'.")
    assert "Did you mean elevenlabs?" in problem["fix"]


def test_names_that_are_long_or_have_lines_are_shown_short_and_on_one_line(shell: Shell, tmp_path: Path) -> None:
    long, lines = "Kim" * 300, '"Kim\\nOne"'
    (tmp_path / "wrong.yaml").write_text(
        f"schema_version: 2\nsettings: {{speech: {{voices: {{{long}: [], {lines}: 5.5.5, {lines}: {{}}}}}}}}\n"
    )
    (tmp_path / "right.yaml").write_text(
        f"schema_version: 2\nsettings: {{speech: {{voices: {{{long}: Alice, {lines}: Lily}}}}}}\n"
    )
    told = [
        *shell("settings", "check", "wrong").stdout.splitlines(),
        *shell("settings", "show", "right").stdout.splitlines(),
    ]
    assert len(told) > 60
    assert max(map(len, told)) < 200
    assert any("speech.voices.KimKim" in line and "…' must be text" in line for line in told)
    assert any("'speech.voices.Kim\\nOne'" in line and "Lily" in line for line in told)


def test_a_tenant_that_lacks_a_secret_is_told_which_and_where_to_put_it(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "school.yaml").write_text("schema_version: 2\nsettings: {notion: {token_secret: OURS}}\n")
    shell.variables |= {"ESL_LIVE": "1", "S3_BUCKET": "lessons", "ESL_SPEECH_ENGINE": "local"}
    code, answer = shell.json("settings", "check", "--live")
    assert (code, subjects(answer)) == (1, {"vendors": "failed"})
    assert "school has no secret OURS" in messages(answer, "failed")
    assert "ESL_TENANT_SCHOOL__OURS" in messages(answer, "failed")


def test_what_a_student_shares_with_the_tenant_is_asked_and_told_once(
    shell: Shell, sandbox: Sandboxed, tmp_path: Path
) -> None:
    (tmp_path / "school.yaml").write_text(
        "schema_version: 2\nsettings: {speech: {voices: {Kim: Alice}}}\n"
        "students:\n  Anna: {audio: {pause_ms: 1}}\n  Ben: {speech: {voices: {Kim: Nobody}}}\n"
    )
    with sandbox.watched("notion") as seen:
        code, answer = shell.json("settings", "check", "--live")
    assert code == 1
    assert subjects(answer, "Anna") == {}
    assert subjects(answer, "Ben") == {"voices": "ok"}
    assert messages(answer, "failed").count("'Nobody'") == 1
    assert len([one for one in seen if one["path"] == "/v1/users/me"]) == 1


def test_where_notion_keeps_the_sound_no_bucket_is_written_to(shell: Shell, sandbox: Sandboxed, tmp_path: Path) -> None:
    (tmp_path / "school.yaml").write_text("schema_version: 2\nsettings: {storage: {publishing: notion}}\n")
    with sandbox.watched("s3") as seen:
        code, answer = shell.json("settings", "check", "--live")
    assert (code, seen, subjects(answer)["bucket"]) == (0, [], "ok")


def test_a_voice_that_goes_and_an_empty_quota_are_told_before_they_stop_anything(
    shell: Shell, sandbox: Sandboxed, tmp_path: Path
) -> None:
    (tmp_path / "school.yaml").write_text("schema_version: 2\nsettings: {speech: {voices: {Kim: Alice}}}\n")
    sandbox.control("elevenlabs", {"characters": 0})
    code, answer = shell.json("settings", "check", "--live")
    told = messages(answer, "warning")
    assert code == 0
    assert "speech.voices.Kim: Alice goes on 2026-12-31" in told
    assert "Nothing is left of" in told


def test_vendors_that_are_down_leave_the_answer_open(shell: Shell, sandbox: Sandboxed, tmp_path: Path) -> None:
    (tmp_path / "school.yaml").write_text("schema_version: 2\n")
    down = {"kind": "answer", "status": 529, "every": 1, "headers": {"Retry-After": "3600"}}
    with sandbox.faults({"vendor": "notion", **down}):
        code, answer = shell.json("settings", "check", "--live")
    assert (code, answer["status"]) == (3, "unavailable")
    assert subjects(answer)["notion token"] == "unavailable"
    assert subjects(answer)["bucket"] == "ok"


def test_a_wrong_document_is_not_asked_about(shell: Shell, sandbox: Sandboxed, tmp_path: Path) -> None:
    (tmp_path / "school.yaml").write_text("schema_version: 2\nsettings: {audio: {pause_ms: -1}}\n")
    with sandbox.watched() as seen:
        code, answer = shell.json("settings", "check", "--live")
    assert (code, seen, answer["tenants"][0]["findings"]) == (1, [], [])
