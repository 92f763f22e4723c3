from __future__ import annotations

import pytest

from esl_pipeline.lessons.problems import Problem, Severity
from esl_pipeline.manifests import AskingError, ManifestReading, read_manifest
from esl_pipeline.manifests.places import START
from esl_pipeline.manifests.rules import Rule, broken


def read(content: str, file: str = "week-1.yaml", lesson: str = "the lesson") -> ManifestReading:
    return read_manifest(content, file=file, lesson_of=lambda _name: lesson)


def asked_for(content: str, file: str) -> list[str]:
    """Returns which lessons are read for a manifest."""
    names: list[str] = []

    def lesson_of(name: str) -> str:
        names.append(name)
        return ""

    read_manifest(content, file=file, lesson_of=lesson_of)
    return names


@pytest.mark.parametrize("file", ["week-1.md", "WEEK 1.MD"])
def test_a_lesson_alone_is_its_own_manifest(file: str) -> None:
    reading = read("# Hello", file)
    assert reading.problems == ()
    assert (reading.lesson_text, reading.lesson_file) == ("# Hello", file)
    assert reading.manifest is not None
    assert reading.manifest.assignment is None
    assert reading.manifest.settings == {}


def test_a_manifest_says_assignment_lesson_and_settings() -> None:
    reading = read("schema_version: 2\nassignment: w1\nlesson: texts/a.md\nsettings: {audio: {pause_ms: 5}}")
    assert reading.problems == ()
    assert reading.manifest is not None
    assert (reading.manifest.assignment, reading.manifest.lesson) == ("w1", "texts/a.md")
    assert reading.manifest.settings == {"audio": {"pause_ms": 5}}
    assert (reading.lesson_text, reading.lesson_file) == ("the lesson", "texts/a.md")


def test_json_and_yaml_say_the_same() -> None:
    in_json = read('{"schema_version": 2, "assignment": "w1", "settings": {"audio": {"pause_ms": 5}}}', "a.json")
    in_yaml = read("schema_version: 2\nassignment: w1\nsettings: {audio: {pause_ms: 5}}", "a.yml")
    assert in_json.problems == in_yaml.problems == ()
    assert in_json.manifest == in_yaml.manifest


@pytest.mark.parametrize("file", ["week-1.yaml", "week-1.yml", "week-1.json", "school/week-1.YAML"])
def test_the_lesson_of_a_manifest_that_names_none_is_beside_it(file: str) -> None:
    assert asked_for('{"schema_version": 2}', file) == ["week-1.md"]
    assert asked_for('{"schema_version": 2, "lesson": null}', file) == ["week-1.md"]


def test_a_named_lesson_wins_over_the_one_beside_the_manifest() -> None:
    assert asked_for("schema_version: 2\nlesson: other.md", "week-1.yaml") == ["other.md"]


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("/etc/passwd.md", "is absolute"),
        ("~/lesson.md", "is absolute"),
        ("C:\\lessons\\a.md", "is absolute"),
        ("c:a.md", "is absolute"),
        ("\\\\server\\a.md", "is absolute"),
        ("../a.md", "leaves"),
        ("a/../../b.md", "leaves"),
        ("a\\..\\..\\b.md", "leaves"),
        ("a\\b.md", "backslash"),
        ("https://example.com/a.md", "is an address"),
        ("a.txt", "does not end in .md"),
        (".md", "does not end in .md"),
        ("", "does not end in .md"),
        ("a.md/", ""),
    ],
)
def test_a_lesson_elsewhere_is_refused_at_its_line_and_never_read(path: str, why: str) -> None:
    content = f"schema_version: 2\nlesson: '{path}'"
    problems = read(content).problems
    if not why:
        assert problems == ()
        return
    assert [(p.rule, p.line, p.column, p.file) for p in problems] == [("M-LESSON", 2, 9, "week-1.yaml")]
    assert why in problems[0].message
    assert asked_for(content, "week-1.yaml") == []


def test_a_missing_lesson_is_told_with_the_manifests_own_problems() -> None:
    def lesson_of(name: str) -> str:
        raise AskingError((broken(Rule.FILE, name, START, "It is not there."),))

    reading = read_manifest("schema_version: 2\ncolour: 1\nlesson: a.md", file="a.yaml", lesson_of=lesson_of)
    assert [problem.rule for problem in reading.problems] == ["M-UNKNOWN", "M-FILE"]
    assert reading.lesson_text is None
    assert reading.manifest is not None


def test_a_document_that_can_not_be_read_has_no_manifest_and_asks_for_no_lesson() -> None:
    assert read("a: [").manifest is None
    assert asked_for("a: [", "a.yaml") == []


def test_a_file_of_another_kind_is_refused() -> None:
    reading = read("schema_version: 2", "week-1.toml")
    assert [problem.rule for problem in reading.problems] == ["M-FILE"]
    assert reading.manifest is None


def test_a_file_that_is_too_large_is_refused() -> None:
    assert [problem.rule for problem in read("#" * 200_001).problems] == ["M-LIMIT"]


def test_the_hash_covers_manifest_and_lesson() -> None:
    content = "schema_version: 2\n"
    hashes = [
        read(content, lesson="a").sha256,
        read(content, lesson="b").sha256,
        read(content + "assignment: a\n", lesson="a").sha256,
        read("a", "a.md").sha256,
        read("b", "a.md").sha256,
    ]
    assert len(set(hashes)) == len(hashes)
    assert all(len(sha256) == 64 for sha256 in hashes)
    assert read(content, lesson="a").sha256 == hashes[0]


def test_the_hash_of_a_lesson_alone_does_not_depend_on_its_name() -> None:
    assert read("a", "a.md").sha256 == read("a", "b.md").sha256


def test_text_that_moves_between_manifest_and_lesson_changes_the_hash() -> None:
    assert read("schema_version: 2\n#x", lesson="y").sha256 != read("schema_version: 2\n#", lesson="xy").sha256


def test_a_byte_order_mark_is_ignored() -> None:
    assert read("\ufeffschema_version: 2").problems == ()
    assert read('\ufeff{"schema_version": 2}', "a.json").problems == ()


def test_a_lesson_that_is_missing_is_told_where_the_manifest_names_it() -> None:
    def lesson_of(name: str) -> str:
        raise AskingError((Problem("M-FILE", Severity.ERROR, 1, 1, "The file can't be read.", "Check.", name),))

    reading = read_manifest("schema_version: 2\nlesson: nothere.md\n", file="week.yaml", lesson_of=lesson_of)
    (problem,) = reading.problems
    assert (problem.file, problem.line, problem.column) == ("week.yaml", 2, 9)
    assert "nothere.md" in problem.message
