"""What an operator types into the launchpad, whose ranges Dagster itself does not check before a run."""

from __future__ import annotations

from typing import Any

import dagster as dg
from pydantic import ValidationError

from esl_pipeline.defs.failures import refusal

RUN_CONFIG = "run_config"
"""Code of a failure: a value of the launchpad can't be."""
FIX = "Launch it again with values in range: the launchpad's descriptions name them."


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
