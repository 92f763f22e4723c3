"""``[ ]`` and ``[x]`` at the start of a list item."""

from __future__ import annotations

import re
from dataclasses import replace

from esl_pipeline.lessons.model import Runs
from esl_pipeline.lessons.runs import merged

_BOX = re.compile(r"\[([ xX])\](?:\s+|$)")


def take_check(runs: Runs) -> tuple[bool | None, Runs]:
    """Tells whether a task is done, and returns its text; None and all of the text for what is no task."""
    box = _BOX.match(runs[0].content) if runs and runs[0].link is None and not runs[0].code else None
    if box is None:
        return None, runs
    first = replace(runs[0], content=runs[0].content[box.end() :])
    return box[1] != " ", merged((first, *runs[1:]))
