"""The lessons of the matrix, how each is edited, and what a person does to its page in between."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from esl_pipeline_tests.sandboxed import Sandboxed, Tree, flat
from esl_pipeline_tests.shared import SHARED

EXAMPLES = Path(__file__).parents[2] / "examples"
LARGEST = 2
"""How many lessons of the corpus are taken."""

ANSWER, REMARK, NOTE = "My answer: because they were late.", "I don't think so!", "A note between the answers."


@dataclass(frozen=True)
class MatrixLesson:
    """One lesson, as it is published first and as it is published again."""

    name: str
    text: str

    @property
    def edited(self) -> str:
        """The lesson with a block of every kind changed, added and removed, and with other speech."""
        return edit(self.text)


def matrix_lessons() -> list[MatrixLesson]:
    """Returns the examples and the largest lessons of the corpus, which may be absent."""
    corpus = sorted((SHARED / "lessons" / "valid").glob("*.md"), key=lambda path: (-path.stat().st_size, path.name))
    found = [*sorted(EXAMPLES.glob("*.md")), *corpus[:LARGEST]]
    return [MatrixLesson(path.stem, path.read_text("utf-8")) for path in found]


def edit(text: str) -> str:
    """Returns a lesson after its teacher worked on it: updates, insertions and deletions at every depth."""
    text = _once(r'(?m)^title: "?(.*?)"?$', r'title: "\1, again"', text)
    text = _once(r"(?s)(:::study-text[^\n]*\n[^\n]*)", r"\1 Well, well.", text)
    text = _once(r"(?m)^(## [^\n]*1\. This Week.*\n\n[^\n]*)", r"\1 Read it twice.", text)
    text = _once(r"(?m)^(## [^\n]*7\. Why.*\n\n[^\n]*)", r"\1 Really.", text)
    text = _once(r"(?m)^(## [^\n]*7\. Why)", "Send it by Friday.\n\nAnd keep a copy.\n\n\\1", text)
    text = _once(r"(?s)(### B\. Comprehension Check\n.*?)3\. [^\n]*\n", r"\1", text)
    text = _once(r"(?m)^(\| ?-.*\|\n\|.*)\|\n", "\\1 (look!) |\n", text)
    text = _once(r"(?s)(A\. Controlled Practice Answers\n.*?1\. [^\n]*)", r"\1 (of course)", text)
    text = _once(r"(?s)(A\. Controlled Practice Answers\n.*?)3\. [^\n]*\n", r"\1", text)
    return _once(r"(?m)^(.*C\. Sample Mission Response\n+[^\n]*)", r"\1" + "\n\nIt is only a sample.", text)


def _once(pattern: str, replacement: str, text: str) -> str:
    changed, count = re.subn(pattern, replacement, text, count=1)
    assert count == 1, f"the lesson has nothing like {pattern}"
    return changed


def live_with(sandbox: Sandboxed, page_id: str) -> None:
    """Does to a page what a student does: answers, ticks, remarks, one in a block that the lesson will change too."""
    blocks = list(flat(sandbox.tree(page_id)))
    question = next(block for block in blocks if block.type == "numbered_list_item")
    _say(sandbox, question, f"{question.text} {ANSWER}")
    claim = blocks[_index(blocks, "7. Why") + 1]
    _say(sandbox, claim, f"{claim.text} {REMARK}")
    _add_below(sandbox, blocks[_index(blocks, "6. Your Turn")], ANSWER)
    _add_below(sandbox, blocks[_index(blocks, "A. Controlled Practice Answers") + 1], NOTE)
    for task in [block for block in blocks if block.type == "to_do"][:1]:
        sandbox.edit(block_id=task.id, body={"to_do": {"checked": True}})


def take_away_study_text(sandbox: Sandboxed, page_id: str) -> None:
    """Deletes the study text from a page, above which the audio block stands."""
    study_text = next(block for block in flat(sandbox.tree(page_id)) if block.text == "study-text")
    sandbox.edit(delete=study_text.id)


def _index(blocks: list[Tree], title: str) -> int:
    return next(index for index, block in enumerate(blocks) if title in block.text)


def _say(sandbox: Sandboxed, block: Tree, text: str) -> None:
    sandbox.edit(block_id=block.id, body={block.type: {"rich_text": _runs(text)}})


def _add_below(sandbox: Sandboxed, block: Tree, text: str) -> None:
    parent = block.block["parent"]
    children = [{"type": "paragraph", "paragraph": {"rich_text": _runs(text)}}]
    position = {"type": "after_block", "after_block": {"id": block.id}}
    sandbox.edit(parent_id=parent[parent["type"]], children=children, position=position)


def _runs(text: str) -> list[dict[str, object]]:
    return [{"type": "text", "text": {"content": text}}]
