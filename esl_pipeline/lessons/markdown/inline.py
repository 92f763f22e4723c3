"""Styles within a line: asterisks and tildes are markup wherever they stand, underscores never are."""

from __future__ import annotations

from markdown_it import MarkdownIt
from markdown_it.parser_inline import ParserInline
from markdown_it.rules_inline import StateInline, backtick
from markdown_it.rules_inline.state_inline import Scanned
from markdown_it.token import Token
from markdown_it.utils import EnvType

MAX_NESTED_IMAGES = 2
"""Pictures in the description of a picture are read one within the other, each by a parse of its own."""


class LessonInlineState(StateInline):
    """Finds out what a run of marks may begin or end.

    CommonMark refuses emphasis that begins or ends at punctuation inside a word (``work**-ed**``) and bold that ends
    behind a blank (``**Tip: **``). Teachers write both, so here only a blank behind the marks, or before the closing
    ones, makes a difference. Underscores are gaps to fill in.
    """

    def scanDelims(self, start: int, canSplitWord: bool) -> Scanned:  # noqa: N802, N803, ARG002  # the library's names
        """Scans the marks at ``start``."""
        marker = self.src[start]
        end = start
        while end < self.posMax and self.src[end] == marker:
            end += 1
        length = end - start
        if marker == "_":
            return Scanned(False, False, length)
        before_blank = end >= self.posMax or self.src[end].isspace()
        behind_blank = start == 0 or self.src[start - 1].isspace()
        closes = start > 0 and (not behind_blank or (length == 2 and self.src[start - 1] != "\n"))
        return Scanned(not before_blank, closes, length)


class LessonInlineParser(ParserInline):
    """Reads the inline text of a block."""

    def parse(self, src: str, md: MarkdownIt, env: EnvType, tokens: list[Token]) -> list[Token]:
        """Appends the tokens of ``src`` to ``tokens``."""
        depth = env.get("inline_depth", 0)
        if depth > MAX_NESTED_IMAGES:
            tokens.append(Token("text", "", 0, content=src))
            return tokens
        env["inline_depth"] = depth + 1
        state = LessonInlineState(src, md, env, tokens)
        self.tokenize(state)
        for rule in self.ruler2.getRules(""):
            rule(state)
        env["inline_depth"] = depth
        return state.tokens


def code_span(state: StateInline, silent: bool) -> bool:
    """Reads inline code, but keeps its line breaks, so that lines can still be counted."""
    start = state.pos
    if not backtick(state, silent):
        return False
    token = state.tokens[-1] if state.tokens else None
    if not silent and token is not None and token.type == "code_inline" and not state.pending:
        marks = len(token.markup)
        written = state.src[start + marks : state.pos - marks]
        token.content = written.strip("\n") if "\n" in written else token.content
    return True
