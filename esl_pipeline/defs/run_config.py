"""What an operator types into the launchpad, whose ranges Dagster itself does not check before a run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

import dagster as dg
from pydantic import ValidationError

from esl_pipeline.defs.failures import refusal

RUN_CONFIG = "run_config"
"""Code of a failure: a value of the launchpad can't be."""
FIX = "Launch it again with values in range: the launchpad's descriptions name them."


class ConfigFromEnvironmentError(Exception):
    """A run's configuration takes values from the environment, as Dagster lets it: ``{env: NAME}``."""

    def __init__(self, names: Iterable[str]) -> None:
        super().__init__(
            "A run's configuration takes nothing from the environment, whose values may be secrets that all who look "
            f"would see. Write the value itself instead of {', '.join(names)}."
        )


def check_no_environment(config: object) -> None:
    """Checks a run's configuration as it was written.

    Raises:
        ConfigFromEnvironmentError: it names variables.
    """
    if names := sorted(set(_variables(config))):
        raise ConfigFromEnvironmentError(names)


def _variables(config: object) -> Iterator[str]:
    if isinstance(config, Mapping) and set(config) == {"env"} and isinstance(config["env"], str):
        yield config["env"]
        return
    inner = config.values() if isinstance(config, Mapping) else config if isinstance(config, list) else ()
    for value in inner:
        yield from _variables(value)


class RunConfig(dg.Config):
    """Configuration of an op. Values out of range fail its run for good, all named at once.

    Raises:
        Failure: values are out of range.
    """

    def __init__(self, **values: Any) -> None:
        try:
            super().__init__(**values)
        except ValidationError as error:
            raise refusal(_in_words(error), RUN_CONFIG, FIX) from None


def _in_words(error: ValidationError) -> str:
    wrong = (f"{'.'.join(map(str, one['loc']))} is {one['input']!r}: {one['msg']}." for one in error.errors())
    return " ".join(wrong)


def check_range(name: str, value: int, least: int, most: int) -> None:
    """Checks a number that a resource is given: Dagster takes an error of a resource for a crash, and tries again.

    Raises:
        Failure: it is out of range.
    """
    if not least <= value <= most:
        raise refusal(f"{name} is {value}.", RUN_CONFIG, f"Launch it again with {name} from {least} to {most}.")


def check_time(name: str, text: str) -> datetime | None:
    """Returns a time that a resource is given, None where it is empty.

    Raises:
        Failure: it is none, or has no time zone.
    """
    try:
        found = datetime.fromisoformat(text) if text else None
    except ValueError:
        found = datetime.min
    if found and found.tzinfo is None:
        fix = "Launch it again with a time such as 2026-11-25T08:00:00Z."
        raise refusal(f"{name} is {text[:40]!r}.", RUN_CONFIG, fix)
    return found
