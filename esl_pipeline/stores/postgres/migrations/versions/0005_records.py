"""Records of the pace."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Makes the table of records; half of each page is left free, so that a change needs no new one."""
    op.create_table(
        "records",
        sa.Column("key", sa.Text(collation="C"), primary_key=True),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        schema="esl",
    )
    op.execute("ALTER TABLE esl.records SET (fillfactor = 50)")


def downgrade() -> None:
    """Drops it, with all that is in it."""
    op.drop_table("records", schema="esl")
