"""Emoji as Unicode's emoji sequences (UTS #51) have them."""

from __future__ import annotations

import regex

_PICTURE = r"[\p{Extended_Pictographic}&&\p{Emoji}][\uFE0E\uFE0F]?\p{Emoji_Modifier}?[\U000E0020-\U000E007F]*"
_EMOJI = regex.compile(
    rf"(?V1)(?:\p{{Regional_Indicator}}{{2}}|[0-9#*]\uFE0F?\u20E3|{_PICTURE}(?:\u200D{_PICTURE})*)", regex.VERSION1
)


def leading_emoji(text: str) -> str:
    """Returns the one emoji that ``text`` begins with, or nothing."""
    found = _EMOJI.match(text)
    return found.group() if found else ""


def is_emoji(text: str) -> bool:
    """Tells whether ``text`` is exactly one emoji as a reader sees it."""
    return bool(text) and leading_emoji(text) == text
