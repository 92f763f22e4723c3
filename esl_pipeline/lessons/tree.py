"""The parser's tree as the lesson's blocks."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate

from markdown_it.tree import SyntaxTreeNode

from esl_pipeline.lessons import model
from esl_pipeline.lessons.directive_blocks import directive_blocks
from esl_pipeline.lessons.indentation import nest_by_indentation
from esl_pipeline.lessons.markdown.parser import MAX_NESTING
from esl_pipeline.lessons.problems import Position, Problem
from esl_pipeline.lessons.rules.table import broken
from esl_pipeline.lessons.runs import image_alt, image_url, is_link_target, plain_text, runs_of, targets_of
from esl_pipeline.lessons.source import text_start
from esl_pipeline.lessons.task_items import take_check

Nodes = Sequence[SyntaxTreeNode]
Blocks = tuple[model.Block, ...]
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

    def runs(self, inline: SyntaxTreeNode) -> model.Runs:
        """Returns the text of an inline node; reports links that lead nowhere."""
        self._check_links(inline)
        return runs_of(inline.children)

    def report(self, rule: str, position: Position, message: str, fix: str = "") -> None:
        """Adds a problem."""
        self.problems.append(broken(rule, position, message, fix))

    def position(self, node: SyntaxTreeNode) -> Position:
        """Returns where ``node`` stands in the file."""
        line = _first_line(node)
        return Position(line + 1, node.meta["offset"] - self._starts[line] + 1)

    def _check_links(self, inline: SyntaxTreeNode) -> None:
        line = _first_line(inline)
        index = self._starts[line]
        for target in targets_of(inline.children):
            if is_link_target(target):
                continue
            found = self._text.find(target, index)
            index = index if found < 0 else found
            at = bisect_right(self._starts, index) - 1
            message = f"“{target}” is not an absolute address." if target else "A link has no address."
            position = Position(at + 1, index - self._starts[at] + 1)
            self.report("V-LK", position, message, "Write the whole address, with https://.")

    def _make(self, node: SyntaxTreeNode) -> Iterable[model.Block]:
        if _is_too_deep(node):
            message = "Blocks are nested too deeply here."
            self.report("V-DP", self.position(node), message, "Take some of the blocks out of the others.")
            return ()
        match node.type:
            case "paragraph":
                return self._paragraph(node)
            case "bullet_list" | "ordered_list":
                return [self._list_item(item, numbered=node.type == "ordered_list") for item in node.children]
            case "directive":
                return directive_blocks(node, self)
            case _:
                return (self._single(node),)

    def _single(self, node: SyntaxTreeNode) -> model.Block:
        position = self.position(node)
        match node.type:
            case "heading":
                level = min(int(node.tag[1:]), 4)
                return model.Heading(level, self.runs(node.children[0]), position=position)  # type: ignore[arg-type]
            case "blockquote":
                runs, children = self._text_and_blocks(node.children)
                return model.Quote(runs, children, position)
            case "fence":
                language = node.info.split(maxsplit=1)
                content = node.content.removesuffix("\n")
                return model.Code(content, language[0].lower() if language else "", position)
            case "table":
                rows = tuple(tuple(self.runs(cell.children[0]) for cell in row.children) for row in node.children)
                return model.Table(rows, bool(node.meta["has_header"]), position)
            case _:
                return model.Divider(position)

    def _list_item(self, item: SyntaxTreeNode, *, numbered: bool) -> model.ListItem:
        runs, children = self._text_and_blocks(item.children)
        checked, runs = take_check(runs)
        return model.ListItem("numbered" if numbered else "bulleted", runs, checked, children, self.position(item))

    def _text_and_blocks(self, nodes: Nodes) -> tuple[model.Runs, Blocks]:
        """Returns the text that a block begins with, and the blocks that follow."""
        if nodes and nodes[0].type == "paragraph":
            return self.runs(nodes[0].children[0]), self.blocks(nodes[1:])
        return (), self.blocks(nodes)

    def _paragraph(self, node: SyntaxTreeNode) -> Iterator[model.Block]:
        """Yields one paragraph, or several around pictures that stand alone on their line."""
        inline = node.children[0]
        self._check_links(inline)
        line = self.position(node).line - 1
        for image, part in _around_images(inline.children):
            runs = runs_of(part)
            at_start = self._starts[line] <= node.meta["offset"] < self._starts[line + 1]
            position = self.position(node) if at_start else text_start(self._lines[line], line)
            if image is not None:
                yield model.Image(image_url(image), image_alt(image), position)
            elif runs:
                yield model.Paragraph(runs, position)
            line += plain_text(runs).count("\n") + 1


def _is_too_deep(node: SyntaxTreeNode) -> bool:
    """Tells whether the parser has left out what is inside ``node``; the items of a list are a level of their own."""
    levels_inside = 2 if node.type in ("bullet_list", "ordered_list") else 1
    return node.nester_tokens is not None and node.nester_tokens.opening.level + levels_inside >= MAX_NESTING


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
    visible = [node for node in line if node.type != "text" or node.content.strip()]
    return visible[0] if len(visible) == 1 and visible[0].type == "image" else None
