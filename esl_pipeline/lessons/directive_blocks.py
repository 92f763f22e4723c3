"""Directives as blocks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, Protocol

from markdown_it.tree import SyntaxTreeNode

from esl_pipeline.lessons import model
from esl_pipeline.lessons.directives import Directive
from esl_pipeline.lessons.emoji import leading_emoji
from esl_pipeline.lessons.problems import Position

_TOGGLE_LEVELS: dict[str, Literal[1, 2, 3]] = {"toggle-h1": 1, "toggle-h2": 2, "toggle-h3": 3}


class Builder(Protocol):
    """What is needed of the tree's builder."""

    def blocks(self, nodes: Sequence[SyntaxTreeNode]) -> tuple[model.Block, ...]:
        """Returns the blocks that stand side by side."""

    def runs(self, inline: SyntaxTreeNode) -> model.Runs:
        """Returns the text of an inline node."""

    def report(self, rule: str, position: Position, message: str, fix: str = "") -> None:
        """Adds a problem."""


def callout_icon(argument: str) -> str:
    """Returns what of a callout's argument is its icon: the emoji it begins with, else its first word."""
    return leading_emoji(argument) or argument.partition(" ")[0].partition("\t")[0]


def argument_text(directive: Directive) -> str:
    """Returns what of a directive's argument is text on the page."""
    if directive.name == "callout":
        return directive.argument.removeprefix(callout_icon(directive.argument)).strip()
    return directive.argument


def directive_blocks(node: SyntaxTreeNode, builder: Builder) -> Iterator[model.Block]:
    """Yields the block that a directive makes; what is misplaced in column lists comes beside it."""
    directive: Directive = node.meta["directive"]
    position = directive.position
    match directive.name:
        case "toc":
            yield model.TableOfContents(position)
        case "audio" | "video":
            yield model.Media(directive.name, directive.argument, position)
        case "synced-block":
            yield model.SyncedBlock(directive.argument or None, builder.blocks(node.children), position)
        case "study-text":
            yield model.StudyText(directive.argument, builder.blocks(node.children), position)
        case "callout":
            yield _callout(directive, node, builder)
        case "toggle-heading":
            yield model.Toggle(builder.runs(node.children[0]), builder.blocks(node.children[1:]), position)
        case "toggle-h1" | "toggle-h2" | "toggle-h3":
            level, label = _TOGGLE_LEVELS[directive.name], builder.runs(node.children[0])
            yield model.Heading(level, label, True, builder.blocks(node.children[1:]), position)
        case "column-list":
            yield from _column_list(directive, node, builder)
        case "column":
            fix = "Put it between :::column-list and a ::: of its own."
            builder.report("V-CL4", position, "A column stands outside a column list.", fix)
            yield from builder.blocks(node.children)


def _callout(directive: Directive, node: SyntaxTreeNode, builder: Builder) -> model.Callout:
    runs, children = builder.runs(node.children[0]), builder.blocks(node.children[1:])
    if not runs and children and isinstance(children[0], model.Paragraph):
        runs, children = children[0].runs, children[1:]
    return model.Callout(callout_icon(directive.argument), runs, children, directive.position)


def _column_list(directive: Directive, node: SyntaxTreeNode, builder: Builder) -> Iterator[model.Block]:
    columns = [child for child in node.children if _is_column(child)]
    beside = builder.blocks([child for child in node.children if not _is_column(child)])
    if columns and beside:
        message = "This stands in a column list, but in none of its columns."
        builder.report("V-CL5", beside[0].position, message, "Put it into a column, or before :::column-list.")
    yield from beside
    made = (model.Column(builder.blocks(child.children), child.meta["directive"].position) for child in columns)
    yield model.ColumnList(tuple(made), directive.position)


def _is_column(node: SyntaxTreeNode) -> bool:
    return node.type == "directive" and node.meta["directive"].name == "column"
