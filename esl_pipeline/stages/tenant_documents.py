"""The tenants' documents, understood."""

from __future__ import annotations

from esl_pipeline.lessons import Problem
from esl_pipeline.manifests import AskingError, TenantFile, read_tenant_file
from esl_pipeline.stores.config import ConfigProvider


class TenantDocuments:
    """Reads a tenant's settings when they are needed, so that a wrong document stops its own tenant alone.

    Args:
        config: gives the documents.
    """

    def __init__(self, config: ConfigProvider) -> None:
        self._config = config

    def __call__(self, tenant: str) -> tuple[TenantFile | None, tuple[Problem, ...]]:
        """Returns a tenant's settings, None where it has none or they can't be made out, and what is wrong with them.

        Raises:
            ConfigUnavailableError: asking again may help.
            ConfigRefusedError: the place of the settings refuses.
        """
        try:
            found = self._config.read(tenant)
        except AskingError as error:
            return None, error.problems
        if found is None:
            return None, ()
        return read_tenant_file(found.text, file=found.file, version=found.version)
