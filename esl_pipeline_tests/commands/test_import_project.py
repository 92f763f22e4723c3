"""A whole project of the predecessor, made up from its specification, moves over and goes on with the same pages."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

from esl_pipeline.sandbox.notion import HOMEWORK_DATABASE_ID, PLAIN_DATA_SOURCE_ID, PLAIN_DATABASE_ID
from esl_pipeline_tests.commands.test_cli import Shell
from esl_pipeline_tests.predecessor import OldPage, import_as_the_predecessor
from esl_pipeline_tests.sandboxed import Sandboxed

ENV = f"""
# The predecessor's own file.
NOTION_TOKEN=ntn_secret_of_the_teacher
ELEVENLABS_API_KEY='sk_secret_of_the_teacher'
AWS_REGION=eu-central-1
S3_BUCKET=esl-sandbox
S3_PREFIX=/audio/assignments/
NOTION_DB_ID={HOMEWORK_DATABASE_ID}
ELEVENLABS_SILENCE_TAIL_SECONDS=0.8
ELEVENLABS_OUTPUT_FORMAT=mp3_22050_32
ELEVENLABS_TTS_MODE=auto
NOTION_COLORIZER_THROTTLE_MS=80
ESL_PIPELINE_CACHE_ENV=1
SOMETHING_ELSE=1
EMPTY=
"""
PRESETS = {
    "b1-default": {
        "h2": "yellow_background",
        "h3": "purple_background",
        "toggleMap": {"h2": "yellow_background"},
    },
    "my-own": {"h2": "red"},
}
STUDENTS = {
    "default": {"student": "Default", "colorPreset": "b1-default", "accentPreference": "british"},
    "eva": {
        "student": "Eva",
        "dbId": PLAIN_DATABASE_ID,
        "colorPreset": "my-own",
        "voices": "eva.yml",
        "pageParentId": None,
    },
    "old": {"name": "nobody"},
}
VOICES = "auto: true\nNora: alice\nNarrator: {voice_id: x}\n"


@pytest.fixture
def shell(sandbox: Sandboxed) -> Shell:
    return Shell(sandbox)


@pytest.fixture
def tenant(assignment: str) -> str:
    """A tenant that no other test uses."""
    return f"p{assignment[1:]}"


@pytest.fixture
def project(tmp_path: Path, sandbox: Sandboxed, four_turns: str) -> Path:
    """The project with two published lessons, one of them of a student with a place of their own."""
    folder = tmp_path / "project"
    configs = folder / "configs"
    (configs / "students").mkdir(parents=True)
    (folder / ".env").write_text(ENV, "utf-8")
    (configs / "presets.json").write_text(json.dumps(PRESETS), "utf-8")
    (configs / "voices.yml").write_text(VOICES, "utf-8")
    (configs / "elevenlabs.voices.json").write_text(json.dumps(account(sandbox)), "utf-8")
    (configs / "wizard.defaults.json").write_text(json.dumps({"withTts": True, "prefix": "lessons/"}), "utf-8")
    for name, profile in STUDENTS.items():
        (configs / "students" / f"{name}.json").write_text(json.dumps(profile), "utf-8")
    publish(folder / "lessons" / "at-the-station", four_turns, sandbox)
    publish(folder / "lessons" / "for-eva", of_eva(four_turns), sandbox, PLAIN_DATA_SOURCE_ID)
    (folder / "node_modules").mkdir()
    (folder / "node_modules" / "x.manifest.json").write_text("{}", "utf-8")
    return folder


def account(sandbox: Sandboxed) -> dict[str, Any]:
    """The account's voices, as the predecessor's program wrote them down."""
    answer = requests.get(f"{sandbox.at.elevenlabs_url}/v2/voices", headers={"xi-api-key": "any"}, timeout=10)
    answer.raise_for_status()
    kept = ("name", "category", "labels")
    return {
        "voices": [
            {"id": voice["voice_id"], **{name: voice[name] for name in kept}, "preview_url": None}
            for voice in answer.json()["voices"]
        ]
    }


def of_eva(text: str) -> str:
    return text.replace("student: Ada", "student: Eva")


def publish(path: Path, text: str, sandbox: Sandboxed, place: str = "") -> OldPage:
    """What the predecessor left: a lesson, its page and its manifest."""
    from esl_pipeline.sandbox.notion import HOMEWORK_DATA_SOURCE_ID

    path.parent.mkdir(exist_ok=True)
    path.with_suffix(".md").write_text(text, "utf-8")
    page = import_as_the_predecessor(sandbox, text, place or HOMEWORK_DATA_SOURCE_ID)
    path.with_suffix(".manifest.json").write_text(page.manifest(), "utf-8")
    return page


def reasons(answer: dict[str, Any]) -> dict[str, str]:
    return {one["source"]: one["reason"] for one in answer["left"]}


def page_of(project: Path, name: str) -> str:
    page_id: str = json.loads((project / "lessons" / f"{name}.manifest.json").read_text("utf-8"))["pageId"]
    return page_id


def test_a_project_moves_over_and_its_lessons_go_on_with_their_pages_and_voices(
    shell: Shell, project: Path, tenant: str, sandbox: Sandboxed
) -> None:
    code, answer = shell.json("import-project", project, "--tenant", tenant)
    assert code == 0, answer
    assert {page["assignment"]: page["status"] for page in answer["pages"]} == {
        f"{tenant}/at-the-station": "adopted",
        f"{tenant}/for-eva": "adopted",
    }
    for name in ("at-the-station", "for-eva"):
        lesson = project / "lessons" / f"{name}.md"
        code, record = shell.json("publish", lesson, "--tenant", tenant, "--assignment", name)
        assert (code, record["page"]["id"]) == (0, page_of(project, name)), record
    assert [page["id"] for page in sandbox.pages(f"{tenant}/at-the-station")] == [page_of(project, "at-the-station")]
    publication = sandbox.pipeline().providers.publications.read(tenant, "at-the-station")
    assert publication is not None
    assert publication.speech is not None
    alice = next(voice["id"] for voice in account(sandbox)["voices"] if voice["name"] == "Alice")
    assert {one.speaker: one.voice_id for one in publication.speech.segments}["Nora"] == alice
    code, again = shell.json("import-project", project, "--tenant", tenant)
    assert (code, again["written"], {page["status"] for page in again["pages"]}) == (0, False, {"unchanged"})


def test_the_commands_of_the_documentation_move_a_project_over(
    shell: Shell, project: Path, tenant: str, sandbox: Sandboxed
) -> None:
    text = (Path(__file__).parents[2] / "docs" / "migrating.md").read_text("utf-8")
    block = text.partition("## A project of the TypeScript pipeline")[2].partition("```sh\n")[2].partition("```")[0]
    commands = [line.removeprefix(".venv/bin/esl ") for line in block.splitlines()]
    assert [command.split()[0] for command in commands] == ["import-project", "import-project", "settings", "publish"]
    for command in commands:
        mine = command.replace("my-lessons", str(project)).replace("my-school", tenant)
        done = shell(*mine.split())
        assert done.exit_code == 0, f"{mine}: {done.output}"
    (page,) = sandbox.pages(f"{tenant}/at-the-station")
    assert page["id"] == page_of(project, "at-the-station")


def test_what_was_taken_over_is_told_and_a_suspended_tenant_gets_nothing(
    shell: Shell, project: Path, tenant: str, sandbox: Sandboxed
) -> None:
    assert shell("tenants", "suspend", tenant, "--reason", "not paid").exit_code == 0
    refused = shell("import-project", project, "--tenant", tenant)
    assert (refused.exit_code, "not paid" in str(refused.exception)) == (1, True)
    assert not (sandbox.home / "tenants" / f"{tenant}.yaml").exists()
    assert shell("tenants", "resume", tenant).exit_code == 0
    for _ in range(2):
        assert shell("import-project", project, "--tenant", tenant).exit_code == 0
    entries = [*sandbox.pipeline().providers.audit.entries(tenant)]
    told = [(entry.action, entry.assignment) for entry in entries[2:]]
    assert told == [("tenant.import", ""), ("adopt", "at-the-station"), ("adopt", "for-eva")]
    assert {entry.actor.partition(":")[0] for entry in entries} == {"shell"}


def test_the_document_has_what_the_predecessor_used_and_no_credential(
    shell: Shell, project: Path, tenant: str, sandbox: Sandboxed
) -> None:
    done = shell("import-project", project, "--tenant", tenant)
    assert done.exit_code == 0, done.output
    text = (sandbox.home / "tenants" / f"{tenant}.yaml").read_text("utf-8")
    document = yaml.safe_load(text)
    alice = document["settings"]["speech"]["voices"].pop("Nora")
    assert document == {
        "schema_version": 2,
        "settings": {
            "notion": {"database_id": HOMEWORK_DATABASE_ID, "preset": "b1-default"},
            "speech": {"default_accent": "british", "voices": {}},
            "storage": {"bucket": "esl-sandbox", "prefix": "lessons"},
            "audio": {"end_pause_ms": 800},
        },
        "students": {"Eva": {"notion": {"database_id": PLAIN_DATABASE_ID}}},
    }
    assert alice in {voice["id"] for voice in account(sandbox)["voices"]}
    assert "secret" not in text + done.output
    code, shown = shell.json("settings", "show", tenant, "--student", "Eva")
    assert code == 0
    assert PLAIN_DATABASE_ID in json.dumps(shown)


def test_what_is_not_taken_over_is_told_with_its_reason(shell: Shell, project: Path, tenant: str) -> None:
    _, answer = shell.json("import-project", project, "--tenant", tenant, "--dry-run")
    found = reasons(answer)
    assert set(found) == {
        ".env NOTION_TOKEN",
        ".env ELEVENLABS_API_KEY",
        ".env AWS_REGION",
        ".env ELEVENLABS_OUTPUT_FORMAT",
        ".env ELEVENLABS_TTS_MODE",
        ".env NOTION_COLORIZER_THROTTLE_MS",
        ".env ESL_PIPELINE_CACHE_ENV",
        ".env SOMETHING_ELSE",
        "presets.json my-own",
        "eva.json colorPreset",
        "eva.json voices",
        "old.json",
        "voices.yml Narrator",
        "wizard.defaults.json withTts",
    }
    assert "no variable of the predecessor's" in found[".env SOMETHING_ELSE"]
    assert "no preset 'my-own'" in found["eva.json colorPreset"]
    assert all(reason.endswith(".") for reason in found.values())


def test_a_dry_run_changes_nothing(shell: Shell, project: Path, tenant: str, sandbox: Sandboxed) -> None:
    with sandbox.watched("notion") as seen:
        code, answer = shell.json("import-project", project, "--tenant", tenant, "--dry-run")
    assert (code, answer["written"], {page["status"] for page in answer["pages"]}) == (0, True, {"planned"})
    assert not (sandbox.home / "tenants" / f"{tenant}.yaml").exists()
    assert sandbox.pipeline().providers.publications.read(tenant, "at-the-station") is None
    assert {entry["method"] for entry in seen} <= {"GET", "POST"}
    assert [entry["path"] for entry in seen if entry["method"] == "POST" and not entry["path"].endswith("query")] == []


def test_a_document_that_is_there_stays_and_holds(shell: Shell, project: Path, tenant: str, sandbox: Sandboxed) -> None:
    file = sandbox.home / "tenants" / f"{tenant}.yaml"
    file.parent.mkdir(exist_ok=True)
    file.write_text(f"schema_version: 2\nsettings:\n  notion:\n    database_id: {PLAIN_DATABASE_ID}\n", "utf-8")
    before = file.read_bytes()
    code, answer = shell.json("import-project", project, "--tenant", tenant)
    assert file.read_bytes() == before
    assert code == 1
    refused = {page["assignment"].partition("/")[2]: page["error"]["code"] for page in answer["pages"] if page["error"]}
    assert refused == {"at-the-station": "outside_target"}


def test_two_manifests_of_one_name_and_damaged_files_are_told(
    shell: Shell, project: Path, tenant: str, four_turns: str, sandbox: Sandboxed
) -> None:
    publish(project / "later" / "at-the-station", four_turns, sandbox)
    (project / "later" / "Урок.manifest.json").write_text("{}", "utf-8")
    (project / "later" / "broken.manifest.json").write_text("{", "utf-8")
    (project / "configs" / "voices.yml").write_text("a: [", "utf-8")
    (project / "configs" / "presets.json").write_text("[]", "utf-8")
    (project / "configs" / "students" / "more.json").write_text('{"student": "EVA"}', "utf-8")
    code, answer = shell.json("import-project", project, "--tenant", tenant, "--dry-run")
    found = reasons(answer)
    assert code == 1
    assert found["voices.yml"] == "It is no YAML."
    assert found["presets.json"] == "It holds no fields."
    assert "already" in found["more.json"]
    assert "esl import-manifest" in found["later/Урок.manifest.json"]
    assert "later/at-the-station.manifest.json has that name too" in found["lessons/at-the-station.manifest.json"]
    assert {page["assignment"].partition("/")[2]: page["status"] for page in answer["pages"]} == {
        "at-the-station": "planned",
        "broken": "rejected",
        "for-eva": "planned",
    }


def test_students_may_stand_in_one_file(shell: Shell, project: Path, tenant: str) -> None:
    profiles = [{"student": "Max", "accentPreference": "american"}, {"student": "Ida", "dbId": [1]}]
    (project / "configs" / "students.json").write_text(json.dumps(profiles), "utf-8")
    _, answer = shell.json("import-project", project, "--tenant", tenant, "--dry-run")
    assert answer["document"]["students"]["Max"] == {"speech": {"default_accent": "american"}}
    assert "notion.database_id" in reasons(answer)["students.json 2 dbId"]
    assert "Ida" not in answer["document"]["students"]


def test_where_settings_are_not_in_a_folder_the_document_goes_where_one_says(
    shell: Shell, project: Path, tenant: str, tmp_path: Path
) -> None:
    shell.variables |= {"ESL_TENANTS": "s3://settings/tenants"}
    refused = shell("import-project", project, "--tenant", tenant)
    assert (refused.exit_code, "--out" in refused.output) == (2, True)
    done = shell("import-project", project, "--tenant", tenant, "--out", tmp_path / "mine.yaml")
    assert done.exit_code == 0, done.output
    assert yaml.safe_load((tmp_path / "mine.yaml").read_text("utf-8"))["settings"]["storage"]["bucket"] == "esl-sandbox"
