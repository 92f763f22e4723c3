from __future__ import annotations

from collections.abc import Iterator

import pytest

from esl_pipeline_tests.commands.test_cli import Shell
from esl_pipeline_tests.sandboxed import Sandboxed
from esl_pipeline_tests.stages.speech_stage import LINES, publication, short, speak


@pytest.fixture
def shell(sandbox: Sandboxed) -> Iterator[Shell]:
    """``esl`` over an account that is put back afterwards."""
    yield Shell(sandbox)
    sandbox.control("elevenlabs", {})


def test_voices_says_who_can_speak_where_and_until_when(
    shell: Shell, sandbox: Sandboxed, four_turns: str, assignment: str
) -> None:
    speak(sandbox, short(four_turns, assignment), assignment)
    speech = publication(sandbox, assignment).speech
    assert speech is not None
    with sandbox.watched("elevenlabs") as seen:
        code, answer = shell.json("voices", assignment)
    assert (code, seen, answer["engine"]) == (0, [], "elevenlabs")
    used = {voice["name"]: voice for voice in answer["voices"] if voice["used_in"]}
    assert set(used) == {one.voice_name for one in speech.cast}
    assert all(voice["until"] == "2026-12-31" and "speech.voices" in voice["advice"] for voice in used.values())
    told = shell("voices", assignment).stdout
    assert all(name.split()[0] in told for name in used)
    assert "It speaks in lesson." in told


def test_voices_sync_says_what_changed(shell: Shell, sandbox: Sandboxed, assignment: str) -> None:
    _, before = shell.json("voices", assignment)
    gone = before["voices"][0]["name"]
    sandbox.control("elevenlabs", {"withdrawn_voices": [gone]})
    assert shell.json("voices", assignment)[1]["voices"] == before["voices"]
    code, after = shell.json("voices", assignment, "--sync")
    assert (code, after["added"], after["removed"]) == (0, [], [gone])
    assert gone not in [voice["name"] for voice in after["voices"]]
    sandbox.control("elevenlabs", {})
    assert f"added: {gone}" in shell("voices", assignment, "--sync").stdout


def test_usage_says_what_a_month_cost(shell: Shell, sandbox: Sandboxed, four_turns: str, assignment: str) -> None:
    speak(sandbox, short(four_turns, assignment), assignment)
    billed = sum(len(f"{assignment[2:8]}: {line}") for line in LINES)
    code, answer = shell.json("usage", "--tenant", assignment)
    assert (code, answer["total"]["characters"], answer["total"]["credits"]) == (0, billed, billed)
    assert {row["tenant"] for row in answer["rows"]} == {assignment}
    assert sum(row["segments"] for row in answer["rows"]) == 4
    assert shell.json("usage")[1]["total"]["characters"] >= billed
    told = shell("usage", "--tenant", assignment).stdout
    assert f"{billed} characters, {billed} credits, $0.02" in told


def test_usage_says_what_a_killed_run_left_open(
    shell: Shell, sandbox: Sandboxed, four_turns: str, assignment: str
) -> None:
    speak(sandbox, short(four_turns, assignment), assignment)
    books = sandbox.pipeline().providers.usage
    [month] = [month for tenant, month in books.months() if tenant == assignment]
    asked = books.lines(assignment, month)[-1].model_copy(
        update={"kind": "asked", "sha256": "e" * 64, "characters": 1234, "usd": 0.25}
    )
    books.add(assignment, month, lambda _: [asked])
    assert "reserved or on their way: 1,234 characters, $0.25" in shell("usage", "--tenant", assignment).stdout


def test_usage_of_a_month_without_speech_is_nothing(shell: Shell, assignment: str) -> None:
    code, answer = shell.json("usage", "--tenant", assignment, "--month", "2026-01")
    assert (code, answer["rows"], answer["total"]["usd"]) == (0, [], 0)


@pytest.mark.parametrize("month", ["november", "2026-13", "2026-1"])
def test_a_month_that_is_none_is_wrong_usage(shell: Shell, month: str) -> None:
    done = shell("usage", "--month", month)
    assert done.exit_code == 2
    assert "write it as 2026-11" in done.stderr
