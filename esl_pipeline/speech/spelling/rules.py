"""Rules: a pattern, and what is said for what it finds."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import regex

Found = regex.Match[str]


@dataclass(frozen=True, slots=True)
class Rule:
    """Says one kind of thing in words."""

    pattern: regex.Pattern[str]
    say: Callable[[Found], str]


def rule(pattern: str, say: Callable[[Found], str], *, any_case: bool = False) -> Rule:
    """Makes a rule; blanks of ``pattern`` count."""
    return Rule(regex.compile(pattern, regex.I if any_case else 0), say)


def apply(rules: Iterable[Rule], text: str) -> str:
    """Applies the rules one after the other; what one has said is text for the next."""
    for one in rules:
        text = one.pattern.sub(one.say, text)
    return text
