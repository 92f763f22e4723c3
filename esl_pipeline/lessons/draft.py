"""A lesson as far as it could be read: what the rules look at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from esl_pipeline.lessons import model
from esl_pipeline.lessons.directives import Directives
from esl_pipeline.lessons.headings import normalised_heading
from esl_pipeline.lessons.problems import Position
from esl_pipeline.lessons.turns import StudyReading


@dataclass(frozen=True, slots=True)
class Draft:
    """A lesson before it is judged.

    Attributes:
        lines: of the file, without comments.
        body: where the body begins.
        front_matter: None where it can't be made out.
        input_type_position: where ``input_type`` stands.
    """

    lines: Sequence[str]
    body: Position
    front_matter: model.FrontMatter | None
    input_type_position: Position
    blocks: tuple[model.Block, ...]
    directives: Directives
    study: StudyReading

    def section(self, number: int) -> Position:
        """Returns where section ``number`` begins, or the body where that section is missing."""
        starts = (heading.position for heading in headings(self.blocks, 2) if heading_number(heading) == number)
        return next(starts, self.body)


def walk(blocks: Sequence[model.Block]) -> Iterator[model.Block]:
    """Yields ``blocks`` and what is inside them, in file order."""
    for block in blocks:
        yield block
        yield from walk(children_of(block))


def flow(blocks: Sequence[model.Block]) -> Iterator[model.Block]:
    """Yields blocks as if there were no directives: with what is inside directives, without what is inside lists."""
    for block in blocks:
        yield block
        if not isinstance(block, model.ListItem | model.Quote):
            yield from flow(children_of(block))


def children_of(block: model.Block) -> tuple[model.Block, ...]:
    """Returns the blocks directly inside ``block``; those of all columns for a column list."""
    if isinstance(block, model.ColumnList):
        return tuple(child for column in block.columns for child in column.children)
    children: tuple[model.Block, ...] = getattr(block, "children", ())
    return children


def headings(blocks: Sequence[model.Block], level: int) -> list[model.Heading]:
    """Returns the headings that Markdown itself makes."""
    return [
        block
        for block in flow(blocks)
        if isinstance(block, model.Heading) and block.level == level and not block.toggleable
    ]


def heading_number(heading: model.Heading) -> int | None:
    """Returns the number that a heading begins with."""
    digits = normalised_heading(heading.runs).partition(".")[0]
    return int(digits) if digits.isdecimal() and len(digits) < 4 else None
