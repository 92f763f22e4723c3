"""Tenants' settings as rows of a table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Lock

import sqlalchemy as sa

from esl_pipeline.manifests.slugs import SLUG, check_slug
from esl_pipeline.stores.config import ConfigRefusedError, ConfigText, ConfigUnavailableError, document_of
from esl_pipeline.stores.postgres.schema import migrate
from esl_pipeline.stores.postgres.tables import TENANT_SETTINGS


class PostgresConfig:
    """Documents in the table ``esl.tenant_settings``, which is made before the first reading where it is missing.

    Args:
        engine: of the database.
    """

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._lock, self._is_ready = Lock(), False

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
        return sorted(name for name in names if SLUG.fullmatch(name))

    @contextmanager
    def _connected(self) -> Iterator[sa.Connection]:
        try:
            with self._lock:
                if not self._is_ready:
                    migrate(self._engine)
                    self._is_ready = True
            with self._engine.connect() as connection:
                yield connection
        except (sa.exc.OperationalError, sa.exc.InterfaceError, sa.exc.TimeoutError) as error:
            raise ConfigUnavailableError(f"{self._where} is out of reach: {_kind(error)}") from error
        except sa.exc.SQLAlchemyError as error:
            raise ConfigRefusedError(f"{self._where} can't be read: {_kind(error)}") from error

    @property
    def _where(self) -> str:
        url = self._engine.url
        return f"The table esl.tenant_settings of the database {url.database} at {url.host}"


def _kind(error: sa.exc.SQLAlchemyError) -> str:
    """Returns the kind of an error; its words may show a statement or an address."""
    return type(getattr(error, "orig", None) or error).__name__
