"""Numbers, times, prices, units and abbreviations in words, for models that do not say them as a person would."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

import regex

from esl_pipeline.speech.spelling.calendar import date_rules, decade_rules, year_rule
from esl_pipeline.speech.spelling.clock import time_rules
from esl_pipeline.speech.spelling.figures import (
    fraction_rules,
    label_rules,
    ordinal_rule,
    phone_rules,
    plain_rules,
    power_rules,
    range_rule,
    sign_rule,
)
from esl_pipeline.speech.spelling.money import price_rules
from esl_pipeline.speech.spelling.numerals import Numerals, numerals_of
from esl_pipeline.speech.spelling.rules import Rule, apply, rule
from esl_pipeline.speech.spelling.shortened import abbreviation_rules, street_rule
from esl_pipeline.speech.spelling.units import unit_rules

__all__ = ["spell_out"]

_UNSPOKEN = regex.compile(
    r"((?:https?://|www\.)\S+|(?<![\p{L}\p{N}.+_-])[\p{L}\p{N}.+_-]++@[\p{L}\p{N}-]+\.[\p{L}\p{N}.-]*\p{L}"
    r"|(?:(?![0-9])\d)+)",
    regex.I,
)
"""Addresses, and digits of scripts that are too new to be read."""


_ROUNDS = 4


def spell_out(text: str, language: str) -> str:
    """Returns ``text`` as it is read aloud; no word is lost, web and mail addresses stay as they are.

    English is read as a person would read it. Of other languages numbers, prices and units are, by the rules and names
    of Unicode's CLDR; a language that those don't have is left alone.

    Args:
        text: one line.
        language: its ISO 639 code.
    """
    rules = _rules(language)
    if not rules:
        return text
    parts = _UNSPOKEN.split("".join(str(unicodedata.decimal(char, char)) for char in text))
    return "".join(part if number % 2 else _spelled(part, rules) for number, part in enumerate(parts))


def _spelled(part: str, rules: tuple[Rule, ...]) -> str:
    """Applies the rules until nothing is left to say: what stood together with a figure may be a word by itself."""
    for _ in range(_ROUNDS):
        before, part = part, regex.sub(" {2,}", " ", apply(rules, part))
        if part == before:
            break
    return part


@lru_cache(maxsize=8)
def _rules(language: str) -> tuple[Rule, ...]:
    numerals = numerals_of(language)
    if numerals is None:
        return ()
    return _english(numerals) if language == "en" else _any_language(numerals)


def _english(numerals: Numerals) -> tuple[Rule, ...]:
    return (
        street_rule(),
        *phone_rules(numerals),
        *label_rules(),
        sign_rule(numerals),
        *date_rules(numerals),
        *time_rules(numerals),
        *price_rules(numerals, "to"),
        *decade_rules(numerals),
        *fraction_rules(numerals),
        *unit_rules(numerals, "to"),
        year_rule(numerals),
        ordinal_rule(numerals),
        *power_rules(),
        range_rule(numerals, "to"),
        *plain_rules(numerals),
        *abbreviation_rules(),
    )


def _any_language(numerals: Numerals) -> tuple[Rule, ...]:
    return (
        rule(r"(?<!\d|\d:)([01]?\d|2[0-4])[:h]([0-5]\d)(?!\d|:\d)", lambda found: f"{found[1]} {int(found[2]) or ''}"),
        rule(r"(?<!\d)([0-3]?\d)[./]([01]?\d)[./](\d{4})(?!\d)", lambda found: f"{found[1]} {found[2]} {found[3]}"),
        sign_rule(numerals),
        *price_rules(numerals, "–"),
        *unit_rules(numerals, "–"),
        range_rule(numerals, "–"),
        rule(r"(?<![\p{N}.,])1[1-9]\d\d(?![\p{N}]|[.,]\p{N})", lambda found: numerals.year(int(found[0]))),
        *plain_rules(numerals),
    )
