from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.script import ScriptDirectory

from esl_pipeline.stores.postgres import schema


def test_the_newest_migration_is_the_one_that_is_named() -> None:
    folder = Path(schema.__file__).with_name("migrations")
    assert ScriptDirectory(str(folder)).get_heads() == [schema.NEWEST]


@pytest.mark.slow
@pytest.mark.xdist_group("postgres")
def test_tables_of_an_older_form_are_brought_up_to_date(postgres: sa.Engine) -> None:
    with postgres.begin() as connection:
        connection.execute(sa.text("DROP TABLE esl.records"))
        connection.execute(sa.text("UPDATE esl.migrations SET version_num = '0004'"))
    schema.migrate(postgres)
    assert "records" in sa.inspect(postgres).get_table_names("esl")
    with postgres.connect() as connection:
        assert connection.execute(sa.text("SELECT version_num FROM esl.migrations")).scalar() == schema.NEWEST
