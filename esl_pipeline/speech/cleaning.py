"""Plain text as it is said: no gaps to fill in, no emoji, no bullets, no stage directions.

Markdown is gone before: the lesson's parser gives plain text. Numbers at the start of a line stay, because the parser
has taken those of lists, and what is left ("2. I live here") may be an answer.
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
_CONTROL = regex.compile(r"[\p{Cc}\p{Z}]+")
_GAP = regex.compile(r"_{2,}")
_BULLET = regex.compile(r"^\s*[-*+•◦▪‣–—]\s+")
_STAGE_DIRECTION = regex.compile(r"\[[^\[\]]*\]")
_MAX_DIRECTION_WORDS = 8
_BEFORE_MARK = regex.compile(r"\s+([.,!?;:…])(?=\s|$)")
_SAYABLE = regex.compile(r"[\p{L}\p{N}]")


def clean_for_speech(paragraph: str, model: SpeechModel) -> str:
    """Returns what is to be said of one paragraph, on one line; empty where there is nothing to say.

    Args:
        paragraph: plain text.
        model: decides whether ``[laughs]`` stays. A longer stretch in brackets is text, and stays too.
    """
    text = _CONTROL.sub(" ", unicodedata.normalize("NFC", paragraph))
    if not model.performs_brackets:
        text = _STAGE_DIRECTION.sub(_without_direction, text)
    text = _EMOJI.sub(" ", text)
    text = _LONE_JOINER.sub("", _INVISIBLE.sub("", _KEYCAP.sub("", text)))
    text = _BULLET.sub("", _GAP.sub(" ", text))
    text = _BEFORE_MARK.sub(r"\1", " ".join(text.split()))
    return text if _SAYABLE.search(text) else ""


def _without_direction(bracketed: regex.Match[str]) -> str:
    text = bracketed[0]
    return " " if len(text.split()) <= _MAX_DIRECTION_WORDS else text
