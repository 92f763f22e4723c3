"""The tables, as the newest migration leaves them."""

from __future__ import annotations

import sqlalchemy as sa

METADATA = sa.MetaData(schema="esl")

VERSIONS = sa.Sequence("document_versions", metadata=METADATA)
"""Of all documents, so that one that is removed and made again never has an old version."""

DOCUMENTS = sa.Table(
    "documents",
    METADATA,
    # Sorted by code points, so that a tenant's keys stand together whatever the database's language.
    sa.Column("key", sa.Text(collation="C"), primary_key=True),
    sa.Column("content", sa.LargeBinary, nullable=False),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
)

JOURNAL_LINES = sa.Table(
    "journal_lines",
    METADATA,
    sa.Column("name", sa.Text(collation="C"), primary_key=True),
    sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("line", sa.LargeBinary, nullable=False),
    sa.Column("added_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
)

TENANT_SETTINGS = sa.Table(
    "tenant_settings",
    METADATA,
    sa.Column("tenant", sa.Text(collation="C"), primary_key=True),
    sa.Column("document", sa.Text, nullable=False),
    sa.Column("form", sa.Text, sa.CheckConstraint("form IN ('yaml', 'json')"), nullable=False, server_default="yaml"),
)
"""Written by operators; the program only reads it."""

SECRETS = sa.Table(
    "secrets",
    METADATA,
    sa.Column("tenant", sa.Text(collation="C"), primary_key=True),
    sa.Column("name", sa.Text(collation="C"), primary_key=True),
    sa.Column("content", sa.LargeBinary, nullable=False),
    sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
)
"""Encrypted; those of the installation itself have an empty tenant."""

RECORDS = sa.Table(
    "records",
    METADATA,
    sa.Column("key", sa.Text(collation="C"), primary_key=True),
    sa.Column("content", sa.LargeBinary, nullable=False),
    sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
)
"""Few and small, and changed all the time: how many requests each vendor gets."""
