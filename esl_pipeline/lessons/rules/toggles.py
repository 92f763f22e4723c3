"""The toggles that a lesson must have, and their labels."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from esl_pipeline.lessons.draft import Draft, walk
from esl_pipeline.lessons.headings import normalised_label
from esl_pipeline.lessons.model import Block, Heading, Toggle
from esl_pipeline.lessons.problems import Problem
from esl_pipeline.lessons.rules.table import broken


def check_toggles(draft: Draft) -> Iterator[Problem]:
    """Looks for the answer key, the teacher's plan, and toggles without a label."""
    toggles = [block for block in walk(draft.blocks) if _is_toggle(block)]
    if not any(_is_labelled(toggle, "answer key", {2}) for toggle in toggles):
        fix = "Write “:::toggle-heading Answer Key” (or “:::toggle-h2 Answer Key”) and “:::” around it."
        yield broken("V-AK", draft.section(8), "There is no toggle with the answer key.", fix)
    if not any(_is_labelled(toggle, "teacher's follow-up plan", {2, 3}) for toggle in toggles):
        fix = "Write “:::toggle-heading Teacher's Follow-up Plan” (or :::toggle-h2, :::toggle-h3) and “:::” around it."
        yield broken("V-TP", draft.section(9), "There is no toggle with the teacher's follow-up plan.", fix)
    for toggle in toggles:
        if isinstance(toggle, Toggle | Heading) and not toggle.runs:
            yield broken("V-TG2", toggle.position, "This toggle has no label.", "Write one behind its name.")


def _is_toggle(block: Block) -> bool:
    return isinstance(block, Toggle) or (isinstance(block, Heading) and block.toggleable)


def _is_labelled(block: Block, label: str, levels: Collection[int]) -> bool:
    if isinstance(block, Heading):
        return block.level in levels and normalised_label(block.runs).startswith(label)
    return isinstance(block, Toggle) and normalised_label(block.runs).startswith(label)
