"""State in Postgres: tables, their migrations, and the stores on them."""

from esl_pipeline.stores.postgres.documents import PostgresDocuments
from esl_pipeline.stores.postgres.journal import PostgresJournal
from esl_pipeline.stores.postgres.records import PostgresRecords
from esl_pipeline.stores.postgres.schema import migrate

__all__ = ["PostgresDocuments", "PostgresJournal", "PostgresRecords", "migrate"]
