"""The ``:::`` lines that don't fit together."""

from __future__ import annotations

from collections.abc import Iterator

from esl_pipeline.lessons.draft import Draft
from esl_pipeline.lessons.problems import Problem
from esl_pipeline.lessons.rules.study_text import first_malformed_mark
from esl_pipeline.lessons.rules.table import broken

_UNCLOSED = {
    "callout": "V-CO3",
    "column-list": "V-CL3",
    "column": "V-CL3",
    "synced-block": "V-SB1",
    "study-text": "V-ST4",
}


def check_closers(draft: Draft) -> Iterator[Problem]:
    """Reports openers without closers, closers without openers, and lines that are neither."""
    for directive in draft.directives.unclosed:
        rule = _UNCLOSED.get(directive.name, "V-TG1")
        message = f"“:::{directive.name}” is never closed."
        yield broken(rule, directive.position, message, "Write a line with “:::” alone where it ends.")
    for position in draft.directives.strays:
        fix = "Take it away, or write the line that it should close."
        yield broken("V-DC", position, "This “:::” closes nothing.", fix)
    reported = first_malformed_mark(draft)
    for position, text in draft.directives.unknown:
        if position != reported:
            message = f"“{text[:40]}” begins with “:::”, but is no directive; the page shows it as text."
            yield broken("V-DU", position, message, "Mend its name; “:::” alone closes a block.")
