"""The parser's tree as the lesson's blocks."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from typing import Literal

from markdown_it.tree import SyntaxTreeNode

from esl_pipeline.lessons import model
from esl_pipeline.lessons.alerts import ALERTS, alert_callout, alert_kind
from esl_pipeline.lessons.colours import Colour, read_colour
from esl_pipeline.lessons.directive_blocks import directive_blocks
from esl_pipeline.lessons.indentation import nest_by_indentation
from esl_pipeline.lessons.inline_check import Finding, check_inline, without_effect
from esl_pipeline.lessons.markdown.parser import MAX_NESTING
from esl_pipeline.lessons.problems import Position, Problem
from esl_pipeline.lessons.rules.table import broken
from esl_pipeline.lessons.runs import coloured, image_alt, plain_text, runs_of, target_of, without_blank_ends
from esl_pipeline.lessons.source import text_start
from esl_pipeline.lessons.task_items import take_check

Nodes = Sequence[SyntaxTreeNode]
Blocks = tuple[model.Block, ...]
DEEPEST_HEADING = 4
"""That Notion has. Source: developers.notion.com/page/changelog, 2026-03-30, read 2026-11-23."""
_BREAKS = ("softbreak", "hardbreak")


class TreeBuilder:
    """Makes blocks of nodes and collects what is wrong with their structure.

    Attributes:
        problems: in no special order.
    """

    def __init__(self, lines: Sequence[str]) -> None:
        self._lines = lines
        self._text = "\n".join(lines)
        self._starts = [0, *accumulate(len(line) + 1 for line in lines)]
        self.problems: list[Problem] = []

    def blocks(self, nodes: Nodes) -> Blocks:
        """Returns the blocks that stand side by side."""
        made = [block for node in nodes for block in self._make(node)]
        return nest_by_indentation(made, self._lines)

    def text(self, inline: SyntaxTreeNode) -> tuple[model.Runs, Colour | None]:
        """Returns the text of an inline node and the colour that it gives its block; reports what is wrong in it."""
        self._check(inline)
        colour = _colour_in(inline.children)
        runs = runs_of(inline.children)
        return (without_blank_ends(runs) if colour else runs), colour

    def coloured_text(self, inline: SyntaxTreeNode) -> model.Runs:
        """Returns the text of an inline node that has no block of its own, in the colour that it gives itself."""
        return coloured(*self.text(inline))

    def report(self, rule: str, position: Position, message: str, fix: str = "") -> None:
        """Adds a problem."""
        self.problems.append(broken(rule, position, message, fix))

    def position(self, node: SyntaxTreeNode) -> Position:
        """Returns where ``node`` stands in the file."""
        line = _first_line(node)
        return Position(line + 1, node.meta["offset"] - self._starts[line] + 1)

    def _check(self, inline: SyntaxTreeNode) -> None:
        line = _first_line(inline)
        index = self._starts[line]
        for finding in check_inline(inline.children):
            index = self._report_written(finding, index)

    def report_colour(self, finding: Finding, line: int) -> None:
        """Adds a problem with a colour that is written in ``line``, from 0."""
        self._report_written(finding, self._starts[line])

    def _report_written(self, finding: Finding, index: int) -> int:
        """Reports a finding at the place, behind ``index``, where its text is written; returns that place."""
        found = self._text.find(finding.written, index)
        index = index if found < 0 else found
        at = bisect_right(self._starts, index) - 1
        self.report(finding.rule, Position(at + 1, index - self._starts[at] + 1), finding.message, finding.fix)
        return index

    def _make(self, node: SyntaxTreeNode) -> Iterable[model.Block]:
        if _is_too_deep(node):
            message = "Blocks are nested too deeply here."
            self.report("V-DP", self.position(node), message, "Take some of the blocks out of the others.")
            return ()
        match node.type:
            case "paragraph":
                return self._paragraph(node)
            case "bullet_list" | "ordered_list":
                self._check_start(node)
                return [self._list_item(item, numbered=node.type == "ordered_list") for item in node.children]
            case "directive":
                return directive_blocks(node, self)
            case _:
                return (self._single(node),)

    def _check_start(self, node: SyntaxTreeNode) -> None:
        start = node.attrs.get("start", 1)
        if start != 1:
            message = f"The page numbers this list from 1, not from {start}."
            fix = "Write the numbers as text, such as “**5.** …” in paragraphs, where others refer to them."
            self.report("V-LS", self.position(node), message, fix)

    def _single(self, node: SyntaxTreeNode) -> model.Block:
        position = self.position(node)
        match node.type:
            case "heading":
                return self._heading(node, position)
            case "blockquote":
                return self._quote(node, position)
            case "equation":
                return model.Equation(node.content, position)
            case "fence":
                language = node.info.split(maxsplit=1)
                content = node.content.removesuffix("\n")
                return model.Code(content, language[0].lower() if language else "", position)
            case "table":
                rows = tuple(
                    tuple(self.coloured_text(cell.children[0]) for cell in row.children) for row in node.children
                )
                return model.Table(rows, bool(node.meta["has_header"]), position)
            case _:
                return model.Divider(position)

    def _heading(self, node: SyntaxTreeNode, position: Position) -> model.Heading:
        level = int(node.tag[1:])
        if level > DEEPEST_HEADING:
            message = f"The page shows this heading of level {level} as one of level {DEEPEST_HEADING}."
            self.report("V-H5", position, message, f"Write {'#' * DEEPEST_HEADING} or fewer.")
        runs, colour = self.text(node.children[0])
        return model.Heading(min(level, DEEPEST_HEADING), runs, position=position, colour=colour)  # type: ignore[arg-type]

    def _quote(self, node: SyntaxTreeNode, position: Position) -> model.Quote | model.Callout:
        runs, colour, children = self._text_and_blocks(node.children)
        begins_with_text = bool(runs) and node.children[0].type == "paragraph"
        kind = alert_kind(node.children[0].children[0].content) if begins_with_text else ""
        if kind in ALERTS:
            return alert_callout(kind, runs, children, colour, position)
        if kind:
            message = f"“[!{kind}]” is no kind of callout; the page shows a quote that begins with it."
            self.report("V-QM", position, message, f"Kinds: {', '.join(ALERTS)}.")
        return model.Quote(runs, children, position, colour)

    def _list_item(self, item: SyntaxTreeNode, *, numbered: bool) -> model.ListItem:
        runs, colour, children = self._text_and_blocks(item.children)
        checked, runs = take_check(runs)
        kind: Literal["numbered", "bulleted"] = "numbered" if numbered else "bulleted"
        return model.ListItem(kind, runs, checked, children, self.position(item), colour)

    def _text_and_blocks(self, nodes: Nodes) -> tuple[model.Runs, Colour | None, Blocks]:
        """Returns the text that a block begins with, its colour, and the blocks that follow."""
        if nodes and nodes[0].type == "paragraph":
            return *self.text(nodes[0].children[0]), self.blocks(nodes[1:])
        return (), None, self.blocks(nodes)

    def _paragraph(self, node: SyntaxTreeNode) -> Iterator[model.Block]:
        """Yields one paragraph, or several around pictures that stand alone on their line."""
        inline = node.children[0]
        self._check(inline)
        colour = _colour_in(inline.children)
        line = self.position(node).line - 1
        has_text = False
        for image, part in _around_images(inline.children):
            runs = runs_of(part)
            at_start = self._starts[line] <= node.meta["offset"] < self._starts[line + 1]
            position = self.position(node) if at_start else text_start(self._lines[line], line)
            line += plain_text(runs).count("\n") + 1
            runs = without_blank_ends(runs) if colour else runs
            if image is not None:
                yield model.Image(target_of(image), image_alt(image), position)
            elif runs:
                has_text = True
                yield model.Paragraph(runs, position, colour)
        for written in () if has_text else _written_colours(inline.children):
            self.report_colour(without_effect(written, "what stands here"), _first_line(inline))


def _is_too_deep(node: SyntaxTreeNode) -> bool:
    """Tells whether the parser has left out what is inside ``node``; the items of a list are a level of their own."""
    levels_inside = 2 if node.type in ("bullet_list", "ordered_list") else 1
    return node.nester_tokens is not None and node.nester_tokens.opening.level + levels_inside >= MAX_NESTING


def _colour_in(nodes: Nodes) -> Colour | None:
    """Returns the colour that a text gives its block; the last one wins."""
    colours = [read_colour(node.meta["value"]) for node in nodes if node.type == "block_colour"]
    return next(filter(None, reversed(colours)), None)


def _written_colours(nodes: Nodes) -> Iterator[str]:
    return (node.meta["written"] for node in nodes if node.type == "block_colour")


def _first_line(node: SyntaxTreeNode) -> int:
    """Returns the line in which a block begins, from 0."""
    return node.map[0] if node.map else 0


def _around_images(nodes: Nodes) -> Iterator[tuple[SyntaxTreeNode | None, list[SyntaxTreeNode]]]:
    """Splits a paragraph: yields pictures that are alone on a line, and what is between them."""
    between: list[SyntaxTreeNode] = []
    for ending, line in _lines_of(nodes):
        image = _only_image(line)
        if image is None:
            between += [*ending, *line] if between else line
            continue
        if between:
            yield None, between
            between = []
        yield image, line
    if between:
        yield None, between


def _lines_of(nodes: Nodes) -> Iterator[tuple[list[SyntaxTreeNode], list[SyntaxTreeNode]]]:
    """Yields the lines of a paragraph, each with the line break before it."""
    line_break: list[SyntaxTreeNode] = []
    line: list[SyntaxTreeNode] = []
    for node in nodes:
        if node.type in _BREAKS:
            yield line_break, line
            line_break, line = [node], []
        else:
            line.append(node)
    yield line_break, line


def _only_image(line: Nodes) -> SyntaxTreeNode | None:
    visible = [node for node in line if node.type not in ("text", "block_colour") or node.content.strip()]
    return visible[0] if len(visible) == 1 and visible[0].type == "image" else None
