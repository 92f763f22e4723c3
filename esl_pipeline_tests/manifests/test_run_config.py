from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from esl_pipeline.manifests import Layer, parse_assignments, resolve
from esl_pipeline.manifests.fields import all_fields
from esl_pipeline.manifests.settings import Settings


@pytest.mark.parametrize(
    ("assignment", "values"),
    [
        ("audio.pause_ms=900", {"audio": {"pause_ms": 900}}),
        (" audio.pause_ms = 900 ", {"audio": {"pause_ms": 900}}),
        ("notion.overwrite_edits=true", {"notion": {"overwrite_edits": True}}),
        ("notion.preset=no", {"notion": {"preset": "no"}}),
        ("notion.preset='a: b'", {"notion": {"preset": "a: b"}}),
        ('notion.preset="a\\tb"', {"notion": {"preset": "a\tb"}}),
        ("notion.preset=a: b", {"notion": {"preset": "a: b"}}),
        ("notion.preset=a #b", {"notion": {"preset": "a #b"}}),
        ("notion.preset=#b", {"notion": {"preset": "#b"}}),
        ("notion.preset=[a]", {"notion": {"preset": "[a]"}}),
        ("notion.preset=*a", {"notion": {"preset": "*a"}}),
        ("notion.preset=!!python/name:os.system", {"notion": {"preset": "!!python/name:os.system"}}),
        ("notion.preset='a", {"notion": {"preset": "'a"}}),
        ("notion.preset='a' b", {"notion": {"preset": "'a' b"}}),
        ("notion.preset=a=b", {"notion": {"preset": "a=b"}}),
        ("storage.bucket=", {"storage": {"bucket": None}}),
        ("storage.bucket=null", {"storage": {"bucket": None}}),
        ("speech.voices.Kim=Alice", {"speech": {"voices": {"Kim": "Alice"}}}),
        ("speech.voices.Ms. Kim=Alice", {"speech": {"voices": {"Ms. Kim": "Alice"}}}),
        ("speech.voice_settings.speed=0.9", {"speech": {"voice_settings": {"speed": 0.9}}}),
    ],
)
def test_a_setting_is_read(assignment: str, values: dict[str, Any]) -> None:
    assert parse_assignments([assignment]) == (values, ())


def test_the_later_of_two_wins() -> None:
    values, problems = parse_assignments(["audio.pause_ms=1", "audio.end_pause_ms=2", "audio.pause_ms=3"])
    assert values == {"audio": {"pause_ms": 3, "end_pause_ms": 2}}
    assert problems == ()


@pytest.mark.parametrize(
    ("assignment", "rule", "fix"),
    [
        ("audio.pause_ms", "S-FORM", "Write key=value, such as audio.pause_ms=900."),
        ("=900", "S-FORM", "Write key=value, such as audio.pause_ms=900."),
        ("", "S-FORM", "Write key=value, such as audio.pause_ms=900."),
        ("audio.pause=900", "S-UNKNOWN", "Did you mean audio.pause_ms?"),
        ("pause_ms=900", "S-UNKNOWN", "Did you mean audio.pause_ms?"),
        ("audoi.pause_ms=900", "S-UNKNOWN", "Did you mean audio.pause_ms?"),
        ("speech.voice_settings.sped=1", "S-UNKNOWN", "Did you mean speech.voice_settings.speed?"),
        ("audio.pause_ms.x=1", "S-UNKNOWN", "Did you mean audio.pause_ms?"),
        ("speech.voices.=Alice", "S-UNKNOWN", "Did you mean speech.voices?"),
        ("audio=900", "S-UNKNOWN", "audio is a group: name one of its settings, such as audio.pause_ms."),
        (
            "notion.token=x",
            "S-UNKNOWN",
            "Credentials are given by environment variables such as NOTION_TOKEN, never in settings.",
        ),
        ("notion.preset=a\x00", "M-SYNTAX", "Remove it."),
    ],
)
def test_what_is_wrong_is_told_with_its_number_and_left_out(assignment: str, rule: str, fix: str) -> None:
    values, problems = parse_assignments(["audio.end_pause_ms=1", assignment])
    assert values == {"audio": {"end_pause_ms": 1}}
    assert [(p.rule, p.line, p.file, p.fix) for p in problems] == [(rule, 2, "run config", fix)]


def test_values_of_unknown_settings_and_texts_that_are_no_setting_are_not_told() -> None:
    _, problems = parse_assignments(["notion.token=ntn_secret", "ntn_secret", "colour=ntn_secret"])
    assert len(problems) == 3
    assert "ntn_secret" not in "".join(map(str, problems))


def test_a_wrong_value_is_told_by_its_number() -> None:
    values, _ = parse_assignments(["audio.end_pause_ms=1", "audio.pause_ms=loud"])
    (problem,) = resolve([Layer("run config", "run config", values)]).problems
    assert (problem.rule, problem.file, problem.line) == ("S-VALUE", "run config", 2)


def test_a_number_is_a_fine_text() -> None:
    values, _ = parse_assignments(["notion.database_id=00123", "speech.voices.Kim=7"])
    settings = resolve([Layer("run config", "run config", values)]).settings
    assert settings.notion.database_id == "00123"
    assert settings.speech.voices == {"Kim": "7"}


@given(
    st.lists(st.text() | st.tuples(st.sampled_from([f.path for f in all_fields(Settings)]), st.text()).map("=".join))
)
def test_nothing_that_is_typed_breaks_the_reader(assignments: list[str]) -> None:
    values, problems = parse_assignments(assignments)
    resolved = resolve([Layer("run config", "run config", values)])
    assert all(1 <= problem.line <= len(assignments) for problem in (*problems, *resolved.problems))
