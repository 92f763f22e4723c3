"""Checks the settings of tenants: their documents, and with them what the settings name at the vendors."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches

from esl_pipeline.lessons import Problem, has_errors
from esl_pipeline.manifests.settings import Settings
from esl_pipeline.stages.providers import Providers
from esl_pipeline.stages.settings_live import LiveCheck, LiveFinding
from esl_pipeline.stages.tenant_settings import TenantReading, in_order, named_problems, read_settings, settings_in
from esl_pipeline.stores.config import ConfigRefusedError, ConfigUnavailableError

Further = Callable[[str], Iterable[LiveFinding]]


@dataclass(frozen=True)
class TenantCheck:
    """What was found of one tenant.

    Attributes:
        file: name of its document; empty where it has none or it can't be made out.
        problems: of the document; of a setting that is wrong for several students, once.
        findings: about what can be found out only by asking somebody.
    """

    tenant: str
    file: str = ""
    problems: tuple[Problem, ...] = ()
    findings: tuple[LiveFinding, ...] = ()

    @property
    def is_wrong(self) -> bool:
        """Whether something must be mended."""
        return has_errors(self.problems) or any(found.status == "failed" for found in self.findings)

    @property
    def is_unsure(self) -> bool:
        """Whether somebody could not be asked, so that looking again later may tell more."""
        return any(found.status == "unavailable" for found in self.findings)


def check_settings(
    providers: Providers,
    tenants: Sequence[str] = (),
    *,
    live: bool = False,
    further: Further = lambda _: (),
) -> Iterator[TenantCheck]:
    """Yields what is found of each tenant; what is wrong with one says nothing of the others.

    Args:
        providers: of the pipeline.
        tenants: slugs; all tenants that have a document where there are none.
        live: whether the vendors are asked too: whether credentials work, and places and voices are there. Costs
            nothing; a small object is put into the bucket and deleted.
        further: what else is looked at of a tenant then, such as the receivers of messages.

    Raises:
        SlugError: a tenant is no slug.
        ConfigUnavailableError: all tenants were asked for, and their names can't be read.
        ConfigRefusedError: the same, and asking again can't help.
    """
    for tenant in tenants or providers.config.tenants():
        found = _checked(providers, tenant, live=live)
        read = not any(one.subject == "settings" and one.status != "warning" for one in found.findings)
        yield replace(found, findings=(*found.findings, *further(tenant))) if live and read else found


def _checked(providers: Providers, tenant: str, *, live: bool) -> TenantCheck:
    try:
        reading = read_settings(providers, tenant)
        if reading.file is None and not reading.problems:
            return _without_document(providers, tenant, reading, live=live)
    except ConfigUnavailableError as error:
        return TenantCheck(tenant, findings=(LiveFinding("settings", "unavailable", str(error)),))
    except ConfigRefusedError as error:
        return TenantCheck(tenant, findings=(LiveFinding("settings", "failed", str(error)),))
    students = reading.file.students if reading.file else ()
    readings = {"": reading} | {name: settings_in(providers, reading.file, name) for name in students}
    problems = {who: (*one.problems, *named_problems(providers, tenant, one.resolved)) for who, one in readings.items()}
    wrong = {who for who in readings if has_errors((*reading.problems, *problems[who]))}
    right = {who: one.resolved.settings for who, one in readings.items() if who not in wrong}
    return TenantCheck(
        tenant,
        reading.file.file if reading.file else "",
        in_order(problem for found in problems.values() for problem in found),
        tuple(_asked(providers, tenant, right)) if live else (),
    )


def _without_document(providers: Providers, tenant: str, reading: TenantReading, *, live: bool) -> TenantCheck:
    meant = get_close_matches(tenant, providers.config.tenants(), 1)
    hint = f" Did you mean {meant[0]}?" if meant else ""
    message = f"There is no document for this tenant, so the installation's own settings hold.{hint}"
    found = (LiveFinding("settings", "warning", message),)
    asked = tuple(_asked(providers, tenant, {"": reading.resolved.settings})) if live else ()
    return TenantCheck(tenant, findings=(*found, *asked))


def _asked(providers: Providers, tenant: str, settings: dict[str, Settings]) -> Iterator[LiveFinding]:
    """Yields what the vendors say; what is the same for a student as for the tenant is asked once."""
    check = LiveCheck(providers, tenant)
    for student, wanted in settings.items():
        for found in check.findings(wanted):
            yield replace(found, student=student)
