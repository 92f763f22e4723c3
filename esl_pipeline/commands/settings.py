"""``esl settings``: which settings hold, where they are from, and whether they can work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from typing import Any

from rich.markup import escape

from esl_pipeline.commands.output import DONE, REJECTED, UNAVAILABLE, Output
from esl_pipeline.lessons import Problem, has_errors
from esl_pipeline.manifests.rules import shown_path
from esl_pipeline.stages.create_pipeline import create_pipeline
from esl_pipeline.stages.environment import read_environment
from esl_pipeline.stages.job_record import Answer, ProblemAnswer
from esl_pipeline.stages.notify.live import receivers_found
from esl_pipeline.stages.settings_check import TenantCheck, check_settings
from esl_pipeline.stages.settings_report import SettingsReport, ShownSetting, report_settings

COLOURS = {"ok": "green", "warning": "yellow", "failed": "red", "unavailable": "red"}


class SettingAnswer(Answer):
    """A setting; ``source`` is the file or variable that it is from, ``line`` its place in a file."""

    setting: str
    value: Any
    layer: str
    source: str
    line: int | None = None


class SettingsAnswer(Answer):
    """What ``esl settings show --json`` says; ``profile`` is the name of the student's profile, where there is one."""

    tenant: str
    student: str
    profile: str | None
    file: str
    version: str
    settings: tuple[SettingAnswer, ...]
    problems: tuple[ProblemAnswer, ...]


class FindingAnswer(Answer):
    """What asking somebody showed: ``status`` is ok, warning, failed or unavailable."""

    subject: str
    status: str
    message: str
    student: str = ""


class TenantCheckAnswer(Answer):
    """What was found of one tenant."""

    tenant: str
    file: str
    problems: tuple[ProblemAnswer, ...]
    findings: tuple[FindingAnswer, ...]


class CheckAnswer(Answer):
    """What ``esl settings check --json`` says."""

    status: str
    tenants: tuple[TenantCheckAnswer, ...]


def show(tenant: str, student: str, *, output: Output) -> int:
    """Lists the settings of a tenant, or of one of its students."""
    report = report_settings(create_pipeline().providers, tenant, student)
    output.people.print(_heading(report, student), markup=False)
    _list(report.settings, output)
    output.problems(report.problems, report.file or tenant)
    output.answer(
        SettingsAnswer(
            tenant=tenant,
            student=student,
            profile=report.profile,
            file=report.file,
            version=report.version,
            settings=tuple(_setting(one) for one in report.settings),
            problems=_problems(report.problems),
        )
    )
    return REJECTED if has_errors(report.problems) else DONE


def check(tenants: Sequence[str], *, live: bool, output: Output) -> int:
    """Checks the settings of tenants, and says what was found of each as soon as it is known."""
    checks = list[TenantCheck]()
    environment = read_environment()
    providers = create_pipeline(environment=environment).providers
    receivers = partial(receivers_found, environment, providers)
    for found in check_settings(providers, tenants, live=live, further=receivers):
        checks.append(found)
        _tell(found, output)
    wrong, unsure = any(found.is_wrong for found in checks), any(found.is_unsure for found in checks)
    status = "rejected" if wrong else "unavailable" if unsure else "succeeded"
    if not checks:
        output.people.print("There are no tenants with settings of their own.")
    output.answer(CheckAnswer(status=status, tenants=tuple(_check(found) for found in checks)))
    return REJECTED if wrong else UNAVAILABLE if unsure else DONE


def _heading(report: SettingsReport, student: str) -> str:
    lines = [f"{report.tenant}: {report.file}, version {report.version}"] if report.file else []
    if not report.file and not report.problems:
        lines.append(f"{report.tenant} has no settings of its own; these are the installation's.")
    if report.profile:
        lines.append(f"With the profile of the student {report.profile}.")
    elif student:
        known = f"Profiles are there for {', '.join(report.students)}." if report.students else "There are no profiles."
        lines.append(f"The student {student} has no profile. {known}")
    return "\n".join(lines)


def _list(settings: Sequence[ShownSetting], output: Output) -> None:
    names = [shown_path(one.setting) for one in settings]
    longest = max(map(len, names))
    for name, one in zip(names, settings, strict=True):
        line = escape(f"{name:<{longest}}  {_words(one.value)}")
        where = "" if one.origin.layer == "default" else f"  [cyan]{escape(_from(one))}[/]"
        output.people.print(f"[dim]{line}[/]" if not where else line + where)


def _words(value: Any) -> str:
    if value is None or value == "":
        return "none"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _from(one: ShownSetting) -> str:
    return f"({one.origin.layer}: {one.origin.source}{f':{one.line}' if one.line else ''})"


def _setting(one: ShownSetting) -> SettingAnswer:
    origin = one.origin
    return SettingAnswer(setting=one.setting, value=one.value, layer=origin.layer, source=origin.source, line=one.line)


def _tell(found: TenantCheck, output: Output) -> None:
    output.problems(found.problems, found.file or found.tenant)
    for one in found.findings:
        whose = f"{found.tenant}, {one.student}" if one.student else found.tenant
        colour = COLOURS[one.status]
        output.people.print(f"{escape(whose)}: [{colour}]{one.status}[/] {one.subject}: {escape(one.message)}")
    if not (found.is_wrong or found.is_unsure):
        output.people.print(f"{found.tenant}: [green]ok[/]")


def _check(found: TenantCheck) -> TenantCheckAnswer:
    findings = tuple(FindingAnswer(**asdict(one)) for one in found.findings)
    return TenantCheckAnswer(
        tenant=found.tenant, file=found.file, problems=_problems(found.problems), findings=findings
    )


def _problems(problems: Sequence[Problem]) -> tuple[ProblemAnswer, ...]:
    return tuple(ProblemAnswer(**asdict(problem)) for problem in problems)
