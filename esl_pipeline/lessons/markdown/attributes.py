"""Colours: ``{color="red"}`` directly behind a link or text in brackets, or at the end of a line for its block."""

from __future__ import annotations

import re

from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

_ATTRIBUTE = re.compile(r"\{[ \t]*colou?r[ \t]*=(?P<value>[^{}\n]*)\}", re.IGNORECASE)
_TO_LINE_END = re.compile(r"[ \t]*(?=\n|$)")
_AT_END = re.compile(rf"(?:^|[ \t]+){_ATTRIBUTE.pattern}[ \t]*$", re.IGNORECASE)
_QUOTES = "\"'“”„‘’ \t"


def split_colour(text: str) -> tuple[str, str, str]:
    """Takes the colour off the end of a line that is no inline text.

    Returns:
        The text, the colour's name, and how it is written; the latter two empty where there is none.
    """
    found = _AT_END.search(text)
    if found is None:
        return text, "", ""
    return text[: found.start()], found["value"].strip(_QUOTES), found.group().strip()


def block_colour(state: StateInline, silent: bool) -> bool:
    """Reads a colour at the end of a line; elsewhere it is text, and marked so that it can be reported."""
    found = _ATTRIBUTE.match(state.src, state.pos, state.posMax)
    if found is None:
        return False
    meta = {"value": found["value"].strip(_QUOTES), "written": found.group()}
    if not silent and state.src[state.pos - 1 : state.pos] == ")" and (link := _link_before(state)) is not None:
        link.meta = meta
        state.pos = found.end()
        return True
    rest = _TO_LINE_END.match(state.src, found.end())
    is_of_block = rest is not None and state.level == 0 and state.env["inline_depth"] == 1
    if not silent:
        if is_of_block:
            state.pending = state.pending.rstrip(" \t")
        token = state.push("block_colour" if is_of_block else "stray_colour", "", 0)
        token.content = "" if is_of_block else found.group()
        token.meta = meta
    state.pos = rest.end() if rest is not None and is_of_block else found.end()
    return True


def _link_before(state: StateInline) -> Token | None:
    """Returns the token that opens the link that ends here."""
    if state.pending or not state.tokens or state.tokens[-1].type != "link_close":
        return None
    return next(token for token in reversed(state.tokens) if token.type == "link_open")


def coloured_text(state: StateInline, silent: bool) -> bool:
    """Reads ``[text]{color="red"}``."""
    if state.src[state.pos] != "[" or state.src.find("]{", state.pos) < 0:
        return False
    start, end = state.pos + 1, state.md.helpers.parseLinkLabel(state, state.pos, False)
    found = _ATTRIBUTE.match(state.src, end + 1, state.posMax) if end >= 0 else None
    if found is None:
        return False
    if not silent:
        opening = state.push("colour_open", "span", 1)
        opening.meta = {"value": found["value"].strip(_QUOTES), "written": found.group()}
        outer_end = state.posMax
        state.pos, state.posMax = start, end
        state.md.inline.tokenize(state)
        state.posMax = outer_end
        state.push("colour_close", "span", -1)
    state.pos = found.end()
    return True
