"""Where the account's voices come from."""

from __future__ import annotations

from esl_pipeline.sandbox.voices import CatalogueVoice

PREMADE = "premade"
OTHERS = {"Laura": "professional", "Chris": "professional", "River": "generated", "Margaret": "professional"}
"""Voices that are not the vendor's own, which it withdraws at the end of 2026."""


def category(voice: CatalogueVoice) -> str:
    """Returns ``premade``, ``professional`` or ``generated``."""
    return OTHERS.get(voice.name, PREMADE)
