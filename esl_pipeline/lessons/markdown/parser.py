"""The parser: markdown-it's own rules where they serve, the lesson's where they don't."""

from __future__ import annotations

from collections.abc import Callable

from markdown_it import MarkdownIt
from markdown_it.parser_block import RuleFuncBlockType
from markdown_it.rules_block import StateBlock, blockquote, fence, heading, hr, list_block
from markdown_it.tree import SyntaxTreeNode

from esl_pipeline.lessons.directives import Directive, Directives
from esl_pipeline.lessons.markdown.attributes import block_colour, coloured_text
from esl_pipeline.lessons.markdown.containers import container
from esl_pipeline.lessons.markdown.equations import block_equation, inline_equation
from esl_pipeline.lessons.markdown.inline import LessonInlineParser, code_span
from esl_pipeline.lessons.markdown.marks import marks, paired_marks
from esl_pipeline.lessons.markdown.prose import prose
from esl_pipeline.lessons.markdown.tables import pipe_table

MAX_NESTING = 60
"""Levels of blocks within blocks; a list within a list takes two. What is deeper is reported, not read."""
_INTERRUPTS = ["paragraph", "blockquote", "list"]


class LessonMarkdown(MarkdownIt):
    """Markdown as lessons have it.

    Indentation alone never makes code: teachers indent what is inside a directive. HTML, bare addresses and reference
    links are text. Addresses stay as they are written.
    """

    def __init__(self) -> None:
        super().__init__("zero", {"maxNesting": MAX_NESTING})
        self.inline = LessonInlineParser()
        self._add_inline()
        self._add_blocks()

    def _add_inline(self) -> None:
        ruler = self.inline.ruler
        ruler.at("backticks", code_span)
        ruler.before("escape", "equation", inline_equation)
        ruler.before("strikethrough", "marks", marks)
        ruler.before("link", "coloured_text", coloured_text)
        ruler.push("block_colour", block_colour)
        ruler.enableOnly(
            [
                *("text", "newline", "equation", "escape", "backticks", "strikethrough", "emphasis", "marks"),
                *("coloured_text", "link", "image", "block_colour"),
            ]
        )
        self.inline.ruler2.after("strikethrough", "paired_marks", paired_marks)

    def _add_blocks(self) -> None:
        ruler = self.block.ruler
        ruler.at("fence", _placed(fence), {"alt": _INTERRUPTS})
        ruler.at("blockquote", _placed(blockquote), {"alt": _INTERRUPTS})
        ruler.at("hr", _placed(_divider), {"alt": _INTERRUPTS})
        ruler.at("list", _placed(list_block), {"alt": ["paragraph", "blockquote"]})
        ruler.at("heading", _placed(heading), {"alt": _INTERRUPTS})
        ruler.at("table", _placed(pipe_table), {"alt": _INTERRUPTS})
        ruler.at("paragraph", _placed(prose))
        ruler.before("fence", "container", _placed(container), {"alt": _INTERRUPTS})
        ruler.before("fence", "equation", _placed(block_equation), {"alt": _INTERRUPTS})
        ruler.enableOnly(
            ["container", "table", "equation", "fence", "blockquote", "hr", "list", "heading", "paragraph"]
        )

    def normalizeLink(self, url: str) -> str:  # noqa: N802  # the library's name
        """Leaves an address as it is written."""
        return url

    def validateLink(self, url: str) -> bool:  # noqa: N802, ARG002  # the library's name
        """Takes every address; the tree decides which of them become links."""
        return True


def _placed(rule: RuleFuncBlockType) -> RuleFuncBlockType:
    """Makes a block rule note where in the text its tokens stand, as ``meta["offset"]``."""

    def placed_rule(state: StateBlock, start: int, end: int, silent: bool) -> bool:
        first = len(state.tokens)
        if not rule(state, start, end, silent):
            return False
        for token in state.tokens[first:] if not silent else ():
            if token.map and "offset" not in token.meta:
                line = token.map[0]
                token.meta["offset"] = state.bMarks[line] + state.tShift[line]
        return True

    return placed_rule


def _divider(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Reads a thematic break; a line of underscores is a place to write on."""
    is_gap = state.src.startswith("_", state.bMarks[start] + state.tShift[start])
    return not is_gap and hr(state, start, end, silent)


_PARSER = LessonMarkdown()


def parse_markdown(text: str, directives: Directives, argument_text: Callable[[Directive], str]) -> SyntaxTreeNode:
    """Reads the body of a lesson.

    Args:
        text: the whole file without comments, with blank lines in place of what is not body.
        directives: of ``text``.
        argument_text: gives what of a directive's argument is text.
    """
    stray_lines = {position.line - 1 for position in directives.strays}
    env = {"directives": directives, "stray_lines": stray_lines, "argument_text": argument_text}
    return SyntaxTreeNode(_PARSER.parse(text, env))
