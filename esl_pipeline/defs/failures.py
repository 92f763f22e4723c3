"""How a stage's errors become Dagster's: what can't succeed fails for good, what may is tried again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import dagster as dg
from dagster._core.errors import DagsterExecutionInterruptedError

from esl_pipeline.defs.metadata import MetadataDict, problems_table, summary_of

if TYPE_CHECKING:
    from esl_pipeline.lessons import Problem

RETRY_WAIT_S = 10.0
"""Wait where the vendor names none."""
LONGEST_WAIT_S = 120.0
"""A wait holds the run's place in the queue, so a longer one fails the run instead."""

CANCELLED = "The run was cancelled. What it did stays and is not done again: run it again, and it goes on from here."
MEND_LESSON = "Mend what lesson/problems lists, then run again."


@contextmanager
def as_dagster_failures(retries_so_far: int = 0, retries: int = 0) -> Iterator[dict[str, str]]:
    """Turns the errors of a stage into Dagster's; what is put into the dictionary stands among a failure's metadata.

    Args:
        retries_so_far: how often the step was tried again already.
        retries: how often it may be, each time after the client's own few attempts.

    Raises:
        Failure: asking again can't help, or was tried often enough; its metadata say why and what to do.
        RetryRequested: asking again may help.
        DagsterExecutionInterruptedError: somebody cancelled the run.
    """
    from esl_pipeline.defs.at_work import describe_failure, failure_kind

    about: dict[str, str] = {}
    try:
        yield about
    except DagsterExecutionInterruptedError as error:
        raise DagsterExecutionInterruptedError(CANCELLED) from error
    except Exception as error:
        kind = failure_kind(error)
        if kind == "failed":
            raise
        metadata = about | {f"failure/{name}": str(value) for name, value in describe_failure(error).items() if value}
        if kind == "unavailable" and retries_so_far < retries:
            wait_s = _wait_s(error)
            if wait_s <= LONGEST_WAIT_S:
                raise dg.RetryRequested(max_retries=retries, seconds_to_wait=wait_s) from error
        raise dg.Failure(str(error), metadata=metadata, allow_retries=False) from error


def lesson_failure(problems: Sequence[Problem], manifest_sha256: str) -> dg.Failure:
    """Returns the failure of a step whose lesson or manifest has errors, with all of its problems."""
    metadata: MetadataDict = {
        "failure/kind": dg.MetadataValue.text("rejected"),
        "failure/code": dg.MetadataValue.text("lesson_errors"),
        "failure/fix": dg.MetadataValue.text(MEND_LESSON),
        "manifest/sha256": dg.MetadataValue.text(manifest_sha256),
        "lesson/problems": problems_table(problems),
    }
    return dg.Failure(summary_of(problems), metadata=metadata, allow_retries=False)


def _wait_s(error: Exception) -> float:
    from esl_pipeline.defs.at_work import LeaseHeldError, UnavailableError

    asked = error.retry_after_s if isinstance(error, UnavailableError | LeaseHeldError) else None
    return RETRY_WAIT_S if asked is None else asked
