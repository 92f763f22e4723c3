"""Prices: how they are written, and how they are said."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import regex
from babel.numbers import get_currency_name

from esl_pipeline.speech.spelling.numerals import Numerals
from esl_pipeline.speech.spelling.rules import Found, Rule, rule


@dataclass(frozen=True, slots=True)
class Money:
    """A currency's English names, for one and for several; without ``cent`` where it has no small coins."""

    one: str
    several: str
    cent: str = ""
    cents: str = ""


_DOLLAR, _POUND = Money("dollar", "dollars", "cent", "cents"), Money("pound", "pounds", "penny", "pence")
_COUNTRIES = {"US": "US", "A": "Australian", "C": "Canadian", "NZ": "New Zealand", "HK": "Hong Kong"}
ENGLISH = {
    "$": _DOLLAR,
    "£": _POUND,
    "€": Money("euro", "euros", "cent", "cents"),
    **{
        f"{sign}$": Money(f"{country} dollar", f"{country} dollars", "cent", "cents")
        for sign, country in _COUNTRIES.items()
    },
    "¥": Money("yen", "yen"),
    "₹": Money("rupee", "rupees", "paisa", "paise"),
    "₽": Money("ruble", "rubles", "kopeck", "kopecks"),
    "₴": Money("hryvnia", "hryvnias", "kopiyka", "kopiykas"),
    "₩": Money("won", "won"),
    "₺": Money("lira", "liras", "kurush", "kurush"),
    "₪": Money("shekel", "shekels", "agora", "agorot"),
    "zł": Money("zloty", "zlotys", "grosz", "groszy"),
}
CODES = {
    **{"$": "USD", "£": "GBP", "€": "EUR", "¥": "JPY", "₹": "INR", "₽": "RUB", "₴": "UAH", "₩": "KRW", "₺": "TRY"},
    **{"₪": "ILS", "zł": "PLN", "US$": "USD", "A$": "AUD", "C$": "CAD", "NZ$": "NZD", "HK$": "HKD", "Kč": "CZK"},
    **{code: code for code in ("USD", "EUR", "GBP", "JPY", "CHF", "CAD", "AUD", "NZD", "CNY", "INR", "RUB", "UAH")},
    **{code: code for code in ("PLN", "CZK", "SEK", "NOK", "DKK", "TRY", "BRL", "MXN", "KRW", "ZAR", "HUF", "RON")},
    **{code: code for code in ("BGN", "ILS", "AED", "THB", "SGD", "HKD", "ARS", "CLP", "COP", "GEL", "KZT")},
}
"""Sign or code as written to ISO 4217 code."""
_SIGN = "|".join(sorted(map(regex.escape, CODES), key=len, reverse=True))
_MAGNITUDES = {
    **{"k": "thousand", "K": "thousand", "m": "million", "M": "million", "mn": "million", "mln": "million"},
    **{"b": "billion", "B": "billion", "bn": "billion", "tn": "trillion"},
    **{word: word for word in ("thousand", "million", "billion", "trillion")},
}
_PER = {"h": "hour", "hr": "hour", "kg": "kilogram", "km": "kilometer", "mo": "month", "yr": "year", "l": "liter"}


def price_rules(numerals: Numerals, to: str) -> tuple[Rule, ...]:
    """Returns the rules for prices, with the sign before or behind.

    Args:
        numerals: of the language.
        to: what is said between the ends of a range.
    """
    number, english = numerals.pattern, numerals.language == "en"

    def say(found: Found) -> str:
        parts = found.groupdict()
        amount, sign = numerals.value(parts["amount"]), parts["sign"]
        magnitude = _MAGNITUDES.get(parts.get("magnitude") or "", "")
        if english and sign in ENGLISH and amount == int(amount) and _is_adjective(found):
            said = f"{numerals.cardinal(int(amount))}-{' '.join(filter(None, (magnitude, ENGLISH[sign].one)))}"
        elif parts.get("low") or magnitude:
            low = f"{numerals.counted(numerals.value(parts['low']))} {to}" if parts.get("low") else ""
            names = _names(sign, Decimal(5) if magnitude else amount, numerals)
            said = " ".join(filter(None, (low, numerals.counted(amount), magnitude, names)))
        else:
            said = _price(amount, sign, numerals)
        per = parts.get("per")
        return f"{said} per {_PER.get(per, per)}" if per else said

    magnitude = rf"(?:\s?(?P<magnitude>{'|'.join(sorted(_MAGNITUDES, key=len, reverse=True))})\b)?" if english else ""
    per = r"(?:\s?/\s?(?P<per>\p{L}+))?" if english else ""
    free = r"(?<![\p{L}\p{N}])"
    low = rf"(?:(?P<low>{number})\s?[-–—]\s?(?:{_SIGN})?)?" if english else ""
    before = rf"{free}(?P<sign>{_SIGN})\s?{low}(?P<amount>{number}){magnitude}{per}(?!\p{{N}})"
    low = rf"(?:(?P<low>{number})\s?[-–—]\s?)?"
    behind = rf"{numerals.starts}{low}(?P<amount>{number})\s?(?P<sign>{_SIGN}){per}(?![\p{{L}}\p{{N}}])"
    if english:
        coins = (_coin_rule("p", _POUND, numerals), _coin_rule("¢", _DOLLAR, numerals))
        return (rule(before, say), rule(behind, say), *coins)
    return (rule(behind, say), rule(before, say))


def _is_adjective(found: Found) -> bool:
    """Tells whether a price says what kind of thing it is, as that of a £5 note."""
    before, behind = found.string[max(found.start() - 4, 0) : found.start()], found.string[found.end() :]
    return regex.search(r"\b[Aa]n? $", before) is not None and regex.match(r"[ -]\p{Ll}{3}", behind) is not None


def _coin_rule(sign: str, money: Money, numerals: Numerals) -> Rule:
    """50p and 99¢."""
    pattern = rf"{numerals.starts}(?P<amount>\d{{1,2}})\s?{sign}(?![\p{{L}}\p{{N}}])"
    return rule(pattern, lambda found: _small(int(found["amount"]), money, numerals))


def _price(amount: Decimal, sign: str, numerals: Numerals) -> str:
    """Says a price; two decimals are coins, any other number of them is read as it is written."""
    whole, rest = divmod(amount, 1)
    coins, money = int(rest * 100), ENGLISH.get(sign)
    in_coins = amount.as_tuple().exponent == -2 and (numerals.language != "en" or (money and (money.cent or not coins)))
    if not in_coins:
        return f"{numerals.counted(amount)} {_names(sign, amount, numerals)}"
    said = [f"{numerals.counted(whole)} {_names(sign, whole, numerals)}"] if whole or not coins else []
    if numerals.language == "en" and money:
        return " and ".join([*said, *([_small(coins, money, numerals)] if coins else [])])
    return " ".join([*said, *([numerals.cardinal(coins)] if coins else [])])


def _small(coins: int, money: Money, numerals: Numerals) -> str:
    return f"{numerals.cardinal(coins)} {money.cent if coins == 1 else money.cents}"


def _names(sign: str, amount: Decimal, numerals: Numerals) -> str:
    money = ENGLISH.get(sign) if numerals.language == "en" else None
    if money:
        return money.one if amount == 1 else money.several
    return get_currency_name(CODES[sign], amount, locale=numerals.locale)
