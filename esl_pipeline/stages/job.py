"""One request to publish an assignment, understood: lesson, settings, problems, and where its record is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from esl_pipeline.lessons import Lesson, Problem, has_errors, read_lesson
from esl_pipeline.manifests import Layer, ManifestReading, Origin, TenantFile, parse_assignments, resolve
from esl_pipeline.manifests.rules import Rule, broken
from esl_pipeline.manifests.settings import Settings
from esl_pipeline.pages.page_problems import page_problems
from esl_pipeline.pages.preset import UnknownPresetError, load_preset
from esl_pipeline.stages.asking import AskingError, ManifestText
from esl_pipeline.stages.context import JobContext
from esl_pipeline.stages.engine_choice import EngineNames, engine_problems
from esl_pipeline.stages.page_preset import choose_preset, preset_layer
from esl_pipeline.stages.stage import Stage
from esl_pipeline.stages.track_cover import CoverReader, cover_problems
from esl_pipeline.stores.ledger import Ledger
from esl_pipeline.stores.publication import ChosenPreset

TenantFileReader = Callable[[str], tuple[TenantFile | None, tuple[Problem, ...]]]
"""Gives a tenant's own settings and students, None where it has none."""


@dataclass(frozen=True)
class JobOptions:
    """How this job differs from an ordinary one.

    Attributes:
        overrides: settings of the run as ``key=value``, the last layer.
        preset: heading colours that stay with the assignment, ``as-settings`` to take that back; nothing as it is.
        force: stages that work although nothing changed.
        asked_at: when it was asked for; now where None.
        dry_run: True where nothing may change anywhere.
        renew: True where only the signed addresses on the page are renewed.
        hooks: further fields of the job's context, such as ``progress`` and ``cancelled``.
    """

    overrides: Sequence[str] = ()
    preset: str = ""
    force: frozenset[Stage] = frozenset()
    asked_at: datetime | None = None
    dry_run: bool = False
    renew: bool = False
    hooks: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Understood:
    """A manifest and its lesson, read once.

    Attributes:
        settings: the defaults where a layer is wrong.
        settings_versions: exact version of the tenant's document, by its name.
        chosen_preset: heading colours that were chosen for the assignment; None where the settings decide.
    """

    asked: ManifestText
    reading: ManifestReading
    lesson: Lesson | None
    settings: Settings
    origins: Mapping[str, Origin]
    problems: tuple[Problem, ...]
    settings_versions: Mapping[str, str]
    chosen_preset: ChosenPreset | None


@dataclass(frozen=True)
class Job:
    """What every stage is run with."""

    context: JobContext
    ledger: Ledger
    understood: Understood
    options: JobOptions
    overtaken_by: datetime | None = None
    """When a newer request was asked for, which was taken already; then this job does nothing."""

    @property
    def lesson(self) -> Lesson:
        """The valid lesson.

        Raises:
            AskingError: the manifest, the settings or the lesson has errors.
        """
        if self.understood.lesson is None or has_errors(self.understood.problems):
            raise AskingError(self.understood.problems)
        return self.understood.lesson


def understand(
    asked: ManifestText,
    *,
    tenant: str,
    environment: Layer,
    tenant_file: TenantFileReader,
    cover_file: CoverReader,
    engines: EngineNames | None,
    options: JobOptions,
    known_preset: ChosenPreset | None,
) -> Understood:
    """Reads manifest and lesson and resolves the settings, with all their problems at once."""
    reading = asked.read()
    lesson_reading = (
        read_lesson(reading.lesson_text, file=reading.lesson_file) if reading.lesson_text is not None else None
    )
    lesson = lesson_reading.lesson if lesson_reading else None
    file, tenant_problems = tenant_file(tenant)
    run_config, override_problems = parse_assignments(options.overrides)
    layers = [environment]
    if file:
        layers += file.layers(lesson.front_matter.student if lesson else "")
    if reading.manifest:
        layers.append(Layer("manifest", asked.file, reading.manifest.settings))
    chosen = choose_preset(options.preset, known_preset, reading.manifest.settings if reading.manifest else {})
    if chosen:
        layers.append(preset_layer(chosen))
    layers.append(Layer("run config", "run config", run_config))
    resolved = resolve(layers)
    problems = (
        *reading.problems,
        *(lesson_reading.problems if lesson_reading else ()),
        *(page_problems(lesson, file=reading.lesson_file) if lesson else ()),
        *tenant_problems,
        *override_problems,
        *resolved.problems,
        *preset_problems(resolved.settings, resolved.origins["notion.preset"]),
        *cover_problems(resolved.settings, resolved.origins, tenant, cover_file),
        *engine_problems(resolved.settings, resolved.origins, engines),
    )
    versions = {file.file: file.version} if file else {}
    return Understood(
        asked, reading, lesson, resolved.settings, resolved.origins, tuple(dict.fromkeys(problems)), versions, chosen
    )


def preset_problems(settings: Settings, origin: Origin) -> tuple[Problem, ...]:
    """Checks what the pages package knows and the settings can't."""
    try:
        load_preset(settings.notion.preset)
    except UnknownPresetError as error:
        fix = "Choose one of them for notion.preset."
        return (broken(Rule.SETTING_VALUE, origin.source, origin.at, str(error), fix),)
    return ()
