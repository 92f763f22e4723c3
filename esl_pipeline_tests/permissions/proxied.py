"""The documented nginx in front of two real web servers of Dagster, one of them read-only."""

from __future__ import annotations
