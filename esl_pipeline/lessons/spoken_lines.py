"""The lines of a study text that are spoken, in reading order."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from esl_pipeline.lessons import model
from esl_pipeline.lessons.model import Runs
from esl_pipeline.lessons.problems import Position
from esl_pipeline.lessons.runs import merged, plain_text, split_lines
from esl_pipeline.lessons.source import text_start

_INVISIBLE = re.compile("[\u200b\u2060\ufeff]")


@dataclass(frozen=True, slots=True)
class SpokenLine:
    """A line that has text: plain, trimmed, and the part at its start that is bold.

    Attributes:
        begins_paragraph: whether it is the first of its paragraph, list item, table row and the like.
    """

    text: str
    bold: str
    position: Position
    begins_paragraph: bool


def study_texts(blocks: Iterable[model.Block]) -> Iterator[model.StudyText]:
    """Yields the study texts among ``blocks`` and inside them, outermost only, in file order."""
    for block in blocks:
        if isinstance(block, model.StudyText):
            yield block
        elif isinstance(block, model.ColumnList):
            for column in block.columns:
                yield from study_texts(column.children)
        else:
            yield from study_texts(getattr(block, "children", ()))


class SpokenLines:
    """Reads blocks line by line.

    Args:
        lines: of the file.
    """

    def __init__(self, lines: Sequence[str]) -> None:
        self._lines = lines

    def of(self, blocks: Iterable[model.Block]) -> Iterator[SpokenLine]:
        """Yields the lines of ``blocks``; pictures are their descriptions, dividers and players are silent."""
        for block in blocks:
            match block:
                case model.Table():
                    for number, row in enumerate(block.rows):
                        yield from self._lines_of(_joined(row), block.position, number)
                case model.Code():
                    yield from self._lines_of((model.Run(block.content),), block.position, 1)
                case model.Equation():
                    yield from self._lines_of((model.Run(block.expression),), block.position)
                case model.Image():
                    yield from self._lines_of((model.Run(block.alt),), block.position)
                case model.ColumnList():
                    for column in block.columns:
                        yield from self.of(column.children)
                case _:
                    yield from self._lines_of(getattr(block, "runs", ()), block.position)
                    yield from self.of(getattr(block, "children", ()))

    def _lines_of(self, runs: Runs, position: Position, below: int = 0) -> Iterator[SpokenLine]:
        begins_paragraph = True
        for number, line in enumerate(split_lines(runs), start=below):
            text = _tidy(plain_text(line))
            if text:
                index = min(position.line - 1 + number, len(self._lines) - 1)
                start = text_start(self._lines[index], index) if number else position
                yield SpokenLine(text, _bold_start(line), start, begins_paragraph)
            begins_paragraph = not text


def _joined(cells: Sequence[Runs]) -> Runs:
    """Returns a table's row as one text."""
    spoken = [cell for cell in cells if plain_text(cell).strip()]
    return merged(run for number, cell in enumerate(spoken) for run in ((model.Run(", "),) if number else ()) + cell)


def _bold_start(line: Runs) -> str:
    bold = []
    for run in line:
        if not run.bold and run.content.strip():
            break
        bold.append(run.content)
    return _tidy("".join(bold))


def _tidy(text: str) -> str:
    return _INVISIBLE.sub("", text.replace("\u00a0", " ")).strip()
