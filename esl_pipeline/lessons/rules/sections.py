"""The nine sections."""

from __future__ import annotations

from collections.abc import Iterator

from esl_pipeline.lessons.draft import Draft, headings
from esl_pipeline.lessons.headings import normalised_heading
from esl_pipeline.lessons.model import Heading, Run
from esl_pipeline.lessons.problems import Problem
from esl_pipeline.lessons.rules.table import broken
from esl_pipeline.lessons.runs import plain_text

SECTIONS = (
    "1. This Week's Mission Briefing",
    "2. Your Homework Roadmap",
    "3. Input Material: The Source",
    "4. Language Toolkit: Useful Language",
    "5. Practice & Pronunciation",
    "6. Your Turn: Complete the Mission!",
    "7. Why This Mission Helps You",
    "8. Answer Key & Sample Mission",
    "9. Teacher's Follow-up Plan",
)
INPUT_MATERIAL = 2
_INPUT_PREFIX = "3. input material"
_EXPECTED = tuple(normalised_heading((Run(section),)) for section in SECTIONS)


def check_sections(draft: Draft) -> Iterator[Problem]:
    """Looks for the nine headings, in their order."""
    found = headings(draft.blocks, 2)
    wrong = [number for number, heading in enumerate(found[:9]) if not _belongs(heading, number)]
    if len(found) != len(SECTIONS):
        odd = wrong[0] if wrong else min(len(found), 10) - 1
        position = found[odd].position if found else draft.body
        yield broken("V-H2N", position, f"A lesson has nine “##” headings; this one has {len(found)}.", _missing(found))
        return
    for number in wrong:
        prefix = " It must begin with “3. Input Material”." if number == INPUT_MATERIAL else ""
        message = f"Heading {number + 1} is “{plain_text(found[number].runs)}”.{prefix}"
        yield broken("V-H2M", found[number].position, message, f"Write “## {SECTIONS[number]}”.")


def _belongs(heading: Heading, number: int) -> bool:
    text = normalised_heading(heading.runs)
    return text.startswith(_INPUT_PREFIX) if number == INPUT_MATERIAL else text == _EXPECTED[number]


def _missing(found: list[Heading]) -> str:
    missing = [
        f"“## {section}”"
        for number, section in enumerate(SECTIONS)
        if not any(_belongs(heading, number) for heading in found)
    ]
    if missing:
        return f"Missing: {', '.join(missing)}."
    return "Make the others “###”, and leave a blank line before a line of ---."
