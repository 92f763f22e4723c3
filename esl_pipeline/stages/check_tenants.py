"""Asks the vendors whether the settings of all tenants can work.

Reads the tenants' documents and standings, and what ``settings_live`` reads. Buys nothing; puts a small object into
each bucket and deletes it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from esl_pipeline.lessons import Severity
from esl_pipeline.stages.job_record import Answer
from esl_pipeline.stages.providers import Providers
from esl_pipeline.stages.run_stage import failure_in_words, failure_kind
from esl_pipeline.stages.settings_check import TenantCheck, check_settings
from esl_pipeline.stages.tenants_active import ActiveTenants


class FoundOfTenant(Answer):
    """One thing that was found of a tenant.

    Attributes:
        subject: ``settings`` for what stands in its document, else what was asked for.
        status: ``failed`` where somebody must change something, ``unavailable`` where nobody could be asked.
        student: whose profile asks for it; empty where the tenant does.
    """

    tenant: str
    subject: str
    status: str
    message: str
    student: str = ""

    @property
    def is_wrong(self) -> bool:
        """Whether it can't work, or could not be told."""
        return self.status in ("failed", "unavailable")

    def in_words(self) -> str:
        """Returns it as one line."""
        student = f" ({self.student})" if self.student else ""
        return f"{self.tenant}{student}: {self.subject} {self.status}: {self.message}"


class TenantsCheck:
    """One check of many tenants; what is wrong with one does not stop the others."""

    def __init__(self, providers: Providers) -> None:
        self._providers = providers
        self._active = ActiveTenants(providers.standings)

    @property
    def passed_over(self) -> tuple[str, ...]:
        """The tenants that may not publish, of those that were asked for."""
        return tuple(sorted(self._active.passed_over))

    def look(self, tenants: Iterable[str]) -> Iterator[FoundOfTenant]:
        """Yields what is found, tenant by tenant.

        Args:
            tenants: slugs.
        """
        for tenant in tenants:
            try:
                if self._active(tenant):
                    for check in check_settings(self._providers, [tenant], live=True):
                        yield from _found(check)
            except Exception as error:  # noqa: BLE001 whatever it is must not stop the others
                status = "unavailable" if failure_kind(error) == "unavailable" else "failed"
                told = failure_in_words(error)
                yield FoundOfTenant(tenant=tenant, subject="settings", status=status, message=told)


def _found(check: TenantCheck) -> Iterator[FoundOfTenant]:
    for problem in check.problems:
        status = "failed" if problem.severity is Severity.ERROR else "warning"
        words = f"{problem.file} line {problem.line}: {problem.message} {problem.fix}".rstrip()
        yield FoundOfTenant(tenant=check.tenant, subject="settings", status=status, message=words)
    for found in check.findings:
        yield FoundOfTenant(
            tenant=check.tenant,
            subject=found.subject,
            status=found.status,
            message=found.message,
            student=found.student,
        )
