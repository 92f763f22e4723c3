"""Where Dagster keeps runs, events and ticks: in SQLite, or in the Postgres that the environment names."""

from __future__ import annotations

from typing import TypedDict

from dagster._config import StringSource
from dagster._config.config_schema import UserConfigSchema
from dagster._core.storage.base_storage import DagsterStorage
from dagster._core.storage.sqlite_storage import DagsterSqliteStorage
from dagster._serdes import ConfigurableClassData

from esl_pipeline.stages.environment import dagster_postgres_url


class StorageConfig(TypedDict):
    """What ``dagster.yaml`` says."""

    base_dir: str


class ChosenStorage(DagsterSqliteStorage):
    """Stands in ``dagster.yaml``; the database's address does not, because it may hold a password."""

    @classmethod
    def config_type(cls) -> UserConfigSchema:
        """Returns what is configured: ``base_dir``, the folder of SQLite, which is that of the instance."""
        return {"base_dir": StringSource}

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData, config_value: StorageConfig) -> DagsterStorage:  # type: ignore[override]
        """Opens the storage; tables that are missing are made.

        Raises:
            ConfigurationError: ``ESL_DAGSTER_POSTGRES_URL`` is no address.
            DagsterPostgresException: nobody answers there.
        """
        url = dagster_postgres_url()
        if not url:
            return DagsterSqliteStorage.from_local(config_value["base_dir"], inst_data)
        from esl_pipeline.defs.pooled_postgres import PooledPostgresStorage

        return PooledPostgresStorage(url.get_secret_value(), inst_data)
