"""The code block that a lesson stands in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from esl_pipeline.lessons.problems import Position, Problem
from esl_pipeline.lessons.rules.table import broken
from esl_pipeline.lessons.source import Frame

MAX_CHARACTERS = 200_000
"""Of a file; a long lesson has 20,000."""
SECTION_COUNT = 9
_SECTION = re.compile(r" {0,3}##[ \t]")
_LESSON_LINE = re.compile(r" {0,3}##[ \t]|:::[ \t]*\w")
_HEAD = re.compile(r"---[ \t]*$")


def check_size(text: str) -> Iterator[Problem]:
    """Reports a file that no lesson can be."""
    if len(text) > MAX_CHARACTERS:
        message = f"The file has more than {MAX_CHARACTERS} characters."
        yield broken("V-SZ", Position(), message, "Split it into several lessons.")


def check_frame(lines: Sequence[str], frame: Frame | None) -> Iterator[Problem]:
    """Reports a frame that is missing, never closed, or closed too early."""
    if frame is None:
        fix = "Write ```markdown above the whole lesson and ``` below it, each on a line of its own."
        yield broken("V-FN", Position(), "The lesson does not stand in a code block.", fix)
    elif frame.closer is None:
        message = "The code block with the lesson is never closed."
        fix = "Write as many backticks as here on a line of their own below the lesson."
        yield broken("V-FN", Position(frame.opener + 1), message, fix)
    elif (lost := _lost_line(lines, frame.opener, frame.closer)) is not None:
        message = f"The lesson ends here, and what follows from line {lost + 1} on is lost."
        fix = "If the lesson contains a code block, open and close the lesson with four backticks."
        yield broken("V-FN2", Position(frame.closer + 1), message, fix)


def _lost_line(lines: Sequence[str], opener: int, closer: int) -> int | None:
    """Returns the first line behind an incomplete lesson that looks like a part of it."""
    if sum(bool(_SECTION.match(line)) for line in lines[opener:closer]) >= SECTION_COUNT:
        return None
    for number in range(closer + 1, len(lines)):
        if _HEAD.match(lines[number]):
            return None
        if _LESSON_LINE.match(lines[number]):
            return number
    return None
