from __future__ import annotations

import unicodedata

import pytest

from esl_pipeline.manifests import TenantFile, read_tenant_file, resolve

FILE = """
schema_version: 2
settings:
  audio: {pause_ms: 100, end_pause_ms: 100}
students:
  Anna: {audio: {pause_ms: 200}}
  Zoë: {audio: {pause_ms: 300}}
  No: {audio: {pause_ms: 400}}
  Ben:
"""


def read(text: str = FILE) -> TenantFile:
    file, problems = read_tenant_file(text, file="school.yaml")
    assert problems == ()
    assert file is not None
    return file


def rules_of(text: str) -> list[str]:
    return [str(problem.rule) for problem in read_tenant_file(text, file="school.yaml")[1]]


@pytest.mark.parametrize(
    ("student", "pause_ms", "layer"),
    [
        ("Anna", 200, "student"),
        (" anna ", 200, "student"),
        ("ANNA", 200, "student"),
        (unicodedata.normalize("NFD", "Zoë"), 300, "student"),
        (unicodedata.normalize("NFD", "ZOË"), 300, "student"),
        ("No", 400, "student"),
        ("Ben", 100, "tenant"),
        ("Anna B", 100, "tenant"),
        ("", 100, "tenant"),
    ],
)
def test_a_student_is_found_by_name(student: str, pause_ms: int, layer: str) -> None:
    resolved = resolve(read().layers(student))
    assert (resolved.settings.audio.pause_ms, resolved.settings.audio.end_pause_ms) == (pause_ms, 100)
    assert resolved.origins["audio.pause_ms"].layer == layer
    assert resolved.origins["audio.pause_ms"].source == "school.yaml"


def test_the_name_as_it_is_written_wins() -> None:
    file = TenantFile("a", {}, {"anna": {"audio": {"pause_ms": 1}}, "Anna": {"audio": {"pause_ms": 2}}})
    assert resolve(file.layers("Anna")).settings.audio.pause_ms == 2


def test_a_student_without_a_profile_has_the_tenants_layer_alone() -> None:
    assert [layer.name for layer in read().layers("Nobody")] == ["tenant"]
    assert [layer.name for layer in read().layers("Anna")] == ["tenant", "student"]


def test_a_file_of_a_version_alone_has_no_settings() -> None:
    assert read("schema_version: 2\nsettings:\nstudents:\n").layers("Anna")[0].values == {}


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("settings: {}", ["M-VERSION"]),
        ("", ["M-VERSION"]),
        ("# only words\n", ["M-VERSION"]),
        ("{}", ["M-VERSION"]),
        ("schema_version: 1", ["M-VERSION"]),
        ("schema_version: 2\nstudent: {}", ["M-UNKNOWN"]),
        ("schema_version: 2\nstudents: [Anna]", ["M-VALUE"]),
        ("schema_version: 2\nstudents: {Anna: 3}", ["M-VALUE"]),
        ("schema_version: 2\nsettings: 3\nstudents: {Anna: {}, ANNA: {}}", ["M-VALUE", "M-DUPLICATE"]),
        ("schema_version: 2\nstudents: {Anna: {}, Anna: {}}", ["M-DUPLICATE"]),
        ("schema_version: [", ["M-SYNTAX"]),
        ("- a", ["M-SYNTAX"]),
    ],
)
def test_what_is_wrong_with_a_tenant_file_is_told(text: str, rules: list[str]) -> None:
    assert rules_of(text) == rules


def test_a_slip_in_one_profile_stops_only_that_students_lessons() -> None:
    file = read("schema_version: 2\nstudents: {Anna: {audio: {pause_ms: -1}}, Ben: {audio: {pause_ms: 5}}}")
    assert resolve(file.layers("Ben")).problems == ()
    (problem,) = resolve(file.layers("Anna")).problems
    assert (problem.file, problem.line, problem.column) == ("school.yaml", 2, 37)


def test_credentials_in_a_tenant_file_are_refused_without_being_told() -> None:
    text = "schema_version: 2\nnotion_token: ntn_1234567890\nsettings: {notion: {token: ntn_1234567890}}"
    file, problems = read_tenant_file(text, file="school.yaml")
    assert file is not None
    found = (*problems, *resolve(file.layers("")).problems)
    assert [problem.rule for problem in found] == ["M-UNKNOWN", "S-UNKNOWN"]
    assert "ntn_1234567890" not in "".join(map(str, found))
