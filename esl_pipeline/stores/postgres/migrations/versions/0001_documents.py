"""Documents."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Makes the table of documents, and the sequence of their versions."""
    op.execute(sa.schema.CreateSequence(sa.Sequence("document_versions", schema="esl")))
    op.create_table(
        "documents",
        sa.Column("key", sa.Text(collation="C"), primary_key=True),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        schema="esl",
    )


def downgrade() -> None:
    """Drops them, with all that is in it."""
    op.drop_table("documents", schema="esl")
    op.execute(sa.schema.DropSequence(sa.Sequence("document_versions", schema="esl")))
