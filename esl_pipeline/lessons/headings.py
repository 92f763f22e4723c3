"""Headings and labels as they are compared."""

from __future__ import annotations

import re

import regex

from esl_pipeline.lessons.model import Runs
from esl_pipeline.lessons.runs import plain_text

_EMOJI = regex.compile(r"[\p{Emoji_Presentation}\p{Extended_Pictographic}]")
_JOINERS = re.compile("[\u200b\u200c\u200d\u2060\ufe0e\ufe0f]")
_APOSTROPHES = re.compile("[‘’ʼ]")
_IRRELEVANT = re.compile(r"[^A-Za-z0-9_\s.\-'&:]")


def normalised_heading(runs: Runs) -> str:
    """Returns a heading without emoji, markup and most punctuation, in lower case, with straight apostrophes."""
    text = _JOINERS.sub("", _EMOJI.sub("", plain_text(runs)))
    text = _APOSTROPHES.sub("'", " ".join(text.split()))
    return " ".join(_IRRELEVANT.sub("", text).split()).lower()


def normalised_label(runs: Runs) -> str:
    """Returns a toggle's label in lower case, with straight apostrophes and single blanks."""
    return " ".join(_APOSTROPHES.sub("'", plain_text(runs)).split()).lower()
