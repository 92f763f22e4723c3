"""Dates, years and decades in English."""

from __future__ import annotations

import regex

from esl_pipeline.speech.spelling.numerals import Numerals
from esl_pipeline.speech.spelling.rules import Found, Rule, rule

MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
_SHORT = {name[:3]: name for name in MONTHS if name != "May"} | {"Sept": "September"}
_MONTH = "|".join([*MONTHS, *(rf"{short}\b\.?" for short in sorted(_SHORT, reverse=True))])
_DAY = r"(?:[12]\d|3[01]|0?[1-9])"
_TH = r"(?:st|nd|rd|th)?"
_STARTS = r"(?<![\p{L}\p{N}]|\p{N}[.,:/-])"
_YEAR = r"(?:(?P<comma>,?)\s(?P<year>1\d{3}|20\d\d)(?![\p{L}\p{N}]|[.,:]\p{N}))?"
_A_YEAR, _YEAR_ENDS = r"1[1-9]\d\d|20\d\d", r"(?![\p{L}\p{N}%]|[.,:/]\p{N}|-\p{N})"
_YEAR_WORD = (
    r"\b(?:in|since|from|until|till|by|before|after|during|of|year|years|early|late|mid|between|around|about|circa|and"
    rf"|to|summer|autumn|fall|winter|spring|born|{'|'.join(MONTHS)})[ -]$"
)
_NO_PLURAL = "was|is|his|its|this|has|as|us|yes|perhaps|always|sometimes"
_NO_PLURAL = "was|is|his|its|this|has|as|us|yes|perhaps|always|sometimes"
_COUNTED = rf"\s(?:people|men|women|children|percent|per cent|(?!(?:{_NO_PLURAL})\b)\p{{Ll}}{{2,}}s)\b"


def date_rules(numerals: Numerals) -> tuple[Rule, ...]:
    """Returns the rules for dates; 03/05/2024, which may be two days, is read as it is written."""

    def day_first(found: Found) -> str:
        the = "" if regex.search(r"\b[Tt]he $", found.string[: found.start()]) else "the "
        to = f" to the {numerals.ordinal(int(found['to']))}" if found["to"] else ""
        return f"{the}{numerals.ordinal(int(found['day']))}{to} of {_month(found['month'])}{_with_year(found)}"

    def month_first(found: Found) -> str:
        to = f" to {numerals.ordinal(int(found['to']))}" if found["to"] else ""
        return f"{_month(found['month'])} {numerals.ordinal(int(found['day']))}{to}{_with_year(found)}"

    def _with_year(found: Found) -> str:
        return f"{found['comma']} {numerals.year(int(found['year']))}" if found["year"] else ""

    def in_figures(found: Found) -> str:
        numbers = [int(found[name]) for name in ("one", "two", "year")]
        day, month = _day_and_month(numbers[0], numbers[1], day_first=found["mark"] == ".")
        year = numerals.year(numbers[2]) if numbers[2] > 99 else numerals.cardinal(numbers[2])
        if month:
            return f"the {numerals.ordinal(day)} of {MONTHS[month - 1]} {year}"
        mark = "slash" if found["mark"] == "/" else "dot"
        return f" {mark} ".join([*map(numerals.cardinal, numbers[:2]), year])

    def iso(found: Found) -> str:
        return f"the {numerals.ordinal(int(found[3]))} of {MONTHS[int(found[2]) - 1]} {numerals.year(int(found[1]))}"

    range_of_days = rf"(?P<day>{_DAY}){_TH}(?:\s?[-–—]\s?(?P<to>{_DAY}){_TH})?"
    ends = r"(?![\p{L}\p{N}])"
    short = r"(?P<one>\d{1,2})(?P<mark>[/.])(?P<two>\d{1,2})(?P=mark)(?P<year>\d{4}|\d\d)"
    return (
        rule(rf"{_STARTS}([12]\d{{3}})-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])(?!\p{{N}}|-\p{{N}})", iso),
        rule(rf"{_STARTS}{range_of_days}\s(?:of\s)?(?P<month>{_MONTH}){_YEAR}{ends}", day_first),
        rule(rf"\b(?P<month>{_MONTH})\s{range_of_days}(?!\p{{N}}|[.,:/]\p{{N}}|\p{{L}}|%){_YEAR}", month_first),
        rule(rf"{_STARTS}{short}(?![\p{{L}}\p{{N}}]|[./]\p{{N}})", in_figures),
    )


def decade_rules(numerals: Numerals) -> tuple[Rule, ...]:
    """Returns the rules for the 1990s, the '90s and 1914-18."""

    def decade(found: Found) -> str:
        return _plural(numerals.year(int(found[1])) if len(found[1]) == 4 else numerals.cardinal(int(found[1])))

    def years(found: Found) -> str:
        between = " " if found[2] == "/" else " to "
        until = numerals.year(int(found[3])) if len(found[3]) == 4 else numerals.cardinal(int(found[3]))
        return f"{numerals.year(int(found[1]))}{between}{until}"

    return (
        rule(rf"{_STARTS}(1[1-9]\d0|20\d0)['’]?s\b", decade),
        rule(r"(?<![\p{L}\p{N}])['’]?([2-9]0)['’]?s\b", decade),
        rule(rf"{_STARTS}({_A_YEAR})\s?([-–—/])\s?({_A_YEAR}|\d\d){_YEAR_ENDS}", years),
    )


def year_rule(numerals: Numerals) -> Rule:
    """Returns the rule for a year alone; 1850 is one behind "in", 1950 anywhere but before what is counted."""

    def year(found: Found) -> str:
        before, behind = found.string[max(found.start() - 20, 0) : found.start()], found.string[found.end() :]
        named = regex.search(_YEAR_WORD, before, regex.I) is not None
        likely = 1900 <= int(found[0]) <= 2099
        return numerals.year(int(found[0])) if (named or likely) and not regex.match(_COUNTED, behind) else found[0]

    return rule(rf"{_STARTS}(?:{_A_YEAR}){_YEAR_ENDS}", year)


def _month(written: str) -> str:
    return _SHORT.get(written.rstrip("."), written)


def _day_and_month(one: int, two: int, *, day_first: bool) -> tuple[int, int]:
    """Returns (0, 0) where it can't be told which is which."""
    if one <= 31 and 1 <= two <= 12 and one and (day_first or one > 12 or one == two):
        return one, two
    return (two, one) if 12 < two <= 31 and 1 <= one <= 12 else (0, 0)


def _plural(said: str) -> str:
    return f"{said[:-1]}ies" if said.endswith("y") else f"{said}s"
