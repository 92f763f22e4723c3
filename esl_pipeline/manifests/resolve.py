"""Settings of one run from its layers; every value remembers where it came from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from esl_pipeline.lessons.problems import Position, Problem
from esl_pipeline.manifests.check_fields import FieldCheck, Valid
from esl_pipeline.manifests.fields import all_fields
from esl_pipeline.manifests.places import START
from esl_pipeline.manifests.rules import Rule, broken
from esl_pipeline.manifests.settings import Settings, SettingsLayerName, SpeechSettings

ENGINE, MODEL = "speech.engine", "speech.model"
"""A layer that chooses another engine does away with the model that the layers below chose for the former one."""

ALTERNATIVES = (
    "notion.data_source_id",
    "notion.database_id",
    "notion.database_name",
    "notion.data_source_name",
    "notion.parent_page_id",
)
"""Ways to name one thing: a layer that uses any of them does away with the others of the layers below."""


@dataclass(frozen=True, slots=True)
class Layer:
    """Settings from one place.

    Attributes:
        name: which of the layers it is.
        source: file, or words for where it is.
        values: groups of settings, as written and not checked yet.
    """

    name: SettingsLayerName
    source: str
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a setting's value came from: the layer, the file or variable, and the place in the file."""

    layer: SettingsLayerName
    source: str
    at: Position = field(default=START, compare=False)


@dataclass(frozen=True, slots=True)
class ResolvedSettings:
    """The settings of a run.

    Attributes:
        settings: the defaults where a layer is wrong.
        origins: of each setting, by its dotted path; settings by key that have none are there without a key.
        problems: what is wrong with the layers, in their order.
    """

    settings: Settings
    origins: Mapping[str, Origin]
    problems: tuple[Problem, ...]


def resolve(layers: Sequence[Layer]) -> ResolvedSettings:
    """Puts layers on top of each other and of the defaults, setting by setting, later ones winning.

    A wrong value is a problem, and puts its setting back to the default: what a lower layer said was not wanted.
    """
    chosen: dict[str, tuple[Valid, Origin]] = {}
    problems: list[Problem] = []
    for layer in layers:
        check = FieldCheck(layer.source, Rule.SETTING_UNKNOWN, Rule.SETTING_VALUE)
        mine: dict[str, tuple[Valid, Origin]] = {}
        for found in check.walk(layer.values, Settings):
            if isinstance(found, Valid):
                mine[found.path] = found, Origin(layer.name, found.source, found.at)
                continue
            problems.append(found.problem)
            for path in [path for path in chosen if f"{path}.".startswith(f"{found.path}.")]:
                del chosen[path]
        if any(path in mine and mine[path][0].value is not None for path in ALTERNATIVES):
            for path in ALTERNATIVES:
                chosen.pop(path, None)
        if ENGINE in mine and mine[ENGINE][0].value != _engine(chosen):
            chosen.pop(MODEL, None)
        chosen |= mine
    settings, origins = _settings(chosen), _origins(chosen)
    return ResolvedSettings(settings, origins, (*problems, *_budget_problems(settings, origins)))


def _engine(chosen: Mapping[str, tuple[Valid, Origin]]) -> str:
    return str(chosen[ENGINE][0].value) if ENGINE in chosen else SpeechSettings().engine


def _budget_problems(settings: Settings, origins: Mapping[str, Origin]) -> Iterator[Problem]:
    """Checks what needs two settings: a limit that is only told must come before the one that refuses."""
    for unit in ("characters", "usd"):
        soft, hard = getattr(settings.budget, f"{unit}_soft"), getattr(settings.budget, f"{unit}_hard")
        if soft is not None and hard is not None and soft > hard:
            origin = origins[f"budget.{unit}_soft"]
            message = f"budget.{unit}_soft must be at most budget.{unit}_hard, which is {hard}, not {soft}."
            yield broken(Rule.SETTING_VALUE, origin.source, origin.at, message)


def _settings(chosen: Mapping[str, tuple[Valid, Origin]]) -> Settings:
    nested: dict[str, Any] = {}
    for valid, _ in chosen.values():
        *sections, name = valid.field.path.split(".")
        group = nested
        for section in sections:
            group = group.setdefault(section, {})
        if valid.key is None:
            group[name] = valid.value
        else:
            group.setdefault(name, dict(valid.field.default or {}))[valid.key] = valid.value
    return Settings.model_validate(nested)


def _origins(chosen: Mapping[str, tuple[Valid, Origin]]) -> dict[str, Origin]:
    given = {valid.field.path for valid, _ in chosen.values()}
    origins = {path: origin for path, (_, origin) in chosen.items()}
    default = Origin("default", "built in")
    return origins | {known.path: default for known in all_fields(Settings) if known.path not in given}
