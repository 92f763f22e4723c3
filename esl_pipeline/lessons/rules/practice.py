"""How many exercises there are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import takewhile

from esl_pipeline.lessons.draft import Draft, flow
from esl_pipeline.lessons.headings import normalised_heading
from esl_pipeline.lessons.model import Block, Heading, ListItem, Paragraph
from esl_pipeline.lessons.problems import Problem
from esl_pipeline.lessons.rules.table import broken
from esl_pipeline.lessons.runs import plain_text

FEWEST_ITEMS, MOST_ITEMS = 8, 12
_ITEM_TEXT = re.compile(r"\d+\)|[-*] ")


def check_practice(draft: Draft) -> Iterator[Problem]:
    """Counts the items of Controlled Practice and Comprehension Check."""
    practice = _last_below(draft, "a. controlled practice")
    if practice is None:
        fix = "Write “### A. Controlled Practice” above the exercises of section 5."
        yield broken("V-CP0", draft.section(5), "There is no Controlled Practice.", fix)
    elif practice[1] and not FEWEST_ITEMS <= practice[1] <= MOST_ITEMS:
        message = f"Controlled Practice has {practice[1]} items; {FEWEST_ITEMS} to {MOST_ITEMS} are recommended."
        yield broken("V-CP1", practice[0].position, message)
    comprehension = _last_below(draft, "b. comprehension check")
    if comprehension is not None and comprehension[1] == 1:
        message = "Comprehension Check has one item; two or three are recommended."
        yield broken("V-CC", comprehension[0].position, message)


def _last_below(draft: Draft, title: str) -> tuple[Heading, int] | None:
    """Returns the last heading that begins with ``title``, and the number of items below it."""
    blocks = list(flow(draft.blocks))
    for number in range(len(blocks) - 1, -1, -1):
        heading = blocks[number]
        if (
            isinstance(heading, Heading)
            and _is_plain(heading, 3)
            and normalised_heading(heading.runs).startswith(title)
        ):
            below = takewhile(lambda block: not _ends_section(block), blocks[number + 1 :])
            return heading, sum(map(_is_item, below))
    return None


def _is_plain(heading: Heading, level: int) -> bool:
    return heading.level == level and not heading.toggleable


def _ends_section(block: Block) -> bool:
    return isinstance(block, Heading) and block.level <= 3 and not block.toggleable


def _is_item(block: Block) -> bool:
    return isinstance(block, ListItem) or (
        isinstance(block, Paragraph) and bool(_ITEM_TEXT.match(plain_text(block.runs)))
    )
