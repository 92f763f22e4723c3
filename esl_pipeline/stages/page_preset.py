"""The heading colours that somebody chose for one assignment; they stay until its manifest names others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from esl_pipeline.manifests import Layer
from esl_pipeline.pages.preset_names import AS_SETTINGS
from esl_pipeline.stores.ledger import Ledger
from esl_pipeline.stores.publication import ChosenPreset, Publication


def choose_preset(asked: str, known: ChosenPreset | None, manifest: Mapping[str, Any]) -> ChosenPreset | None:
    """Returns the choice that holds, None where the settings decide.

    Args:
        asked: a preset's name, ``as-settings``, or nothing.
        known: what was chosen before.
        manifest: settings of the manifest as written; what these name since then is newer than the choice.
    """
    notion = manifest.get("notion")
    named = notion.get("preset") if isinstance(notion, Mapping) else None
    instead_of = None if named is None else str(named)
    if asked:
        return None if asked == AS_SETTINGS else ChosenPreset(preset=asked, instead_of=instead_of)
    return known if known and known.instead_of == instead_of else None


def preset_layer(chosen: ChosenPreset) -> Layer:
    """Returns the choice as settings."""
    return Layer("assignment", "chosen for this assignment", {"notion": {"preset": chosen.preset}})


def record_preset(ledger: Ledger, chosen: ChosenPreset | None) -> None:
    """Keeps a choice with the assignment, or forgets it."""
    if ledger.read().chosen_preset == chosen:
        return

    def change(publication: Publication) -> None:
        publication.chosen_preset = chosen

    ledger.update(change)
