"""A tenant's settings where no lesson is at hand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from esl_pipeline.lessons import Problem, has_errors
from esl_pipeline.manifests import (
    AskingError,
    Layer,
    ResolvedSettings,
    TenantFile,
    check_slug,
    parse_assignments,
    resolve,
)
from esl_pipeline.manifests.settings import Settings
from esl_pipeline.stages.engine_choice import engine_problems
from esl_pipeline.stages.job import preset_problems
from esl_pipeline.stages.providers import Providers
from esl_pipeline.stages.track_cover import cover_problems


@dataclass(frozen=True)
class TenantReading:
    """A tenant's settings with their origins.

    Attributes:
        file: the tenant's document, None where it has none or it can't be made out.
        problems: of the document and of all layers.
    """

    file: TenantFile | None
    resolved: ResolvedSettings
    problems: tuple[Problem, ...]


def read_settings(
    providers: Providers, tenant: str, *, student: str = "", overrides: Sequence[str] = ()
) -> TenantReading:
    """Reads the settings that hold for all of a tenant's assignments, or for those of one student.

    Args:
        providers: of the pipeline.
        tenant: a slug.
        student: as in a lesson's ``student``; empty for the tenant alone.
        overrides: settings of this call as ``key=value``, the last layer.

    Raises:
        SlugError: the tenant is no slug.
    """
    file, tenant_problems = providers.tenant_file(check_slug(tenant, "tenant"))
    values, override_problems = parse_assignments(overrides)
    run_config = Layer("run config", "run config", values)
    reading = settings_in(providers, file, student, run_config)
    return replace(reading, problems=(*tenant_problems, *override_problems, *reading.problems))


def settings_in(providers: Providers, file: TenantFile | None, student: str = "", *further: Layer) -> TenantReading:
    """Returns the settings by a document that was read; ``problems`` are those of the settings alone."""
    resolved = resolve([providers.environment_layer, *(file.layers(student) if file else ()), *further])
    return TenantReading(file, resolved, resolved.problems)


def named_problems(providers: Providers, tenant: str, resolved: ResolvedSettings) -> tuple[Problem, ...]:
    """Checks what a tenant's settings name by name and is at hand: preset, picture of the tracks, and engine."""
    settings, origins = resolved.settings, resolved.origins
    return (
        *preset_problems(settings, origins["notion.preset"]),
        *cover_problems(settings, origins, tenant, providers.cover_file),
        *engine_problems(settings, origins, providers.engines),
    )


def in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Returns each problem once, by file and place."""
    return tuple(sorted(dict.fromkeys(problems), key=lambda problem: (problem.file, problem.line, problem.column)))


def tenant_settings(providers: Providers, tenant: str, overrides: Sequence[str] = ()) -> Settings:
    """Returns the settings that hold for all of a tenant's assignments.

    Args:
        providers: of the pipeline.
        tenant: a slug.
        overrides: settings of this call as ``key=value``, the last layer.

    Raises:
        SlugError: the tenant is no slug.
        AskingError: a layer has errors.
    """
    reading = read_settings(providers, tenant, overrides=overrides)
    if has_errors(reading.problems):
        raise AskingError(reading.problems)
    return reading.resolved.settings
