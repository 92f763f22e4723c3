"""One YAML or JSON document as fields with places."""

from __future__ import annotations

from pathlib import PurePosixPath

from esl_pipeline.lessons.problems import Position, Problem
from esl_pipeline.manifests.document_guard import MAX_CHARACTERS, DocumentGuard, RefusedDocumentError
from esl_pipeline.manifests.json_document import read_json
from esl_pipeline.manifests.places import Located
from esl_pipeline.manifests.rules import Rule, broken
from esl_pipeline.manifests.yaml_document import read_yaml

READERS = {".yaml": read_yaml, ".yml": read_yaml, ".json": read_json}
"""By the file's suffix, whatever its case."""


def read_document(content: str, file: str) -> tuple[Located | None, list[Problem]]:
    """Returns the fields of a document, None where it can't be read, and its problems; an empty one has no fields."""
    guard, start = DocumentGuard(file), Position()
    read = READERS.get(PurePosixPath(file).suffix.lower())
    if read is None:
        fix = "Name it .yaml, .yml, .json or, for a lesson alone, .md."
        return None, [broken(Rule.FILE, file, start, "The file's name does not tell what is in it.", fix)]
    if len(content) > MAX_CHARACTERS:
        message = f"The file has {len(content):,} characters; {MAX_CHARACTERS:,} is the limit."
        return None, [broken(Rule.LIMIT, file, start, message)]
    try:
        value = read(content, guard)
    except RefusedDocumentError as error:
        return None, [*guard.problems, error.problem]
    if value is None:
        return Located(), guard.problems
    if not isinstance(value, Located):
        message = "The file must hold fields, each written as `name: value`, and holds something else."
        return None, [*guard.problems, broken(Rule.SYNTAX, file, start, message)]
    return value, guard.problems
