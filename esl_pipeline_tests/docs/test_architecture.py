from __future__ import annotations

import ast
import importlib

import pytest

from esl_pipeline_tests.docs.documents import DOCUMENTS, PROJECT, code_blocks, first_column

ARCHITECTURE = PROJECT / "docs" / "architecture.md"
PYTHON = [(page.name, code) for page in DOCUMENTS for code in code_blocks(page, "python")]


def test_the_table_of_folders_names_the_packages_that_there_are() -> None:
    told = {word.rstrip("/") for word in first_column(ARCHITECTURE) if word.endswith("/")}
    packages = {path.parent.name for path in (PROJECT / "esl_pipeline").glob("*/__init__.py")}
    assert told == packages


def test_the_modules_in_the_table_of_folders_exist() -> None:
    modules = [word for word in first_column(ARCHITECTURE) if word.endswith(".py")]
    assert modules
    assert [name for name in modules if not (PROJECT / "esl_pipeline" / name).is_file()] == []


def test_there_is_an_example_of_embedding() -> None:
    assert any("create_pipeline" in code for name, code in PYTHON if name == "architecture.md")


@pytest.mark.parametrize(("page", "code"), PYTHON, ids=[name for name, _ in PYTHON])
def test_what_python_examples_import_is_there(page: str, code: str) -> None:
    for node in ast.walk(ast.parse(code, filename=page)):
        if isinstance(node, ast.ImportFrom) and node.module:
            module = importlib.import_module(node.module)
            assert [alias.name for alias in node.names if not hasattr(module, alias.name)] == []
        elif isinstance(node, ast.Import):
            for alias in node.names:
                importlib.import_module(alias.name)
