"""``==highlighted==`` and ``++underlined++``."""

from __future__ import annotations

import re

from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline.state_inline import Delimiter

_NODES = {"=": "highlight", "+": "underline"}
_RUN = re.compile(r"=+|\++")
_NEVER_FIRST = ",.;:!?)]}"
"""What highlighted text does not begin with, so that ``C++, C++`` stays as it is."""


def marks(state: StateInline, silent: bool) -> bool:
    """Reads two equals or plus signs as what may begin or end a stretch; other numbers of them are text."""
    found = None if silent else _RUN.match(state.src, state.pos, state.posMax)
    if found is None:
        return False
    token = state.push("text", "", 0)
    token.content = found.group()
    if len(token.content) == 2:
        behind, before = state.src[state.pos - 1 : state.pos], state.src[found.end() : found.end() + 1]
        opens = bool(before) and not before.isspace() and before not in _NEVER_FIRST
        closes = bool(behind) and not behind.isspace()
        state.delimiters.append(Delimiter(ord(token.content[0]), 0, len(state.tokens) - 1, -1, opens, closes))
    state.pos = found.end()
    return True


def paired_marks(state: StateInline) -> None:
    """Makes stretches of the marks that were paired."""
    _make_stretches(state, state.delimiters)
    for meta in state.tokens_meta:
        if meta and "delimiters" in meta:
            _make_stretches(state, meta["delimiters"])


def _make_stretches(state: StateInline, delimiters: list[Delimiter]) -> None:
    for opener in delimiters:
        name = _NODES.get(chr(opener.marker))
        if name is None or opener.end == -1:
            continue
        first, last = state.tokens[opener.token], state.tokens[delimiters[opener.end].token]
        first.type, first.nesting, first.content = f"{name}_open", 1, ""
        last.type, last.nesting, last.content = f"{name}_close", -1, ""
