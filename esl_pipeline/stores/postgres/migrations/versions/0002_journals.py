"""Journals."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Makes the table of the journals' lines."""
    op.create_table(
        "journal_lines",
        sa.Column("name", sa.Text(collation="C"), primary_key=True),
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("line", sa.LargeBinary, nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        schema="esl",
    )


def downgrade() -> None:
    """Drops it, with all that is in it."""
    op.drop_table("journal_lines", schema="esl")
