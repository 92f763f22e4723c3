"""Every setting of a tenant or of one of its students, with where it came from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from esl_pipeline.lessons import Problem
from esl_pipeline.manifests import Origin, ResolvedSettings
from esl_pipeline.manifests.fields import Field, all_fields
from esl_pipeline.manifests.settings import Settings
from esl_pipeline.stages.providers import Providers
from esl_pipeline.stages.tenant_settings import in_order, named_problems, read_settings

IN_FILE = ("tenant", "student")
"""Layers whose values have a line."""


@dataclass(frozen=True)
class ShownSetting:
    """One setting; of those by key, one value or, where there is none, the setting itself."""

    setting: str
    value: Any
    origin: Origin

    @property
    def line(self) -> int | None:
        """The line in the tenant's document, None where it is from elsewhere."""
        return self.origin.at.line if self.origin.layer in IN_FILE else None


@dataclass(frozen=True)
class SettingsReport:
    """A tenant's settings.

    Attributes:
        file: name of the tenant's document; empty where it has none or it can't be made out.
        version: of that document.
        profile: name under which the student has a profile, None where nobody was asked for or there is none.
        students: names of all profiles.
        settings: in the order of docs/manifest.md.
    """

    tenant: str
    file: str
    version: str
    profile: str | None
    students: tuple[str, ...]
    settings: tuple[ShownSetting, ...]
    problems: tuple[Problem, ...]


def report_settings(providers: Providers, tenant: str, student: str = "") -> SettingsReport:
    """Tells what holds for all of a tenant's assignments, or for those of one student.

    Settings hold names of secrets and never their values, so all of them can be shown.

    Raises:
        SlugError: the tenant is no slug.
    """
    reading = read_settings(providers, tenant, student=student)
    file, resolved = reading.file, reading.resolved
    return SettingsReport(
        tenant=tenant,
        file=file.file if file else "",
        version=file.version if file else "",
        profile=file.profile_of(student) if file and student else None,
        students=tuple(file.students) if file else (),
        settings=tuple(_shown(resolved)),
        problems=in_order((*reading.problems, *named_problems(providers, tenant, resolved))),
    )


def _shown(resolved: ResolvedSettings) -> Iterator[ShownSetting]:
    for field in all_fields(Settings):
        value = _value(resolved.settings, field)
        if isinstance(value, Mapping) and value:
            for key, item in value.items():
                path = f"{field.path}.{key}"
                yield ShownSetting(path, item, resolved.origins.get(path, _DEFAULT))
        else:
            yield ShownSetting(field.path, value or None if field.kind == "by key" else value, _origin(resolved, field))


_DEFAULT = Origin("default", "built in")


def _origin(resolved: ResolvedSettings, field: Field) -> Origin:
    return resolved.origins.get(field.path, _DEFAULT)


def _value(settings: Settings, field: Field) -> Any:
    value: Any = settings
    for name in field.path.split("."):
        value = getattr(value, name)
    return value
