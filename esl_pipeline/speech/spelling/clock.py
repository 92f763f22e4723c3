"""Times of day in English."""

from __future__ import annotations

from esl_pipeline.speech.spelling.numerals import Numerals
from esl_pipeline.speech.spelling.rules import Found, Rule, rule

_HALF = r"(?:\s?(?P<half>[AaPp])\.?\s?[Mm](?![\p{L}\p{N}])\.?)"
_HOUR = r"(?P<hour>[01]?\d|2[0-4])"
_MINUTES = r"(?P<minutes>[0-5]\d)"
_STARTS, _ENDS = r"(?<![\p{L}\p{N}]|\p{N}[.,:/])", r"(?![\p{N}:]|[.,]\p{N}|%)"
_AT = r"(?<=\b(?:[Aa]t|[Uu]ntil|[Tt]ill|[Bb]efore|[Aa]fter|[Ff]rom|[Ss]ince|[Bb]y|[Bb]etween) )"


def time_rules(numerals: Numerals) -> tuple[Rule, ...]:
    """Returns the rules for 10:30, 17:45, 9 a.m., 7.30 pm, "at 7.30", 9:00-17:30 and 24/7."""

    def say(found: Found) -> str:
        parts = found.groupdict()
        half = f" {parts['half'].lower()}.m." if parts.get("half") else ""
        said = _said(int(parts["hour"]), int(parts.get("minutes") or 0), half, numerals)
        return f"{said} {_minutes(int(parts['seconds']), numerals)}" if parts.get("seconds") else said

    clock = r"\d{1,2}:[0-5]\d"
    half = r"\s?[AaPp]\.?\s?[Mm](?!\p{L})\.?"
    ends_of_range = rf"(?:{clock}(?:{half})?|\d{{1,2}}{half})"
    return (
        rule(rf"{_STARTS}24/7(?!\p{{N}})", lambda _: "twenty-four seven"),
        rule(
            rf"{_STARTS}({clock}|\d{{1,2}}(?:{half})?)\s?[-–—]\s?(?={ends_of_range})(?=.)",
            lambda found: f"{found[1]} to ",
        ),
        rule(rf"{_STARTS}{_HOUR}[:.]{_MINUTES}{_HALF}", say),
        rule(rf"{_STARTS}(?P<hour>1[0-2]|0?[1-9]){_HALF}", say),
        rule(rf"{_STARTS}{_HOUR}:{_MINUTES}(?::(?P<seconds>[0-5]\d))?{_ENDS}(?:\s?[Oo]['’]clock)?(?!\s?\p{{N}})", say),
        rule(rf"{_AT}{_HOUR}\.(?P<minutes>[0-5][05]){_ENDS}(?!\s?(?:%|million|billion|degrees))", say),
        rule(rf"{_STARTS}(\d{{1,3}}):(\d{{1,3}})(?!\p{{N}})", lambda found: f"{found[1]} to {found[2]}"),
    )


def _said(hour: int, minutes: int, half: str, numerals: Numerals) -> str:
    said = numerals.cardinal(hour)
    if minutes:
        return f"{said} {_minutes(minutes, numerals)}{half}"
    if half:
        return said + half
    if hour == 0:
        return "midnight"
    return f"{said} o'clock" if hour <= 12 else f"{said} hundred"


def _minutes(minutes: int, numerals: Numerals) -> str:
    said = numerals.cardinal(minutes)
    return said if minutes >= 10 else f"oh {said}" if minutes else "oh oh"
