"""The manifest: the document that asks for an assignment to be published."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Any, Literal

from pydantic import Field, SkipValidation

from esl_pipeline.lessons.problems import Position, Problem
from esl_pipeline.manifests.check_fields import FieldCheck, Valid
from esl_pipeline.manifests.document import read_document
from esl_pipeline.manifests.errors import AskingError
from esl_pipeline.manifests.lesson_path import FIX, lesson_beside, why_refused
from esl_pipeline.manifests.places import Located
from esl_pipeline.manifests.rules import Rule, broken, shown
from esl_pipeline.manifests.settings import Section, described
from esl_pipeline.manifests.version import FIELD, version_problem
from esl_pipeline.slugs import SLUG


class Manifest(Section):
    """What is to be published, and how it differs from what is usual."""

    schema_version: Literal[2] = Field(2, description="Version of the manifest's form.")
    assignment: str | None = Field(
        None,
        pattern=f"^{SLUG.pattern}$",
        description="Name of the assignment, unique in its tenant; where it is not given, the file's name.",
        json_schema_extra=described("1 to 63 of a-z, 0-9 and hyphen, not beginning with a hyphen"),
    )
    lesson: str | None = Field(None, description="The lesson's file; where it is not given, the manifest's with `.md`.")
    settings: SkipValidation[Mapping[str, Any]] = Field(
        default_factory=dict, description="Settings of this assignment; see below."
    )


@dataclass(frozen=True)
class ManifestReading:
    """What reading a manifest and its lesson gave.

    Attributes:
        manifest: None where it can't be made out; fields with a problem are left out of it.
        lesson_text: None where it can't be read.
        lesson_file: name of the lesson's file, for problems.
        problems: of the manifest and of its lesson's file, not of what stands in the lesson or in the settings.
        sha256: hash of manifest and lesson, as they are written.
    """

    manifest: Manifest | None
    lesson_text: str | None
    lesson_file: str
    problems: tuple[Problem, ...]
    sha256: str


def read_manifest(content: str, *, file: str, lesson_of: Callable[[str], str]) -> ManifestReading:
    """Reads a manifest with its lesson, or a lesson alone, which is its own manifest.

    Args:
        content: text of the file.
        file: its name; its suffix tells what it is.
        lesson_of: returns the text of the lesson at a path relative to the manifest; raises AskingError.
    """
    if PurePosixPath(file).suffix.lower() == ".md":
        return ManifestReading(Manifest(), content, file, (), _sha256(content))
    document, problems = read_document(content, file)
    manifest, text, name = None, None, lesson_beside(file)
    if document is not None:
        manifest, found = _manifest(document, file)
        problems += found
    if manifest and document is not None and (manifest.lesson or document.get("lesson") is None):
        name = manifest.lesson or name
        try:
            text = lesson_of(name)
        except AskingError as error:
            at = document.entries["lesson"].value if manifest.lesson else None
            problems += [_where_named(problem, file, at) if at else _not_named(problem) for problem in error.problems]
    return ManifestReading(manifest, text, name, tuple(problems), _sha256(json.dumps([content, text])))


def _manifest(document: Located, file: str) -> tuple[Manifest | None, list[Problem]]:
    """Returns what can be made out, None where the document is of no version that is known."""
    problems = list[Problem]()
    if wrong := version_problem(document, file):
        problems.append(wrong)
        if "schemaVersion" in document or FIELD in document:
            return None, problems
    values = dict[str, Any]()
    for found in FieldCheck(file, Rule.UNKNOWN, Rule.VALUE).walk(document, Manifest):
        if found.path == FIELD:
            continue
        if isinstance(found, Valid):
            values[found.path] = found.value
        else:
            problems.append(found.problem)
    if values.get("lesson") is not None and (why := why_refused(values["lesson"])):
        message = f"The lesson {shown(values.pop('lesson'))} {why}."
        problems.append(broken(Rule.LESSON, file, document.entries["lesson"].value, message, FIX))
    return Manifest(**values), problems


def _where_named(problem: Problem, file: str, at: Position) -> Problem:
    """Returns the problem of a lesson that can't be read at all, at the place that names it."""
    if problem.rule != Rule.FILE or problem.line != 1:
        return problem
    message = f"The lesson {shown(problem.file)}: {problem.message}"
    return replace(problem, file=file, line=at.line, column=at.column, message=message)


def _not_named(problem: Problem) -> Problem:
    return replace(problem, fix=f"{problem.fix} The manifest names no other lesson.".strip())


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
