"""Whatever stands in the environment or is set for a run is told by its name; nothing ends in a traceback."""

from __future__ import annotations

import json
import os
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from unittest.mock import patch

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from esl_pipeline.cli import main
from esl_pipeline.manifests.fields import all_fields
from esl_pipeline.manifests.settings import Settings
from esl_pipeline.manifests.variables import VARIABLES
from esl_pipeline.stages.asking import manifest_file
from esl_pipeline.stages.create_pipeline import create_pipeline
from esl_pipeline.stages.environment import ConfigurationError, read_environment
from esl_pipeline.stages.job import JobOptions
from esl_pipeline.stores.secrets import SecretRefusedError
from esl_pipeline_tests.commands.test_any_settings import DOCUMENTS, EXAMPLES

PLACES = (
    "ESL_STATE",
    "ESL_ARTIFACTS",
    "ESL_TENANTS",
    "ESL_INBOX",
    "ESL_SECRETS",
    "ESL_LIVE",
    "ESL_LOG",
    "ESL_SANDBOX_PORT",
)
SETTINGS = sorted({variable.name for variable in VARIABLES})
MANY_DIGITS = "9" * 5000
LETTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
TEXTS = st.text(LETTERS, max_size=30) | st.sampled_from(
    [MANY_DIGITS, "1e999", "-1", "nan", "٣", "²", "s3://", "..", "x" * 700]
)
ADDRESSES = st.tuples(
    st.sampled_from(["s3://", "https://", "http://", "postgresql://", "files:", "aws-ssm:", ""]), TEXTS
).map("".join)
PATHS = [field.path for field in all_fields(Settings)]
ASSIGNMENTS = st.tuples(
    st.sampled_from([*PATHS, "speech.voices.Kim", "audio"]), st.sampled_from(["=", "", "=="]), TEXTS
)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("home")
    (home / "tenants").mkdir()
    return home


def run(home: Path, *arguments: str, **variables: str) -> tuple[int, str, str]:
    """Runs ``esl`` in an environment; returns its exit code and what it writes."""
    out, err = StringIO(), StringIO()
    environment = {"PATH": os.environ["PATH"], "ESL_HOME": str(home), **variables}
    with (
        patch.dict(os.environ, environment, clear=True),
        patch("sys.argv", ["esl", *arguments]),
        redirect_stdout(out),
        redirect_stderr(err),
        pytest.raises(SystemExit) as ended,
    ):
        main()
    assert "Traceback" not in err.getvalue()
    return int(ended.value.code or 0), out.getvalue(), err.getvalue()


@settings(max_examples=EXAMPLES, deadline=None)
@example(dict.fromkeys(SETTINGS, MANY_DIGITS))
@given(st.dictionaries(st.sampled_from(SETTINGS), TEXTS, max_size=4))
def test_a_variable_that_makes_no_setting_is_told_by_its_name(home: Path, variables: dict[str, str]) -> None:
    code, out, err = run(home, "settings", "show", "school", "--json", ESL_LIVE="0", **variables)
    assert code in (0, 1), err
    problems = json.loads(out)["problems"]
    assert bool(problems) == (code == 1)
    assert {problem["file"] for problem in problems} <= variables.keys()


@settings(max_examples=EXAMPLES, deadline=None)
@example("ESL_SANDBOX_PORT", MANY_DIGITS)
@given(st.sampled_from(PLACES), ADDRESSES)
def test_a_place_that_is_none_is_told_by_its_variable(home: Path, place: str, address: str) -> None:
    told = ""
    try:
        create_pipeline(environment=read_environment({"ESL_HOME": str(home), "ESL_TENANTS_TOKEN": "x", place: address}))
    except (ConfigurationError, SecretRefusedError) as error:
        told = str(error)
    assert not told or "ESL_" in told


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.lists(ASSIGNMENTS.map("".join) | TEXTS, max_size=4))
def test_a_setting_of_a_run_that_is_none_is_told_by_its_number(home: Path, assignments: list[str]) -> None:
    lesson = home / "lesson.md"
    lesson.write_text("No lesson.")
    pipeline = create_pipeline(environment=read_environment({"ESL_HOME": str(home)}))
    job = pipeline.open_job("school", "lesson", manifest_file(lesson), JobOptions(overrides=assignments, dry_run=True))
    told = [problem for problem in job.understood.problems if problem.file == "run config"]
    assert all(1 <= problem.line <= len(assignments) and problem.message for problem in told)
    assert {problem.file for problem in job.understood.problems} <= {"run config", "lesson.md"}


@settings(max_examples=EXAMPLES // 2, deadline=None)
@given(DOCUMENTS)
def test_whatever_stands_in_a_tenants_document_its_settings_can_be_shown(home: Path, document: object) -> None:
    (home / "tenants" / "fuzzed.yaml").write_text(yaml.safe_dump(document, allow_unicode=True), "utf-8")
    code, out, err = run(home, "settings", "show", "fuzzed", "--student", "Anna", "--json")
    answer = json.loads(out)
    assert code == (1 if answer["problems"] else 0), err
    assert all(problem["file"] == "fuzzed.yaml" and problem["line"] >= 1 for problem in answer["problems"])
