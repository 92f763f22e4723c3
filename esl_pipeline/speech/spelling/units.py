"""Units of measurement: how they are written, and CLDR's names of them."""

from __future__ import annotations

from decimal import Decimal

import regex
from babel.numbers import format_decimal
from babel.units import format_unit

from esl_pipeline.speech.spelling.numerals import Numerals
from esl_pipeline.speech.spelling.rules import Found, Rule, rule

UNITS = {
    **{"km": "length-kilometer", "m": "length-meter", "cm": "length-centimeter", "mm": "length-millimeter"},
    **{"mi": "length-mile", "ft": "length-foot", "yd": "length-yard"},
    **{"kg": "mass-kilogram", "Kg": "mass-kilogram", "g": "mass-gram", "mg": "mass-milligram"},
    **{"lb": "mass-pound", "lbs": "mass-pound", "oz": "mass-ounce"},
    **{"l": "volume-liter", "L": "volume-liter", "ml": "volume-milliliter", "mL": "volume-milliliter"},
    **{"cl": "volume-centiliter", "tsp": "volume-teaspoon", "tbsp": "volume-tablespoon"},
    **{"°C": "temperature-celsius", "℃": "temperature-celsius", "ºC": "temperature-celsius"},
    **{"°F": "temperature-fahrenheit", "℉": "temperature-fahrenheit", "ºF": "temperature-fahrenheit"},
    **{"°": "angle-degree", "º": "angle-degree", "%": "concentr-percent", "‰": "concentr-permille"},
    **{"km/h": "speed-kilometer-per-hour", "kph": "speed-kilometer-per-hour", "kmh": "speed-kilometer-per-hour"},
    **{"mph": "speed-mile-per-hour", "m/s": "speed-meter-per-second"},
    **{"h": "duration-hour", "hr": "duration-hour", "hrs": "duration-hour", "min": "duration-minute"},
    **{"mins": "duration-minute", "sec": "duration-second", "secs": "duration-second", "s": "duration-second"},
    **{"ms": "duration-millisecond", "kcal": "energy-kilocalorie", "cal": "energy-calorie", "kW": "power-kilowatt"},
    **{"kWh": "energy-kilowatt-hour", "Hz": "frequency-hertz", "kHz": "frequency-kilohertz"},
    **{"MHz": "frequency-megahertz", "GHz": "frequency-gigahertz"},
    **{"kB": "digital-kilobyte", "KB": "digital-kilobyte", "MB": "digital-megabyte", "GB": "digital-gigabyte"},
    **{"TB": "digital-terabyte", "m²": "area-square-meter", "m2": "area-square-meter"},
    **{"km²": "area-square-kilometer", "km2": "area-square-kilometer", "cm²": "area-square-centimeter"},
    **{"ha": "area-hectare", "m³": "volume-cubic-meter", "m3": "volume-cubic-meter", "cm³": "volume-cubic-centimeter"},
}
"""Unit as written to CLDR's id of it."""
_DOTTED = frozenset({"ft", "yd", "mi", "lb", "lbs", "oz", "hr", "hrs", "min", "mins", "sec", "secs", "tsp", "tbsp"})
"""Those that English writes with a full stop too."""
SYMBOL = "|".join(sorted(map(regex.escape, UNITS), key=len, reverse=True))
AFTER_SYMBOL = r"(?![\p{L}\p{N}²³])"
MAX_DECIMALS = "#,##0.################"


def measured(said: str, amount: Decimal, symbol: str, numerals: Numerals) -> str:
    """Says an amount with its unit's name in the number that fits, as in five kilometers.

    Args:
        said: the amount in words, perhaps of a range.
        amount: decides singular or plural.
        symbol: of the unit; it stays where CLDR has no name for it.
        numerals: of the language.
    """
    unit = UNITS[symbol]
    figures = format_decimal(amount, MAX_DECIMALS, locale=numerals.locale)
    named = format_unit(amount, unit, "long", format=MAX_DECIMALS, locale=numerals.locale)
    is_unnamed = unit in named or figures not in named
    return f"{said}{symbol}" if is_unnamed else " ".join(named.replace(figures, said, 1).split())


def unit_rules(numerals: Numerals, to: str) -> tuple[Rule, ...]:
    """Returns the rules for amounts with a unit.

    Args:
        numerals: of the language.
        to: what is said between the ends of a range.
    """
    number, english = numerals.pattern, numerals.language == "en"

    def say(found: Found) -> str:
        amount = numerals.value(found["amount"])
        said = numerals.counted(amount)
        if found["low"]:
            said = f"{numerals.counted(numerals.value(found['low']))} {to} {said}"
        symbol = found["unit"]
        named = measured(said, amount, symbol, numerals)
        is_short_form = symbol in _DOTTED and not _ends_sentence(found)
        return named if is_short_form else named + found["dot"]

    amount = rf"{numerals.starts}(?:(?P<low>{number})\s?[-–—]\s?)?(?P<amount>{number})"
    # Where a letter alone may be a word, as "s" is in Czech, it is left as it is.
    symbols = SYMBOL if english else "|".join(symbol for symbol in SYMBOL.split("|") if symbol != "s")
    unit = rf"\s?(?P<unit>{symbols}){AFTER_SYMBOL}(?P<dot>\.?)"
    rules = [rule(amount + unit, say)]
    if english:
        rules.insert(0, _adjective(numerals))
    return tuple(rules)


def _ends_sentence(found: Found) -> bool:
    """Tells whether the full stop behind a short form is more than that."""
    return regex.match(r"\s*[\p{Ll},;:)]", found.string[found.end() : found.end() + 10]) is None


def _adjective(numerals: Numerals) -> Rule:
    """A 5 km run is a five-kilometer run."""

    def say(found: Found) -> str:
        one = measured("one", Decimal(1), found["unit"], numerals).removeprefix("one ")
        return f"{numerals.number(found['amount'])}-{one.replace(' ', '-')}"

    amount = rf"(?P<amount>{numerals.pattern})"
    letters = "|".join(sorted((unit for unit in UNITS if unit.isalpha() and len(unit) > 1), key=len, reverse=True))
    before = rf"(?:(?<=\b[Aa]n? ){amount}[\s-]?|{numerals.starts}{amount}-)"
    return rule(rf"{before}(?P<unit>{letters}){AFTER_SYMBOL}\.?(?= \p{{Ll}})", say)
