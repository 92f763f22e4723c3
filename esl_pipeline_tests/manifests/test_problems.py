from __future__ import annotations

from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from esl_pipeline.manifests import AskingError, Layer, read_manifest, resolve
from esl_pipeline.manifests.places import START
from esl_pipeline.manifests.rules import Rule, broken

LESSON = "the lesson"


def triples() -> list[tuple[str, str, str, str]]:
    """Returns title, form, document and problems of each case in problems.md."""
    found, title, document = [], "", None
    for token in MarkdownIt().parse(Path(__file__).with_name("problems.md").read_text("utf-8")):
        if token.type == "inline":
            title = token.content
        elif token.type == "fence" and document is None:
            document = token.info, token.content
        elif token.type == "fence" and document is not None:
            found.append((title, *document, token.content.strip()))
            document = None
    return found


def lesson_of(name: str) -> str:
    """Gives the one lesson that is there."""
    if name != "lesson.md":
        problem = broken(Rule.FILE, name, START, "The file can't be read: No such file.", "Check its path.")
        raise AskingError((problem,))
    return LESSON


@pytest.mark.parametrize(("title", "form", "document", "expected"), triples(), ids=[case[0] for case in triples()])
def test_what_is_wrong_is_said(title: str, form: str, document: str, expected: str) -> None:
    file = f"manifest.{form}"
    reading = read_manifest(document, file=file, lesson_of=lesson_of)
    layers = [Layer("manifest", file, reading.manifest.settings)] if reading.manifest else []
    assert "\n".join(map(str, (*reading.problems, *resolve(layers).problems))) == expected
