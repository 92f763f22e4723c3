from __future__ import annotations

import ast
import re
from pathlib import Path

from esl_pipeline.stages import environment
from esl_pipeline_tests.docs.documents import DOCUMENTS, PROJECT, code_words

OPERATIONS = PROJECT / "docs" / "operations.md"
VARIABLE = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+")


def variables_read() -> set[str]:
    """Every text in the module that looks like a variable's name."""
    tree = ast.parse(Path(environment.__file__).read_text("utf-8"))
    texts = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    return {text for text in texts if VARIABLE.fullmatch(text)}


def test_every_variable_that_the_program_reads_is_told() -> None:
    told = set(code_words(OPERATIONS))
    assert {"ESL_HOME", "NOTION_TOKEN"} <= variables_read()
    assert variables_read() - told == set()


def test_every_variable_of_ours_that_the_documentation_names_is_read() -> None:
    named = {word for page in DOCUMENTS for text in code_words(page) for word in re.findall(r"\bESL_[A-Z_]+", text)}
    sources = "\n".join(path.read_text("utf-8") for path in (PROJECT / "esl_pipeline").rglob("*.py"))
    assert {name for name in named if f'"{name}"' not in sources} == set()
