"""What stands above a page's blocks: properties, icon and cover."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from esl_pipeline.lessons import Lesson, Problem, has_errors
from esl_pipeline.manifests import AskingError
from esl_pipeline.pages.properties import build_properties
from esl_pipeline.pages.property_rules import PropertyRule, broken
from esl_pipeline.stages.context import JobContext
from esl_pipeline.stages.notion_api import Json, NotionApi
from esl_pipeline.stages.page_schemas import Schemas
from esl_pipeline.stages.page_student import StudentLink, find_student
from esl_pipeline.stages.page_target import Target

DECORATIONS = ("icon", "cover")


@dataclass(frozen=True)
class PageHead:
    """The head of a page as it is to be written.

    Attributes:
        properties: values by column, as the API takes them.
        decorations: ``icon`` and ``cover``, where the lesson has them.
        student: whether the student's page was found.
        problems: what of the front matter was left out; warnings only.
    """

    properties: Mapping[str, Any]
    decorations: Mapping[str, Any]
    student: StudentLink
    problems: tuple[Problem, ...]

    @property
    def sha256(self) -> dict[str, str]:
        """The hash of each part, columns under ``property:<name>``."""
        parts = {f"property:{name}": value for name, value in self.properties.items()} | dict(self.decorations)
        return {name: json_sha256(value) for name, value in parts.items()}

    def body(self) -> Json:
        """Returns the whole head as a part of a request."""
        return {"properties": dict(self.properties), **self.decorations}

    def changes(self, written: Mapping[str, str]) -> Json:
        """Returns the parts that differ from what was written last, as a request body; empty where none does.

        What a person changed meanwhile in other columns is left alone, and so is what the lesson no longer has, but
        for an icon or cover of ours, and for the link to another student.
        """
        now = self.sha256
        changed = {name: value for name, value in self.properties.items() if written.get(key(name)) != now[key(name)]}
        if self.student.why and key(self.student.column) in written:
            changed[self.student.column] = {"relation": []}
        body: Json = {"properties": changed} if changed else {}
        for name in DECORATIONS:
            if written.get(name) != now.get(name):
                body[name] = self.decorations.get(name)
        return body


def key(column: str) -> str:
    """Returns the name of a column's hash."""
    return f"property:{column}"


def json_sha256(value: object) -> str:
    """Returns the SHA-256 of a JSON value, in canonical form; dates count as they are written."""
    return hashlib.sha256(json.dumps(value, ensure_ascii=False, sort_keys=True, default=str).encode()).hexdigest()


def head_input_sha256(context: JobContext, lesson: Lesson) -> str:
    """Returns the hash of what the head is made from, which is known before anything is read."""
    notion = context.settings.notion.model_dump(exclude={"preset", "overwrite_edits", "requests_per_minute"})
    front_matter = asdict(replace(lesson.front_matter, property_positions=()))
    return json_sha256([context.key, notion, front_matter])


def build_head(context: JobContext, notion: NotionApi, schemas: Schemas, target: Target, lesson: Lesson) -> PageHead:
    """Makes the head for the place that takes the page; looks for the student's page where there is a relation.

    Raises:
        AskingError: the front matter asks for what the data source does not have or take; nothing may be written then.
    """
    front_matter = lesson.front_matter
    student = find_student(context, notion, schemas, target.columns, front_matter.student)
    values = build_properties(
        front_matter,
        target.columns,
        key_property=None if target.parent_page_id else target.key_column or context.settings.notion.key_property,
        key=context.key,
        student_page_id=student.page_id,
        student_column=student.column,
    )
    decorations: Json = {}
    if front_matter.icon:
        decorations["icon"] = {"type": "emoji", "emoji": front_matter.icon}
    if front_matter.cover:
        decorations["cover"] = {"type": "external", "external": {"url": front_matter.cover}}
    problems = (*values.problems, *_unlinked(student, front_matter.student))
    if has_errors(problems):
        raise AskingError(problems)
    return PageHead(values.values, decorations, student, problems)


def _unlinked(student: StudentLink, name: str) -> tuple[Problem, ...]:
    if not student.why:
        return ()
    message = f"The page is not linked to the student “{name}”: {student.why}."
    return (broken(PropertyRule.STUDENT, message, "Check the name and the students' data source, then publish again."),)
