"""Tenants' settings as rows of a table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import sqlalchemy as sa

from esl_pipeline.slugs import check_slug, is_slug
from esl_pipeline.stores.config import ConfigRefusedError, ConfigText, ConfigUnavailableError, document_of
from esl_pipeline.stores.documents import StoreUnavailableError
from esl_pipeline.stores.postgres.tables import TENANT_SETTINGS
from esl_pipeline.stores.postgres.transactions import transaction

PASSING = (sa.exc.OperationalError, sa.exc.InterfaceError, sa.exc.TimeoutError)
"""Errors after which asking again may help."""


class PostgresConfig:
    """Documents in the table ``esl.tenant_settings``, which is made before the first reading where it is missing.

    Args:
        engine: of the database.
    """

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def read(self, tenant: str, known: ConfigText | None = None) -> ConfigText | None:
        """Returns a tenant's document, None where it has none."""
        columns = TENANT_SETTINGS.c
        wanted = sa.select(columns.document, columns.form).where(columns.tenant == check_slug(tenant, "tenant"))
        with self._connected() as connection:
            row = connection.execute(wanted).one_or_none()
        if row is None:
            return None
        found = document_of(row.document.encode(), f"{tenant}.{row.form}")
        return known if known == found else found

    def tenants(self) -> Sequence[str]:
        """Returns the tenants that have a row, sorted."""
        with self._connected() as connection:
            names = connection.execute(sa.select(TENANT_SETTINGS.c.tenant)).scalars().all()
        return sorted(name for name in names if is_slug(name))

    @contextmanager
    def _connected(self) -> Iterator[sa.Connection]:
        where = "The table esl.tenant_settings"
        try:
            with transaction(self._engine) as connection:
                yield connection
        except StoreUnavailableError as error:
            if isinstance(error.__cause__, PASSING):
                raise ConfigUnavailableError(f"{where} is out of reach. {error}") from error
            raise ConfigRefusedError(f"{where} can't be read. {error}") from error
