"""How long a job over all tenants may take."""

from __future__ import annotations

from dagster._core.storage.tags import MAX_RUNTIME_SECONDS_TAG

LONG = {MAX_RUNTIME_SECONDS_TAG: str(6 * 3600)}
"""Tags of a run that Dagster ends after six hours, and not after the hour that is enough for one assignment."""
