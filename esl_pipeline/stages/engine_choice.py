"""Whether a chosen engine is one that is installed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches

from esl_pipeline.lessons import Problem
from esl_pipeline.manifests import Origin
from esl_pipeline.manifests.rules import Rule, broken, shown
from esl_pipeline.manifests.settings import Settings

SETTING = "speech.engine"

EngineNames = Callable[[], Sequence[str]]
"""Gives the names of all engines that are installed; packages may add some."""


def engine_problems(
    settings: Settings, origins: Mapping[str, Origin], names: EngineNames | None
) -> tuple[Problem, ...]:
    """Checks the engine before anything is sent; any name will do where nobody knows the names."""
    if names is None or settings.speech.engine in (known := names()):
        return ()
    origin = origins[SETTING]
    message, fix = no_such_engine(settings.speech.engine, known)
    return (broken(Rule.SETTING_VALUE, origin.source, origin.at, message, fix),)


def no_such_engine(name: str, known: Sequence[str]) -> tuple[str, str]:
    """Returns what is wrong and how to mend it."""
    meant = get_close_matches(name[:80], known, 1)
    hint = f"Did you mean {meant[0]}? " if meant else ""
    return f"There is no {SETTING} {shown(name)}.", f"{hint}Installed are {', '.join(known)}."
