"""A short lesson without a fault, to which tests add one."""

from __future__ import annotations

HEAD = {
    "title": "At the Station",
    "student": "Sam",
    "level": "B1",
    "topic": "Travel",
    "input_type": "generate",
    "speaker_labels": "[Kim, Lee]",
}
STUDY = "Kim: Where is platform two?\nLee: Over there."
SECTIONS = (
    "1. This Week's Mission Briefing",
    "2. Your Homework Roadmap",
    "3. Input Material: At the Station",
    "4. Language Toolkit: Useful Language",
    "5. Practice & Pronunciation",
    "6. Your Turn: Complete the Mission!",
    "7. Why This Mission Helps You",
    "8. Answer Key & Sample Mission",
    "9. Teacher's Follow-up Plan",
)
ITEMS = "\n".join(f"{number}. item" for number in range(1, 9))


def head_text(**changes: str | None) -> str:
    fields = {**HEAD, **changes}
    return "\n".join(f"{key}: {value}" for key, value in fields.items() if value is not None)


def lesson_text(
    *, head: str | None = None, study: str | None = None, extra: str = "", fence: str = "```", **sections: str
) -> str:
    """Writes a lesson.

    Args:
        head: lines of the head.
        study: what is between ``:::study-text`` and ``:::``.
        extra: stands in section 4.
        fence: around everything.
        sections: ``s1`` to ``s9``, the whole text of a section with its heading.
    """
    bodies = {
        3: f":::study-text\n{STUDY if study is None else study}\n:::",
        4: extra or "Phrases.",
        5: f"### A. Controlled Practice\n\n{ITEMS}",
        8: ":::toggle-heading Answer Key\nThe answers.\n:::",
        9: ":::toggle-heading Teacher's Follow-up Plan\nWarm-up.\n:::",
    }
    texts = [
        sections.get(f"s{number}", f"## {title}\n\n{bodies.get(number, 'Text.')}")
        for number, title in enumerate(SECTIONS, start=1)
    ]
    body = "\n\n".join(text for text in texts if text)
    return f"{fence}markdown\n---\n{head_text() if head is None else head}\n---\n{body}\n{fence}\n"


def line_of(text: str, part: str) -> int:
    """Returns the line, from 1, in which ``part`` first stands."""
    return text[: text.index(part)].count("\n") + 1
