"""A local Notion: the part of its API, version 2026-03-11, that publishing lessons needs; cheap to import."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

HOMEWORK_DATABASE_ID = "5eed0000-0000-4000-8000-0000000000d1"
HOMEWORK_DATA_SOURCE_ID = "5eed0000-0000-4000-8000-0000000000a1"
"""The table that lessons go to; it has no ``ESL Key`` column until the first lesson is published."""

STUDENTS_DATABASE_ID = "5eed0000-0000-4000-8000-0000000000d2"
STUDENTS_DATA_SOURCE_ID = "5eed0000-0000-4000-8000-0000000000a2"
PLAIN_DATABASE_ID = "5eed0000-0000-4000-8000-0000000000d3"
PLAIN_DATA_SOURCE_ID = "5eed0000-0000-4000-8000-0000000000a3"
"""A table with a title and an ``ESL Key`` column and nothing else."""
