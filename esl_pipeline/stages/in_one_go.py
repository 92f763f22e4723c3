"""How much a job over all tenants does in one go; the rest is for the next ones.

They stand here and not with their stages, because Dagster's definitions offer them in the launchpad.
"""

from __future__ import annotations

MOST_ASSIGNMENTS = 300
"""That are compared with what was published, those first that were looked at longest ago."""

MOST_PAGES = 500
"""Whose addresses are signed anew, those first that end first."""
