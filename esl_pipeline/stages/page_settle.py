"""Writes to Notion that happen once: an answer that leaves it open is settled by reading, not by asking again."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from esl_pipeline.clients.errors import UnavailableError
from esl_pipeline.stages.context import JobContext

T = TypeVar("T")

ATTEMPTS = 3
"""Writes at most, each but the first after reading showed that nothing had happened."""

LOOKS_S = (0.0, 1.0, 2.0, 4.0)
"""Seconds to wait before each look; nothing promises that a read sees a write at once."""

CONFLICT = "conflict_error"
NO_LONGER_AT_WORK = frozenset({409, 500, 502, 503})
"""Answers after which the vendor does no more; after a time-out or a 504 it may still be writing."""


def settle(context: JobContext, write: Callable[[], T], look: Callable[[UnavailableError], T | None]) -> T:
    """Makes a write happen once.

    Args:
        context: the job's; its clock waits.
        write: sends the request.
        look: reads whether the write happened after all; None where it did not.

    Raises:
        UnavailableError: it did not happen, or it may yet; asking again later helps, since each stage reads first.
        RejectedError: the vendor refuses.
    """
    for attempt in range(1, ATTEMPTS + 1):
        context.stop_if_cancelled()
        try:
            return write()
        except UnavailableError as error:
            if not (error.may_have_happened or error.code == CONFLICT):
                raise
            found = _look_again(context, error, look)
            if found is not None:
                return found
            if attempt == ATTEMPTS or error.status not in NO_LONGER_AT_WORK:
                raise
            context.logger.info("write repeated", vendor="notion", code=error.code, attempt=attempt)
    raise AssertionError  # the last attempt returns or raises


def _look_again(context: JobContext, error: UnavailableError, look: Callable[[UnavailableError], T | None]) -> T | None:
    for wait_s in LOOKS_S if error.may_have_happened else (1.0,):
        if wait_s:
            context.clock.sleep(wait_s)
        context.stop_if_cancelled()
        found = look(error)
        if found is not None:
            return found
    return None
