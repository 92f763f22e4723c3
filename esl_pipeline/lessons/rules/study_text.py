"""The marks around the study text, and whether there is something to be spoken."""

from __future__ import annotations

import re
from collections.abc import Iterator

from esl_pipeline.lessons.directives import Directive
from esl_pipeline.lessons.draft import Draft
from esl_pipeline.lessons.problems import Position, Problem
from esl_pipeline.lessons.rules.table import broken

MOST_CHARACTERS = 100_000
"""Of all that is spoken; voices speak about 14 a second."""
FEWEST_PARAGRAPHS, FEWEST_LINES = 3, 10
_MARK = re.compile(r":::study-text", re.IGNORECASE)


def check_study_text(draft: Draft) -> Iterator[Problem]:
    """Looks at the lines that open and close study texts."""
    texts = _study_texts(draft)
    malformed = first_malformed_mark(draft)
    if malformed is not None:
        message = "“:::study-text” is misspelt, or not alone on its line."
        yield broken("V-ST2", malformed, message, "Write it at the beginning of a line of its own.")
    elif not texts:
        fix = "Write “:::study-text” above and “:::” below what is to be spoken."
        yield broken("V-ST0", draft.section(3), "There is no study text.", fix)
    for text in texts:
        yield from _check_marks(text)
    if texts and (spoken := _characters(draft)) > MOST_CHARACTERS:
        message = f"The study text has {spoken:,} characters; {MOST_CHARACTERS:,}, about two hours, can be spoken."
        yield broken("V-ST6", texts[0].position, message, "Split it into several lessons.")
    if texts and not _is_said(draft):
        message = "There is nothing to be spoken in the study text."
        yield broken("V-ST5", texts[0].position, message, "Write words between “:::study-text” and “:::”.")
    elif texts and not draft.study.is_dialogue:
        yield from _check_length(draft, texts)


def _study_texts(draft: Draft) -> list[Directive]:
    return [directive for directive in draft.directives.by_line.values() if directive.name == "study-text"]


def _characters(draft: Draft) -> int:
    return sum(len(paragraph) for turn in draft.study.turns for paragraph in turn.paragraphs)


def _is_said(draft: Draft) -> bool:
    """Returns whether there is a letter or digit; of emoji and gaps alone nothing is heard."""
    words = (paragraph for turn in draft.study.turns for paragraph in turn.paragraphs)
    return any(character.isalnum() for paragraph in words for character in paragraph)


def first_malformed_mark(draft: Draft) -> Position | None:
    """Returns where ``:::study-text`` stands before any study text begins; behind one it may be a mere mention."""
    end = next((text.line for text in _study_texts(draft)), len(draft.lines))
    for number in range(draft.body.line - 1, end):
        if found := _MARK.search(draft.lines[number]):
            return Position(number + 1, found.start() + 1)
    return None


def _check_marks(text: Directive) -> Iterator[Problem]:
    if text.column > 1:
        message = "“:::study-text” must begin at the left edge."
        yield broken("V-ST1", text.position, message, "Take away the blanks before it.")
    if text.closer is not None and text.closer_column > 1:
        message = "The “:::” that closes the study text must begin at the left edge."
        position = Position(text.closer + 1, text.closer_column)
        yield broken("V-ST3", position, message, "Take away the blanks before it.")


def _check_length(draft: Draft, texts: list[Directive]) -> Iterator[Problem]:
    lines = [line.strip() for text in texts for line in ("", *draft.lines[text.line + 1 : text.end])]
    paragraphs = sum(1 for above, line in zip(["", *lines], lines, strict=False) if line and not above)
    if paragraphs < FEWEST_PARAGRAPHS and sum(map(bool, lines)) < FEWEST_LINES:
        message = "The study text looks short."
        fix = "Three to five paragraphs, or ten to fifteen lines, are recommended."
        yield broken("V-LEN", texts[0].position, message, fix)
