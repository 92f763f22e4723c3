"""Takes a project of the TypeScript pipeline over: its settings as a tenant's document, its pages as publications.

Reads the project's folder, and Notion for each page; writes the document, the publications and the audit log. Sends
nothing to Notion.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml
from dotenv import dotenv_values

from esl_pipeline.lessons import read_lesson
from esl_pipeline.manifests import SlugError, read_tenant_file, slug_of_name
from esl_pipeline.manifests.predecessor import SUFFIX, read_predecessor
from esl_pipeline.manifests.predecessor_project import (
    Left,
    ProjectFiles,
    ProjectReading,
    read_project,
    students_of,
)
from esl_pipeline.pages.preset import load_preset
from esl_pipeline.pages.preset_names import preset_names
from esl_pipeline.stages.adopt_page import Adoption, AdoptionAnswer, adopt_page
from esl_pipeline.stages.asking import AskingError, read_text
from esl_pipeline.stages.job_record import Answer
from esl_pipeline.stages.pipeline import Pipeline
from esl_pipeline.stages.run_stage import describe_failure, failure_kind
from esl_pipeline.stages.tenants import tell
from esl_pipeline.stages.tenants_gate import check_tenant
from esl_pipeline.stores.whole_files import write_whole

PASSED_OVER = frozenset({"node_modules", ".git", "dist", "build", ".esl"})
"""Folders in which there are no lessons."""
HEADER = "# Taken over from a project of the TypeScript pipeline; yours from now on.\n"


class TakenAnswer(Answer):
    """A value that became a setting."""

    source: str
    setting: str
    student: str = ""


class LeftAnswer(Answer):
    """Something that was not taken over, and why."""

    source: str
    reason: str


class ProjectImported(Answer):
    """What became of a project; in a dry run what would.

    Attributes:
        file: the tenant's document.
        written: whether it was, or would be; one that is there already stays, and is the one that holds.
        document: what the project says, as a document.
    """

    tenant: str
    dry_run: bool
    file: str
    written: bool
    document: dict[str, Any]
    taken: tuple[TakenAnswer, ...] = ()
    left: tuple[LeftAnswer, ...] = ()
    pages: tuple[AdoptionAnswer, ...] = ()


@dataclass(frozen=True)
class ImportWork:
    """What is to be taken over, and to where.

    Attributes:
        folder: of the project.
        file: the tenant's document.
        pipeline_with: makes a pipeline in which a document holds for the tenant, whether or not it is written yet.
        actor: who does it, as it stands in the audit log.
    """

    folder: Path
    tenant: str
    file: Path
    pipeline_with: Callable[[str], Pipeline]
    actor: str = "api"


def import_project(work: ImportWork, *, dry_run: bool = False) -> ProjectImported:
    """Takes a project over; what is taken over already stays as it is.

    Raises:
        TenantSuspendedError: the tenant may not publish.
        AuditUnavailableError: the log does not take it, and nothing was written; asking again may help.
        AskingError: a document of the tenant is there and has errors.
        NotADirectoryError: there is no such folder.
    """
    if not work.folder.is_dir():
        raise NotADirectoryError(f"{work.folder} is no folder.")
    left: list[Left] = []
    reading = read_project(_files(work.folder, left), _presets())
    there = work.file.exists()
    text = read_text(work.file) if there else _document(reading)
    problems = read_tenant_file(text, file=work.file.name)[1]
    if problems:
        raise AskingError(problems)
    pipeline = work.pipeline_with(text)
    check_tenant(pipeline.providers.standings, work.tenant)
    if not there and not dry_run:
        tell(pipeline.providers, work.tenant, work.actor, "import", document=work.file.name)
        work.file.parent.mkdir(parents=True, exist_ok=True)
        write_whole(work.file, text.encode(), replace=False)
    pages = tuple(_adopt_all(work, pipeline, reading, left, dry_run=dry_run))
    return ProjectImported(
        tenant=work.tenant,
        dry_run=dry_run,
        file=str(work.file),
        written=not there,
        document=reading.document(),
        taken=tuple(TakenAnswer(source=t.source, setting=t.setting, student=t.student) for t in reading.taken),
        left=tuple(LeftAnswer(source=one.source, reason=one.reason) for one in (*reading.left, *left)),
        pages=pages,
    )


def _document(reading: ProjectReading) -> str:
    return HEADER + yaml.safe_dump(reading.document(), sort_keys=False, allow_unicode=True)


def _files(folder: Path, left: list[Left]) -> ProjectFiles:
    configs = folder / "configs"
    students = [(path.name, _read(path, left)) for path in sorted((configs / "students").glob("*.json"))]
    together = _read(configs / "students.json", left)
    if isinstance(together, list):
        students += [(f"students.json {number}", profile) for number, profile in enumerate(together, 1)]
    variables: Mapping[str, str | None] = {}
    if (folder / ".env").is_file():
        variables = dotenv_values(stream=io.StringIO(read_text(folder / ".env")), interpolate=False)
    voices = next((path for name in ("voices.yml", "voices.yaml") if (path := configs / name).is_file()), None)
    return ProjectFiles(
        variables={name: value for name, value in variables.items() if value},
        students=tuple(one for one in students if one[1] is not None),
        presets=_read(configs / "presets.json", left),
        voices=_read(voices, left) if voices else None,
        catalogue=_read(configs / "elevenlabs.voices.json", left),
        wizard=_read(configs / "wizard.defaults.json", left),
    )


def _read(path: Path, left: list[Left]) -> Any:
    """Returns what a file holds, None where it is not there or can't be read."""
    if not path.is_file():
        return None
    try:
        text = read_text(path)
        return json.loads(text) if path.suffix == ".json" else yaml.safe_load(text)
    except AskingError as error:
        left.append(Left(path.name, str(error)))
    except (ValueError, RecursionError, yaml.YAMLError):
        left.append(Left(path.name, f"It is no {'JSON' if path.suffix == '.json' else 'YAML'}."))
    return None


def _presets() -> dict[str, dict[str, Any]]:
    return {
        name: load_preset(name).model_dump(by_alias=True, exclude_none=True, mode="json") for name in preset_names()
    }


def _adopt_all(
    work: ImportWork, pipeline: Pipeline, reading: ProjectReading, left: list[Left], *, dry_run: bool
) -> Iterator[AdoptionAnswer]:
    known = dict[str, Path]()
    for path in _manifests(work.folder):
        where = str(path.relative_to(work.folder))
        try:
            assignment = slug_of_name(path.name.removesuffix(SUFFIX), "--assignment")
        except SlugError as error:
            left.append(Left(where, f"{error} Name it: esl import-manifest"))
            continue
        first = known.setdefault(assignment, path)
        if first is not path:
            message = f"{first.relative_to(work.folder)} has that name too. Name it: esl import-manifest --assignment"
            left.append(Left(where, message))
            continue
        yield _adopt(work, pipeline, assignment, path, reading, dry_run=dry_run)


def _manifests(folder: Path) -> Sequence[Path]:
    found = folder.rglob(f"*{SUFFIX}")
    return sorted(path for path in found if not PASSED_OVER & {*path.relative_to(folder).parts})


def _adopt(
    work: ImportWork, pipeline: Pipeline, assignment: str, path: Path, reading: ProjectReading, *, dry_run: bool
) -> AdoptionAnswer:
    tenant = work.tenant
    try:
        found = read_predecessor(read_text(path), file=path.name)
        adoption = Adoption(found.page_id, found.audio_url, by_predecessor=True)
        own = list(students_of(reading.document(), _student(path)))
        return adopt_page(pipeline, tenant, assignment, adoption, overrides=own, dry_run=dry_run, actor=work.actor)
    except Exception as error:
        kind = failure_kind(error)
        if kind == "failed":
            raise
        status: Literal["rejected", "unavailable", "cancelled"] = kind
        return AdoptionAnswer(
            assignment=f"{tenant}/{assignment}", status=status, reason=str(error), error=describe_failure(error)
        )


def _student(manifest: Path) -> str:
    """Returns the student of the lesson beside a manifest, whose own place the page may be in."""
    lesson = manifest.with_name(manifest.name.removesuffix(SUFFIX) + ".md")
    with suppress(OSError, AskingError):
        read = read_lesson(read_text(lesson)).lesson
        return read.front_matter.student if read else ""
    return ""
