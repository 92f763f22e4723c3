"""Plain text as it is said: no gaps to fill in, no emoji, no bullets, no stage directions.

Markdown is gone before: the lesson's parser gives plain text; only marks that it left as they were, such as those of a
verse in a code block, are taken off here. Numbers at the start of a line stay, because the parser has taken those of
lists, and what is left ("2. I live here") may be an answer.
"""

from __future__ import annotations

import unicodedata

import regex

from esl_pipeline.speech.models import SpeechModel

# Signs that may be drawn as emoji but are text in a sentence stay: ©, ®, ™, ‼, ⁉, and letters such as ℹ.
_EMOJI = regex.compile(
    r"(?V1)(?:[\p{Emoji_Presentation}\p{Regional_Indicator}]|[\p{Extended_Pictographic}--\p{L}--[©®™‼⁉]])\p{Emoji_Modifier}?"
)
_KEYCAP = regex.compile(r"[\uFE0E\uFE0F\u20E3]")
_INVISIBLE = regex.compile(r"(?V1)[\p{Cf}\p{Co}\p{Cs}--[\u200C\u200D]]")
_LONE_JOINER = regex.compile(r"(?<![\p{L}\p{M}])[\u200C\u200D]|[\u200C\u200D](?![\p{L}\p{M}])")
_BLANK = regex.compile(r"[\p{Cc}\p{Z}]+")
_LINE_END = regex.compile(r"[\r\n\u2028\u2029]+")
_TAG = regex.compile(r"</?(?:a|b|br|del|div|em|i|img|ins|mark|p|s|small|span|strong|sub|sup|u)\b[^<>]*>", regex.I)
_GAP = regex.compile(r"_{2,}")
_AT_START = regex.compile(r"^\s*(?:(?:[-*+•◦▪‣–—>]|#{1,6})\s+)+")
_MARKS = regex.compile(r"(?<!\d ?)\*+|\*+(?! ?\d)|~{2,}|`+")
_STAGE_DIRECTION = regex.compile(r"\[[^\[\]]*\]")
_MAX_DIRECTION_WORDS = 8
_ACTION = regex.compile(
    r"\((?:(?:(?:he|she|they|both|everyone|all) )?(?:laugh|sigh|smil|whisper|cough|nod|shrug|giggl|chuckl|gasp|yawn|sob"
    r"|sniff|groan)(?:s|es|e|ing)?|pauses?|silence|applause|laughter)(?: [\p{L}'’]+){0,4}[.!…]?\)",
    regex.I,
)
"""What an actor does, in round brackets; anything else in them is text."""
_BEFORE_MARK = regex.compile(r"\s+([.,!?;:…])(?=\s|$)")
_SAYABLE = regex.compile(r"[\p{L}\p{N}]")
_GOES_ON = regex.compile(r"[.,!?;:…–—-][\"”’'»)\]]*\n|\n(?=\p{Ll})")


def flowing(paragraph: str) -> str:
    """Returns a paragraph as it is read: a line ends only where it is no part of a sentence, as in a list or a poem."""
    lines = (" ".join(_BLANK.sub(" ", line).split()) for line in _LINE_END.split(paragraph))
    return _GOES_ON.sub(lambda end: f"{end[0][:-1]} ", "\n".join(line for line in lines if line))


def clean_for_speech(paragraph: str, model: SpeechModel) -> str:
    """Returns what is to be said of one paragraph; empty where there is nothing to say.

    Args:
        paragraph: plain text; lines stay lines.
        model: decides whether ``[laughs]`` stays. A longer stretch in brackets is text, and stays too.
    """
    text = _TAG.sub(" ", unicodedata.normalize("NFC", paragraph))
    if not model.performs_brackets:
        text = _STAGE_DIRECTION.sub(_without_direction, text)
    text = _EMOJI.sub(" ", _ACTION.sub(" ", text))
    lines = (_clean(line) for line in _LINE_END.split(text))
    return "\n".join(line for line in lines if _SAYABLE.search(line))


def _clean(line: str) -> str:
    text = _LONE_JOINER.sub("", _INVISIBLE.sub("", _KEYCAP.sub("", _BLANK.sub(" ", line))))
    text = _MARKS.sub("", _GAP.sub(" ", _AT_START.sub("", text)))
    return _BEFORE_MARK.sub(r"\1", " ".join(text.split()))


def _without_direction(bracketed: regex.Match[str]) -> str:
    text = bracketed[0]
    return " " if len(text.split()) <= _MAX_DIRECTION_WORDS else text
