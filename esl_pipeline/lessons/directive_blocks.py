"""Directives as blocks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, Protocol

from markdown_it.tree import SyntaxTreeNode

from esl_pipeline.lessons import model
from esl_pipeline.lessons.colours import Colour, read_colour
from esl_pipeline.lessons.directives import Directive
from esl_pipeline.lessons.emoji import leading_emoji
from esl_pipeline.lessons.inline_check import Finding, check_colour, without_effect
from esl_pipeline.lessons.markdown.attributes import split_colour
from esl_pipeline.lessons.problems import Position

_TOGGLE_LEVELS: dict[str, Literal[1, 2, 3, 4]] = {"toggle-h1": 1, "toggle-h2": 2, "toggle-h3": 3, "toggle-h4": 4}


class Builder(Protocol):
    """What is needed of the tree's builder."""

    def blocks(self, nodes: Sequence[SyntaxTreeNode]) -> tuple[model.Block, ...]:
        """Returns the blocks that stand side by side."""

    def text(self, inline: SyntaxTreeNode) -> tuple[model.Runs, Colour | None]:
        """Returns the text of an inline node and the colour that it gives its block."""

    def coloured_text(self, inline: SyntaxTreeNode) -> model.Runs:
        """Returns the text of an inline node, in the colour that it gives itself."""

    def report(self, rule: str, position: Position, message: str, fix: str = "") -> None:
        """Adds a problem."""

    def report_colour(self, finding: Finding, line: int) -> None:
        """Adds a problem with a colour that is written in ``line``, from 0."""


def callout_icon(argument: str) -> str:
    """Returns what of a callout's argument is its icon: the emoji it begins with, else its first word."""
    text, _, _ = split_colour(argument)
    return leading_emoji(text) or text.partition(" ")[0].partition("\t")[0]


def argument_text(directive: Directive) -> str:
    """Returns what of a directive's argument is text on the page."""
    if directive.name == "callout":
        return directive.argument.removeprefix(callout_icon(directive.argument)).strip()
    if directive.name in ("audio", "video"):
        return "".join(directive.argument.split(maxsplit=1)[1:])
    return directive.argument


def directive_blocks(node: SyntaxTreeNode, builder: Builder) -> Iterator[model.Block]:
    """Yields the block that a directive makes; what is misplaced in column lists comes beside it."""
    directive: Directive = node.meta["directive"]
    position = directive.position
    match directive.name:
        case "toc":
            _, colour = _plain_argument(directive, builder)
            yield model.TableOfContents(position, colour)
        case "audio" | "video":
            url = "".join(directive.argument.split(maxsplit=1)[:1])
            yield model.Media(directive.name, url, position, builder.coloured_text(node.children[0]))
        case "synced-block":
            yield model.SyncedBlock(directive.argument or None, builder.blocks(node.children), position)
        case "study-text":
            label, colour = _plain_argument(directive, builder)
            yield model.StudyText(label, builder.blocks(node.children), position, colour)
        case "callout":
            yield _callout(directive, node, builder)
        case "toggle-heading":
            runs, colour = builder.text(node.children[0])
            yield model.Toggle(runs, builder.blocks(node.children[1:]), position, colour)
        case "toggle-h1" | "toggle-h2" | "toggle-h3" | "toggle-h4":
            runs, colour = builder.text(node.children[0])
            level = _TOGGLE_LEVELS[directive.name]
            yield model.Heading(level, runs, True, builder.blocks(node.children[1:]), position, colour)
        case "column-list":
            _refuse_colour(directive, "a column list", builder)
            yield from _column_list(directive, node, builder)
        case "column":
            fix = "Put it between :::column-list and a ::: of its own."
            builder.report("V-CL4", position, "A column stands outside a column list.", fix)
            yield from builder.blocks(node.children)


def _plain_argument(directive: Directive, builder: Builder) -> tuple[str, Colour | None]:
    """Splits an argument that is no inline text into what it says and its colour."""
    text, value, written = split_colour(directive.argument)
    for finding in check_colour(value, written) if written else ():
        builder.report_colour(finding, directive.line)
    return text, read_colour(value)


def _refuse_colour(directive: Directive, what: str, builder: Builder) -> None:
    _, _, written = split_colour(directive.argument)
    if written:
        builder.report_colour(without_effect(written, what), directive.line)


def _callout(directive: Directive, node: SyntaxTreeNode, builder: Builder) -> model.Callout:
    runs, colour = builder.text(node.children[0])
    children = builder.blocks(node.children[1:])
    if not runs and children and isinstance(children[0], model.Paragraph):
        runs, colour, children = children[0].runs, colour or children[0].colour, children[1:]
    return model.Callout(callout_icon(directive.argument), runs, children, directive.position, colour)


def _column_list(directive: Directive, node: SyntaxTreeNode, builder: Builder) -> Iterator[model.Block]:
    columns = [child for child in node.children if _is_column(child)]
    beside = builder.blocks([child for child in node.children if not _is_column(child)])
    if columns and beside:
        message = "This stands in a column list, but in none of its columns."
        builder.report("V-CL5", beside[0].position, message, "Put it into a column, or before :::column-list.")
    yield from beside
    for child in columns:
        _refuse_colour(child.meta["directive"], "a column", builder)
    made = (model.Column(builder.blocks(child.children), child.meta["directive"].position) for child in columns)
    yield model.ColumnList(tuple(made), directive.position)


def _is_column(node: SyntaxTreeNode) -> bool:
    return node.type == "directive" and node.meta["directive"].name == "column"
