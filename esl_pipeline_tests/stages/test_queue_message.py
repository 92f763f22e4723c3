from __future__ import annotations

import json
from typing import Any

import pytest

from esl_pipeline.manifests.run_config import parse_assignments
from esl_pipeline.stages.asking import AskingError, unreadable
from esl_pipeline.stages.queue_message import PoisonError, QueueMessage, read_message

LEAST = {"schema_version": 1, "tenant": "school", "assignment": "week-1"}


def message(**fields: Any) -> QueueMessage:
    return read_message(json.dumps(LEAST | fields))


def nowhere(name: str) -> str:
    raise AskingError((unreadable(name, "It is not there.", ""),))


def test_the_least_message_names_an_assignment() -> None:
    assert message().manifest_text(nowhere) is None


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("", "JSON"),
        ("Hello!", "JSON"),
        ("[]", "object"),
        (json.dumps({"tenant": "school", "assignment": "a"}), "schema_version"),
        (json.dumps(LEAST | {"schema_version": 2}), "schema_version"),
        (json.dumps(LEAST | {"schema_version": True}), "schema_version"),
        (json.dumps(LEAST | {"tenant": "No Such"}), "tenant: .*'no-such'"),
        (json.dumps(LEAST | {"tenant": "../x"}), "tenant"),
        (json.dumps(LEAST | {"assignment": "con"}), "assignment"),
        (json.dumps(LEAST | {"lession": "x"}), "lession"),
        (json.dumps(LEAST | {"lesson": ""}), "lesson"),
        (json.dumps(LEAST | {"lesson": 7}), "lesson"),
        (json.dumps(LEAST | {"manifest_path": "/etc/passwd.md"}), "manifest_path"),
        (json.dumps(LEAST | {"manifest_path": "../other/a.md"}), "manifest_path"),
        (json.dumps(LEAST | {"manifest_path": "a.txt"}), "manifest_path"),
        (json.dumps(LEAST | {"manifest_path": "a.md", "lesson": "x"}), "not both"),
        (json.dumps(LEAST | {"settings": {"no key": 1}}), "settings"),
        (json.dumps(LEAST | {"settings": {"audio.pause_ms": [1]}}), "settings"),
        (json.dumps(LEAST | {"requested_by": "a\nb"}), "requested_by"),
        ("[" * 5000, "recursion|JSON"),
        ('{"schema_version": 1, "tenant": "a", "tenant": "b", "assignment": "x"}', "tenant: it is given twice"),
        (json.dumps(LEAST)[:-1] + ', "settings": {"a.b": 1, "a.b": 2}}', "a.b: it is given twice"),
        (json.dumps(LEAST | {"bogus": 1}), "bogus: there is no such field"),
    ],
)
def test_what_is_no_message_is_told_with_its_field(body: str, reason: str) -> None:
    with pytest.raises(PoisonError, match=reason):
        read_message(body)


def test_what_stands_in_a_message_is_not_told() -> None:
    with pytest.raises(PoisonError) as raised:
        message(secret="sk-123456")
    assert "sk-123456" not in str(raised.value)


def test_a_lesson_is_its_own_manifest() -> None:
    text = message(lesson="# One").manifest_text(nowhere)
    assert text is not None
    assert (text.file, text.read().lesson_text) == ("week-1.md", "# One")


def test_a_manifest_has_the_lesson_that_is_brought_with_it() -> None:
    manifest = {"schema_version": 2, "settings": {"audio": {"pause_ms": 900}}}
    text = message(manifest=manifest, lesson="# One").manifest_text(nowhere)
    assert text is not None
    reading = text.read()
    assert (reading.lesson_text, reading.problems) == ("# One", ())
    assert reading.manifest is not None
    assert reading.manifest.settings["audio"]["pause_ms"] == 900


def test_a_manifest_without_a_lesson_has_the_one_that_it_names() -> None:
    text = message(manifest={"schema_version": 2, "lesson": "one.md"}).manifest_text(lambda name: f"text of {name}")
    assert text is not None
    assert text.read().lesson_text == "text of one.md"


@pytest.mark.parametrize("value", [900, 1.5, True, "900", "yes", "", "a: b # c", 'q"uote\\', "ü→", "null"])
def test_settings_are_what_they_were_in_the_message(value: object) -> None:
    found, problems = parse_assignments(message(settings={"audio.album": value}).overrides)
    assert problems == ()
    assert found["audio"]["album"] == value
