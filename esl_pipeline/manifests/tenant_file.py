"""A tenant's own settings, and those of its students."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import Field, SkipValidation

from esl_pipeline.lessons.problems import Problem
from esl_pipeline.manifests.check_fields import FieldCheck, Valid
from esl_pipeline.manifests.document import read_document
from esl_pipeline.manifests.places import Located, entry_of
from esl_pipeline.manifests.resolve import Layer
from esl_pipeline.manifests.rules import Rule, broken, shown
from esl_pipeline.manifests.settings import Section
from esl_pipeline.manifests.version import FIELD, version_problem


class TenantDocument(Section):
    """What a tenant file holds."""

    schema_version: Literal[2] = Field(2, description="Version of the file's form.")
    settings: SkipValidation[Mapping[str, Any]] = Field(
        default_factory=dict, description="Settings of all the tenant's assignments."
    )
    students: SkipValidation[Mapping[str, Any]] = Field(
        default_factory=dict,
        description="Settings of one student's assignments, by the name in the lesson's `student`.",
    )


@dataclass(frozen=True)
class TenantFile:
    """The tenant's layer and its students' profiles, as written and not checked yet.

    Attributes:
        version: of exactly this document, in the words of the place that it is from.
    """

    file: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    students: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    version: str = ""

    def layers(self, student: str) -> list[Layer]:
        """Returns the tenant's layer, then that of a student who has a profile.

        A name matches as it is written, else whatever its capitals, composed accents and outer blanks.
        """
        layers = [Layer("tenant", self.file, self.settings)]
        name = self.profile_of(student)
        if name is not None:
            layers.append(Layer("student", self.file, self.students[name]))
        return layers

    def profile_of(self, student: str) -> str | None:
        """Returns the name under which a student has a profile, None where there is none."""
        same = (name for name in self.students if folded(name) == folded(student))
        return student if student in self.students else next(same, None)


def folded(name: str) -> str:
    """Returns what names that mean one person have in common."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold()).strip()


def read_tenant_file(text: str, *, file: str, version: str = "") -> tuple[TenantFile | None, tuple[Problem, ...]]:
    """Reads a tenant file.

    Settings are checked when a run uses them, so that a slip in one student's profile stops that student's runs alone.
    An empty text is refused as one without a version: it may be half of a write, and to go on without settings is to
    publish to another place.

    Returns:
        The file, None where it can't be made out, and its problems.
    """
    document, problems = read_document(text, file)
    if document is None:
        return None, tuple(problems)
    if wrong := version_problem(document, file):
        problems.append(wrong)
        if FIELD in document:
            return None, tuple(problems)
    values = dict[str, Any]()
    for found in FieldCheck(file, Rule.UNKNOWN, Rule.VALUE).walk(document, TenantDocument):
        if isinstance(found, Valid):
            values[found.path] = found.value
        elif found.path != FIELD:
            problems.append(found.problem)
    students = values.get("students", Located())
    profiles = {name: profile or {} for name, profile in students.items() if isinstance(profile, Mapping | None)}
    problems += _students(students, file)
    return TenantFile(file, values.get("settings", {}), profiles, version), tuple(problems)


def _students(students: Mapping[str, Any], file: str) -> list[Problem]:
    problems, known = list[Problem](), dict[str, str]()
    for name, profile in students.items():
        entry, first = entry_of(students, name), known.setdefault(folded(name), name)
        if first != name:
            message = f"The students {shown(first)} and {shown(name)} are one name."
            problems.append(broken(Rule.DUPLICATE, file, entry.key, message, "Keep one of them."))
        if not isinstance(profile, Mapping | None):
            message = f"The profile of {shown(name)} must be a group of settings."
            fix = "Write settings such as `speech:` below the name, indented."
            problems.append(broken(Rule.VALUE, file, entry.value, message, fix))
    return problems
