"""What became of a page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from esl_pipeline.lessons import Problem
from esl_pipeline.pages.operations import Delete, Insert, KeptEdit, Operation

PageStatus = Literal["created", "updated", "completed", "skipped"]


@dataclass(frozen=True)
class PageOutcome:
    """What publishing a page did; in a dry run, what it would do.

    Attributes:
        page_id: None where a dry run found no page.
        status: ``completed`` for a page that an earlier run left unfinished or that was found by its key.
        reason: why nothing was done, or what was.
        requests: requests sent to Notion.
        kept_edits: what people made and the lesson says otherwise; left as it is.
        unlinked_student: why the page is not linked to its student; empty where it is, or where there is no relation.
        problems: what of the front matter could not be written.
    """

    page_id: str | None
    page_url: str | None
    status: PageStatus
    reason: str = ""
    requests: int = 0
    kept_edits: tuple[KeptEdit, ...] = ()
    unlinked_student: str = ""
    problems: tuple[Problem, ...] = ()


def summarize(operations: Sequence[Operation], head: Sequence[str]) -> str:
    """Returns operations in words, such as ``2 blocks updated, 1 block inserted``; empty where there are none."""
    counted: Counter[str] = Counter()
    for operation in operations:
        if isinstance(operation, Insert):
            counted["inserted"] += len(operation.nodes)
        else:
            counted["deleted" if isinstance(operation, Delete) else "updated"] += 1
    words = [f"{counted[what]} block{'s' * (counted[what] > 1)} {what}" for what in sorted(counted, reverse=True)]
    if head:
        words.append(f"{', '.join(head)} changed")
    return ", ".join(words)
