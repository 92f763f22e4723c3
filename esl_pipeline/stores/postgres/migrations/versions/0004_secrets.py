"""Encrypted secrets."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Makes the table of secrets."""
    op.create_table(
        "secrets",
        sa.Column("tenant", sa.Text(collation="C"), primary_key=True),
        sa.Column("name", sa.Text(collation="C"), primary_key=True),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        schema="esl",
    )


def downgrade() -> None:
    """Drops it, with all that is in it."""
    op.drop_table("secrets", schema="esl")
