"""Runs the migrations on the connection that ``migrate`` gives."""

from alembic import context

from esl_pipeline.stores.postgres.schema import VERSION_TABLE
from esl_pipeline.stores.postgres.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    version_table=VERSION_TABLE,
    version_table_schema="esl",
    include_schemas=True,
)
with context.begin_transaction():
    context.run_migrations()
