from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from esl_pipeline.manifests.document import read_document
from esl_pipeline.manifests.manifest import read_manifest
from esl_pipeline.manifests.places import Located
from esl_pipeline.manifests.resolve import Layer, resolve
from esl_pipeline.manifests.tenant_file import read_tenant_file

TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=12,
)
FIELDS = st.sampled_from(["schema_version", "settings", "audio", "lesson", "students", "pause_ms", "2", "null"])
SIGNS = st.sampled_from(
    [":", " ", "\n", "  ", "- ", *"{}[]'\",#|>?%\t\x00\ud800", "&a", "*a", "<<", "!!", "!x ", "---\n"]
)
WORDS = FIELDS | SIGNS


@given(st.dictionaries(TEXTS, VALUES, max_size=4))
def test_what_json_writes_is_read_as_it_was(document: dict[str, Any]) -> None:
    for layout in ({}, {"indent": 2}, {"indent": "\t", "ensure_ascii": False}):
        assert read_document(json.dumps(document, **layout), "a.json") == (document, [])


@given(st.dictionaries(TEXTS, VALUES, max_size=4))
def test_what_yaml_writes_quoted_is_read_as_it_was(document: dict[str, Any]) -> None:
    content = yaml.safe_dump(document, default_style='"', allow_unicode=False)
    assert read_document(content, "a.yaml")[0] is not None


@pytest.mark.parametrize("file", ["a.yaml", "a.json", "a.md"])
@given(content=st.text(max_size=200) | st.lists(WORDS, max_size=30).map("".join))
def test_no_document_breaks_the_reader_and_every_problem_has_a_place_in_it(file: str, content: str) -> None:
    lines = content.count("\n") + 2
    reading = read_manifest(content, file=file, lesson_of=lambda _name: "")
    layers = [Layer("manifest", file, reading.manifest.settings)] if reading.manifest else []
    found = (*reading.problems, *resolve(layers).problems, *read_tenant_file(content, file=file)[1])
    for problem in found:
        assert 1 <= problem.line <= lines
        assert problem.column >= 1
        assert problem.message
        assert problem.file == file
    assert len(reading.sha256) == 64


@given(st.dictionaries(st.sampled_from(["notion", "speech", "audio", "storage"]), VALUES, max_size=4))
def test_no_settings_break_the_resolver(values: dict[str, Any]) -> None:
    assert resolve([Layer("tenant", "a.yaml", values)]).settings


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("yes", "yes"),
        ("No", "No"),
        ("on", "on"),
        ("1:30", "1:30"),
        ("2024-05-01", "2024-05-01"),
        ("0x1F", "0x1F"),
        ("1_000", "1_000"),
        ("012", 12),
        ("-3", -3),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("TRUE", True),
        ("false", False),
        ("~", None),
        ("", None),
        ("'12'", "12"),
        ("!!str 12", "12"),
        ("!!int '12'", 12),
        ("9" * 5000, "9" * 5000),
    ],
)
def test_yaml_is_read_by_its_newer_rules(text: str, value: object) -> None:
    document, problems = read_document(f"a: {text}", "a.yaml")
    assert problems == []
    assert document == {"a": value}
    assert document is not None
    assert type(document["a"]) is type(value)


def test_names_of_fields_are_always_text() -> None:
    document, _ = read_document("No: 1\n2: 2\nnull: 3\ntrue: 4", "a.yaml")
    assert document == {"No": 1, "2": 2, "null": 3, "true": 4}


def test_an_alias_is_written_out() -> None:
    assert read_document("a: &x {b: 1}\nc: *x", "a.yaml") == ({"a": {"b": 1}, "c": {"b": 1}}, [])


def test_a_bomb_of_aliases_is_refused() -> None:
    rows = ["a0: &a0 [x,x,x,x,x,x,x,x,x]"]
    rows += [f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    document, problems = read_document("\n".join(rows), "a.yaml")
    assert document is None
    assert [problem.rule for problem in problems] == ["M-LIMIT"]


@pytest.mark.parametrize("file", ["a.yaml", "a.json"])
@pytest.mark.parametrize("content", ["[" * 100_000, '{"a":' * 30_000])
def test_a_document_nested_without_end_is_refused(file: str, content: str) -> None:
    document, problems = read_document(content, file)
    assert document is None
    assert [problem.rule for problem in problems] == ["M-LIMIT"]


NOT_JSON = """nul|{'a': 1}|{a: 1}|{"a": 01}|{"a": NaN}|{"a": Infinity}|{"a": +1}|{"a": 1} x|{"a" 1}|["a" "b"]|{"a": "
"}|{"a": "\\x"}|{"a": "b|// a {}|{"a": "\\ud800"}|{"""


@pytest.mark.parametrize("content", [*NOT_JSON.split("|"), f'{{"a": {"9" * 200}}}'])
def test_what_is_no_json_is_refused(content: str) -> None:
    document, problems = read_document(content, "a.json")
    assert document is None
    assert [problem.rule for problem in problems] == ["M-SYNTAX"]


def test_fields_remember_where_they_stand() -> None:
    for file, content in (("a.yaml", "a:\n  b: [1,\n    2]\n"), ("a.json", '{"a":\n  {"b": [1,\n 2]}}')):
        document, _ = read_document(content, file)
        assert document is not None
        inner = document["a"]
        assert isinstance(inner, Located)
        assert (inner.entries["b"].key.line, inner.entries["b"].value.line) == (2, 2)
        assert inner.entries["b"].value.column > inner.entries["b"].key.column
