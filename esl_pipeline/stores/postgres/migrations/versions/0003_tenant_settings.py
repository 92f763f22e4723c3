"""Tenants' settings."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Makes the table of tenants' settings."""
    op.create_table(
        "tenant_settings",
        sa.Column("tenant", sa.Text(collation="C"), primary_key=True),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column(
            "form", sa.Text, sa.CheckConstraint("form IN ('yaml', 'json')"), nullable=False, server_default="yaml"
        ),
        schema="esl",
    )


def downgrade() -> None:
    """Drops it, with all that is in it."""
    op.drop_table("tenant_settings", schema="esl")
