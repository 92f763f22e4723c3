from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from esl_pipeline.cli import esl
from esl_pipeline_tests.sandboxed import Sandboxed


class Shell:
    """Runs ``esl`` in the home of a sandbox."""

    def __init__(self, sandbox: Sandboxed) -> None:
        self.variables = {"ESL_HOME": str(sandbox.home), "ESL_SANDBOX_PORT": str(sandbox.at.base_port)}

    def __call__(self, *arguments: str | Path) -> Result:
        return CliRunner(env=self.variables).invoke(esl, [str(argument) for argument in arguments])

    def json(self, *arguments: str | Path) -> tuple[int, dict[str, Any]]:
        """The exit code, and stdout as the one JSON object that it must be."""
        done = self(*arguments, "--json")
        return done.exit_code, json.loads(done.stdout)


@pytest.fixture
def shell(sandbox: Sandboxed) -> Shell:
    return Shell(sandbox)


def test_publish_says_in_json_what_stands_where(
    shell: Shell, sandbox: Sandboxed, four_turns: str, assignment: str
) -> None:
    code, record = shell.json(
        "publish", sandbox.write(four_turns, assignment), "--tenant", "school", "--assignment", assignment
    )
    assert code == 0
    assert record["assignment"] == f"school/{assignment}"
    assert record["status"] == "succeeded"
    assert {"id", "url", "requests"} <= record["page"].keys()
    assert {"path", "url", "sha256", "duration_s", "characters_billed", "segments"} <= record["audio"].keys()
    assert {"speaker", "voice", "text", "start_s", "end_s", "cached"} <= record["audio"]["segments"][0].keys()
    assert len(record["stages"]) == 6
    assert Path(record["audio"]["path"]).is_file()


def test_status_and_rerun_know_what_was_published(
    shell: Shell, sandbox: Sandboxed, four_turns: str, assignment: str
) -> None:
    key = f"school/{assignment}"
    shell("publish", sandbox.write(four_turns, assignment), "--tenant", "school", "--assignment", assignment)
    code, status = shell.json("status", key)
    assert (code, status["state"]) == (0, "published")
    code, record = shell.json("rerun", key, "--steps", "page,attach", "--force")
    assert code == 0
    assert [stage["stage"] for stage in record["stages"]] == ["notion_page", "notion_audio"]
    assert record["page"]["id"] == status["page"]["id"]
    code, record = shell.json("rerun", key, "--steps", "speech,upload", "--force")
    assert code == 0
    assert record["audio"]["characters_billed"] == 0


def test_a_broken_lesson_exits_with_1_and_all_its_problems(
    shell: Shell, sandbox: Sandboxed, four_turns: str, assignment: str
) -> None:
    broken = sandbox.write(four_turns.replace("level: B1\n", "").replace("## 4.", "## 44."), assignment)
    code, answer = shell.json("validate", broken)
    assert (code, answer["ok"]) == (1, False)
    assert {"V-FM", "V-H2M"} <= {problem["rule"] for problem in answer["problems"]}
    code, record = shell.json("publish", broken, "--tenant", "school", "--assignment", assignment)
    assert (code, record["status"]) == (1, "rejected")
    assert {"rule", "severity", "line", "column", "message"} <= record["problems"][0].keys()
    done = shell("validate", broken)
    assert f"{broken.name}:" in done.output


def test_a_warning_is_an_error_only_when_strict(
    shell: Shell, sandbox: Sandboxed, four_turns: str, assignment: str
) -> None:
    path = sandbox.write(four_turns.replace("input_type: generate", "input_type: other"), assignment)
    assert shell.json("validate", path)[0] == 0
    assert shell.json("validate", path, "--strict")[0] == 1


def test_a_dry_run_leaves_nothing_behind(shell: Shell, sandbox: Sandboxed, four_turns: str, assignment: str) -> None:
    path = sandbox.write(four_turns, assignment)
    code, record = shell.json("publish", path, "--tenant", "school", "--assignment", assignment, "--dry-run")
    assert (code, record["status"]) == (0, "planned")
    assert shell.json("status", f"school/{assignment}")[1]["state"] == "unknown"


def test_a_setting_of_the_run_is_taken_and_a_wrong_one_is_a_problem(
    shell: Shell, sandbox: Sandboxed, four_turns: str, assignment: str
) -> None:
    to = ("publish", sandbox.write(four_turns, assignment), "--tenant", "school", "--assignment", assignment)
    before = shell.json(*to)[1]["audio"]["duration_s"]
    after = shell.json(*to, "--set", "audio.pause_ms=1600")[1]["audio"]["duration_s"]
    assert after == pytest.approx(before + 3.0, abs=0.01)
    code, record = shell.json(*to, "--set", "audio.pause=1")
    assert code == 1
    assert "pause_ms" in record["problems"][0]["message"] + record["problems"][0]["fix"]


def test_a_vendor_that_stays_away_exits_with_3(
    shell: Shell, sandbox: Sandboxed, four_turns: str, assignment: str
) -> None:
    path = sandbox.write(four_turns.replace("I have packed", "Well well, I have packed"), assignment)
    away = {"vendor": "elevenlabs", "path": "text-to-speech", "every": 1, "kind": "429", "retry_after": 600}
    with sandbox.faults(away):
        code, record = shell.json("publish", path, "--tenant", "school", "--assignment", assignment)
    assert (code, record["status"]) == (3, "unavailable")


@pytest.mark.parametrize(
    "arguments",
    [
        ["publish"],
        ["publish", "missing.md", "--tenant", "school"],
        ["rerun", "school/x", "--steps", "dance"],
        ["publish", __file__, "--tenant", "Not A Slug"],
        ["dance"],
    ],
)
def test_wrong_usage_exits_with_2(shell: Shell, arguments: list[str]) -> None:
    assert shell(*arguments).exit_code == 2


def test_an_assignment_that_was_never_published_is_said_so(shell: Shell) -> None:
    code, status = shell.json("status", "school/never")
    assert (code, status["state"]) == (1, "unknown")
    assert shell("rerun", "school/never", "--steps", "page").exit_code == 1


def esl_process(*arguments: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Runs ``esl`` as a shell does."""
    command = [sys.executable, "-c", "from esl_pipeline.cli import main; main()", *map(str, arguments)]
    kept = {"PATH": os.environ["PATH"]}
    return subprocess.run(command, env=kept | variables, capture_output=True, text=True, timeout=60)


def test_expected_failures_are_one_line_and_no_traceback(tmp_path: Path) -> None:
    done = esl_process("status", "school/x", ESL_HOME=str(tmp_path), NOTION_TOKEN="ntn_marked")
    assert done.returncode == 1
    assert "but not ELEVENLABS_API_KEY" in done.stderr
    assert "Traceback" not in done.stderr
    assert "ntn_marked" not in done.stderr + done.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "status"),
    [
        (["rerun", "school/never", "--steps", "page"], 1, "rejected"),
        (["rerun", "Not A Slug", "--steps", "page"], 2, "rejected"),
        (["rerun", "school/never", "--steps", "dance"], 2, "usage"),
        (["publish", "missing.md", "--tenant", "school"], 2, "usage"),
    ],
)
def test_a_command_that_can_not_begin_answers_in_json_too(
    tmp_path: Path, arguments: list[str], code: int, status: str
) -> None:
    done = esl_process(*arguments, "--json", ESL_HOME=str(tmp_path))
    answer = json.loads(done.stdout)
    assert (done.returncode, answer["status"]) == (code, status)
    assert answer["error"]["message"]
    assert "Traceback" not in done.stderr


def test_a_home_that_is_no_folder_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = esl_process("status", "school/x", ESL_HOME=str(tmp_path / "file" / "home"))
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_validate_needs_no_credentials_whatever_is_set(tmp_path: Path, examples: list[Path]) -> None:
    done = esl_process("validate", examples[0], ESL_HOME=str(tmp_path), NOTION_TOKEN="ntn_marked")
    assert done.returncode == 0, done.stderr


def test_an_empty_lesson_and_what_is_no_file_are_refused(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "empty.md").touch()
    (tmp_path / "zero.md").symlink_to("/dev/zero")
    for name in ("empty.md", "zero.md"):
        code, answer = shell.json("validate", tmp_path / name)
        assert (code, answer["ok"]) == (1, False)
        assert answer["problems"]
    code, record = shell.json("publish", tmp_path / "empty.md", "--tenant", "school")
    assert (code, record["status"]) == (1, "rejected")


def test_a_file_name_that_would_lose_letters_asks_for_a_name(shell: Shell, sandbox: Sandboxed, four_turns: str) -> None:
    path = sandbox.write(four_turns, "Урок 1")
    done = shell("publish", path, "--tenant", "school")
    assert done.exit_code == 2
    assert "--assignment" in done.output


def test_a_second_publication_at_the_same_time_says_that_it_did_nothing(
    shell: Shell, sandbox: Sandboxed, four_turns: str, assignment: str
) -> None:
    path = sandbox.write(four_turns, assignment)
    store = sandbox.pipeline().providers.publications
    with store.lease("school", assignment):
        code, record = shell.json("publish", path, "--tenant", "school", "--assignment", assignment)
    assert (code, record["status"]) == (3, "unavailable")
    assert "Another run works on" in record["stages"][0]["error"]["message"]
    assert sandbox.pipeline().assignment_status("school", assignment).state == "unknown"


def test_checks_that_look_at_the_vendors_afterwards_are_in_the_answer(
    shell: Shell, sandbox: Sandboxed, four_turns: str, assignment: str
) -> None:
    path = sandbox.write(four_turns, assignment)
    record = shell.json("publish", path, "--tenant", "school", "--assignment", assignment)[1]
    assert {check["name"]: check["passed"] for check in record["checks"]}["audio_is_attached"] is True
