"""Directives as blocks: the body is read by the same parser, with its own indentation taken off."""

from __future__ import annotations

from markdown_it.rules_block import StateBlock

from esl_pipeline.lessons.directives import Directive, Directives

_ARGUMENT_IS_TEXT = {
    *("toggle-heading", "toggle-h1", "toggle-h2", "toggle-h3", "toggle-h4"),
    *("callout", "audio", "video"),
}


def container(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Reads the directive that opens in line ``start``; a closer without an opener is passed over."""
    directives: Directives = state.env["directives"]
    directive = directives.by_line.get(start)
    if directive is None and start not in state.env["stray_lines"]:
        return False
    if silent:
        return True
    if directive is None:
        state.line = start + 1
        return True
    _push(state, directive, min(directive.end, end))
    state.line = max(start + 1, min(directive.next_line, end))
    return True


def _push(state: StateBlock, directive: Directive, body_end: int) -> None:
    opening = state.push("directive_open", "div", 1)
    opening.map, opening.meta = [directive.line, directive.next_line], {"directive": directive}
    if directive.name in _ARGUMENT_IS_TEXT:
        argument = state.push("inline", "", 0)
        argument.map, argument.children = [directive.line, directive.line + 1], []
        argument.content = state.env["argument_text"](directive)
    if not directive.is_leaf:
        _read_body(state, directive.line + 1, body_end)
    state.push("directive_close", "div", -1)


def _read_body(state: StateBlock, start: int, end: int) -> None:
    outer = state.blkIndent, state.listIndent, state.lineMax, state.parentType, state.tight
    state.blkIndent = min((state.sCount[line] for line in range(start, end) if not state.isEmpty(line)), default=0)
    state.listIndent, state.lineMax, state.parentType = -1, end, "root"
    state.md.block.tokenize(state, start, end)
    state.blkIndent, state.listIndent, state.lineMax, state.parentType, state.tight = outer
