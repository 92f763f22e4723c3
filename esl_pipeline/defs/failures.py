"""How a stage's errors become Dagster's: what can't succeed fails for good, what may is tried again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import dagster as dg
from dagster._core.errors import DagsterExecutionInterruptedError

from esl_pipeline.defs.metadata import MetadataDict, problems_table, summary_of, told_of

if TYPE_CHECKING:
    from esl_pipeline.lessons import Problem

RETRY_WAIT_S = 10.0
"""Wait where the vendor names none."""
LONGEST_WAIT_S = 120.0
"""A wait holds the run's place in the queue, so a longer one fails the run instead."""

CANCELLED = "The run was cancelled. What it did stays and is not done again: run it again, and it goes on from here."
LESSON_ERRORS, FOR_SOME = "lesson_errors", "failed_for_some"
"""Codes of failures."""
MEND_LESSON = "Mend each of these where it stands, then run again."
MEND_EACH = "Mend what each line says, then launch the job again: it goes on with what is left."


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
        described = {f"failure/{name}": str(value) for name, value in describe_failure(error).items() if value}
        metadata: MetadataDict = {name: dg.MetadataValue.text(text) for name, text in (about | described).items()}
        if problems := getattr(error, "problems", ()):
            metadata["lesson/problems"] = problems_table(problems)
        if kind == "unavailable" and retries_so_far < retries:
            wait_s = _wait_s(error)
            if wait_s <= LONGEST_WAIT_S:
                raise dg.RetryRequested(max_retries=retries, seconds_to_wait=wait_s) from error
        raise dg.Failure(str(error), metadata=metadata, allow_retries=False) from error


def refusal(message: str, code: str, fix: str, metadata: MetadataDict | None = None, summary: str = "") -> dg.Failure:
    """Returns the failure of what can't be done until somebody changes something.

    Args:
        message: what is wrong.
        code: by which it is told from others, such as ``no_partition``.
        fix: what to do.
        metadata: further ones.
        summary: what a list of events shows; message and fix where empty.
    """
    told = {"kind": "rejected", "code": code, "message": message, "fix": fix}
    about: MetadataDict = {f"failure/{name}": dg.MetadataValue.text(text) for name, text in told.items()}
    return dg.Failure(summary or f"{message} {fix}", metadata=about | (metadata or {}), allow_retries=False)


def failed_for_some(problems: Sequence[str], metadata: MetadataDict) -> dg.Failure:
    """Returns the failure of a job over all tenants that went on behind what failed.

    Args:
        problems: a line each, one or more.
        metadata: what was done.
    """
    told = "\n".join(problems)
    return refusal(told, FOR_SOME, MEND_EACH, metadata, summary=told)


def lesson_failure(problems: Sequence[Problem], manifest_sha256: str) -> dg.Failure:
    """Returns the failure of a step whose lesson or manifest has errors, with all of its problems."""
    about: MetadataDict = {
        "manifest/sha256": dg.MetadataValue.text(manifest_sha256),
        "lesson/problems": problems_table(problems),
    }
    return refusal(told_of(problems), LESSON_ERRORS, MEND_LESSON, about, summary_of(problems))


def _wait_s(error: Exception) -> float:
    from esl_pipeline.defs.at_work import LeaseHeldError, UnavailableError

    asked = error.retry_after_s if isinstance(error, UnavailableError | LeaseHeldError) else None
    return RETRY_WAIT_S if asked is None else asked
