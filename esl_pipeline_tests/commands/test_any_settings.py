from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from esl_pipeline.cli import esl
from esl_pipeline.manifests.fields import all_fields
from esl_pipeline.manifests.settings import Settings
from esl_pipeline_tests.manifests.test_documents import VALUES, WORDS

EXAMPLES = 60
NAMES = sorted({name for field in all_fields(Settings) for name in field.path.split(".")})
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(["Anna", "x" * 700, "1e999", "é"])
GROUPS = st.recursive(
    SCALARS | VALUES,
    lambda inner: st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=5), inner, max_size=4),
    max_leaves=10,
)
DOCUMENTS = st.fixed_dictionaries(
    {"schema_version": st.just(2) | SCALARS}, optional={"settings": GROUPS, "students": GROUPS, "more": GROUPS}
)
TEXTS = st.text(max_size=200) | st.lists(WORDS, max_size=30).map("".join)
WRITTEN = {
    "yaml": TEXTS | DOCUMENTS.map(lambda document: yaml.safe_dump(document, allow_unicode=True)),
    "json": TEXTS | DOCUMENTS.map(json.dumps),
}


def encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("home")
    (home / "tenants").mkdir()
    return home


def check_one(home: Path, form: str, content: bytes) -> None:
    """Checks a document as ``esl settings check`` does, and that what it says has a place."""
    document = home / "tenants" / f"school.{form}"
    document.write_bytes(content)
    try:
        done = CliRunner(env={"ESL_HOME": str(home)}).invoke(esl, ["settings", "check", "--json"])
    finally:
        document.unlink()
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    answer: dict[str, Any] = json.loads(done.stdout)
    (one,) = answer["tenants"]
    assert done.exit_code == (1 if one["problems"] else 0)
    lines = len(content.decode("utf-8", "replace").splitlines()) + 1
    for problem in one["problems"]:
        assert (problem["file"], problem["severity"]) == (document.name, "error")
        assert 1 <= problem["line"] <= lines
        assert problem["column"] >= 1
        assert problem["message"]


@pytest.mark.parametrize("form", WRITTEN)
@settings(max_examples=EXAMPLES)
@given(chosen=st.data())
def test_whatever_stands_in_a_tenants_document_is_told_with_its_place(
    home: Path, form: str, chosen: st.DataObject
) -> None:
    check_one(home, form, encoded(chosen.draw(WRITTEN[form])))


@settings(max_examples=EXAMPLES)
@given(content=st.binary(max_size=60), form=st.sampled_from([*WRITTEN]))
def test_bytes_that_are_no_text_are_told_with_their_place(home: Path, content: bytes, form: str) -> None:
    check_one(home, form, content)


@pytest.mark.parametrize("form", WRITTEN)
@settings(max_examples=EXAMPLES)
@given(chosen=st.data())
def test_whatever_stands_in_a_manifest_is_told_with_its_place(home: Path, form: str, chosen: st.DataObject) -> None:
    manifest = home / f"week-1.{form}"
    manifest.write_bytes(encoded(chosen.draw(WRITTEN[form])))
    done = CliRunner(env={"ESL_HOME": str(home)}).invoke(esl, ["validate", str(manifest), "--json"])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    problems = json.loads(done.stdout)["problems"]
    assert done.exit_code == 1  # if nothing else, there is no lesson beside it
    assert problems
    assert all(problem["line"] >= 1 and problem["column"] >= 1 and problem["message"] for problem in problems)
