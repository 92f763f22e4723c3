from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import esl_pipeline.defs

HEAVY = {
    "alembic",
    "av",
    "babel",
    "boto3",
    "botocore",
    "cryptography",
    "dagster_aws",
    "dagster_postgres",
    "dotenv",
    "flask",
    "markdown_it",
    "matplotlib",
    "moto",
    "numpy",
    "onnxruntime",
    "pandas",
    "psycopg2",
    "regex",
    "requests",
    "rich",
    "sqlalchemy",
    "structlog",
    "unicode_rbnf",
    "urllib3",
}
"""What loading the definitions must not load: as long as Dagster itself, in each process that only looks at them."""

AT_WORK = "esl_pipeline.defs.at_work"
OF_THE_INSTANCE = ("launching", "storage")
"""What Dagster's instance loads, and not the definitions."""
OURS = {f"esl_pipeline.{name}" for name in ("audio", "clients", "lessons", "manifests", "sandbox", "speech", "stores")}
"""Whole packages that are loaded with what works, and not before."""


def test_loading_the_definitions_loads_nothing_that_only_runs_need() -> None:
    script = "import sys, esl_pipeline.definitions; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "esl_pipeline.definitions" in loaded
    assert loaded & {*HEAVY, *OURS, AT_WORK} == set()


def loaded_by_functions(file: Path) -> Iterator[str]:
    functions = (node for node in ast.walk(ast.parse(file.read_text("utf-8"))) if isinstance(node, ast.FunctionDef))
    for node in (node for function in functions for node in ast.walk(function)):
        if isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{one.name}" for one in node.names)


def test_functions_of_the_definitions_load_of_ours_only_what_is_at_work() -> None:
    folder = Path(esl_pipeline.defs.__file__).parent
    files = [file for file in folder.rglob("*.py") if not {file.stem, file.parent.name} & {*OF_THE_INSTANCE}]
    ours = {
        (file.name, name) for file in files for name in loaded_by_functions(file) if name.startswith("esl_pipeline")
    }
    assert {at for at in ours if not at[1].startswith(AT_WORK)} == set()
