from __future__ import annotations

from pathlib import Path

import pytest

from esl_pipeline.lessons import Block, ListItem, Quote, StudyText, Table, read_lesson
from esl_pipeline.lessons.draft import walk
from esl_pipeline.lessons.runs import plain_text
from esl_pipeline_tests.lessons.test_corpus import VALID

MARKS = (":::", "#", "|", ">", "- ", "* ", "1", "2", "3", "4", "5", "6", "7", "8", "9", "---", "![")


@pytest.mark.parametrize("name", VALID)
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_each_block_stands_where_the_tree_says(shared: Path, name: str, line_end: str) -> None:
    written = (shared / "lessons" / "valid" / f"{name}.md").read_bytes().decode("utf-8")
    lines = written.removeprefix("\ufeff").replace("\r\n", "\n").split("\n")
    lesson = read_lesson("\ufeff" + line_end.join(lines)).lesson
    assert lesson is not None
    blocks = list(walk(lesson.blocks))
    assert len(blocks) > 40
    for block in blocks:
        line, column = lines[block.position.line - 1], block.position.column
        assert not line[: column - 1].strip(" >"), (block, line)
        assert begins(line[column - 1 :], block), (block, line)


def begins(text: str, block: Block) -> bool:
    """Tells whether ``text`` is how ``block`` begins in a file."""
    match block:
        case StudyText():
            return text.startswith(":::study-text")
        case ListItem():
            return text[0] in "-*" or text[0].isdigit()
        case Quote():
            return text.startswith(">")
        case Table():
            return text.startswith("|")
    first = plain_text(getattr(block, "runs", ())).partition("\n")[0][:1]
    return text.startswith((*MARKS, first)) or text.lstrip("*[~`\\").startswith(first)


@pytest.mark.parametrize("name", VALID)
def test_each_turn_begins_where_it_says(shared: Path, name: str) -> None:
    written = (shared / "lessons" / "valid" / f"{name}.md").read_bytes().decode("utf-8")
    lines = written.replace("\r\n", "\n").split("\n")
    lesson = read_lesson(written).lesson
    assert lesson is not None
    for turn in lesson.turns:
        line = lines[turn.position.line - 1].replace("*", "")
        assert turn.paragraphs[0].split("\n")[0].replace("*", "") in line
        assert turn.speaker in line or turn.speaker == "Narrator"
