"""Ordinals, fractions, ranges, telephone numbers, sums and plain numbers."""

from __future__ import annotations

import unicodedata
from decimal import Decimal

import regex

from esl_pipeline.speech.spelling.numerals import Numerals
from esl_pipeline.speech.spelling.rules import Found, Rule, rule

_NUMBERED = {
    **{"no": "number", "nos": "numbers", "nr": "number", "p": "page", "pp": "pages", "ch": "chapter"},
    **{"fig": "figure", "ex": "exercise", "vol": "volume", "pt": "part", "sec": "section"},
}
"""What stands before a number, with a full stop."""
_OPERATORS = {"+": "plus", "−": "minus", "-": "minus", "×": "times", "*": "times", "÷": "divided by", "=": "equals"}
_NAMED = {(9, 11): "nine eleven", (50, 50): "fifty-fifty"}
_FRACTION_CHARACTERS = "".join(chr(code) for code in (0xBC, 0xBD, 0xBE, *range(0x2150, 0x215F)))
_UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
"""Scripts that write no blanks between words."""
_CALL = r"(?i:\b(?:phone|telephone|tel|call|mobile|dial|ring|fax|number|text)\b[^\d\n]{0,20})"


def label_rules() -> tuple[Rule, ...]:
    """Returns the rules for what stands beside a number: No. 5, #1, 5 + 3 = 8, 20 x 30, 6'2", ~10."""

    def operator(found: Found) -> str:
        return f" {_OPERATORS[found[1]]} "

    labels = "|".join(sorted(_NUMBERED, key=len, reverse=True))
    return (
        rule(r"(?<=\p{L})/(?=(?:hour|day|night|week|month|year|person)\b)", lambda _: " per "),
        rule(rf"\b({labels})\.\s?(?=\d)", lambda found: f"{_NUMBERED[found[1].lower()]} ", any_case=True),
        rule(r"(?<![\p{L}\p{N}&])(?:#|№\s?)(?=\d)", lambda _: "number "),
        rule(r"(?<!\S)[~≈]\s?(?=\d)", lambda _: "about "),
        rule(r"(?<![\p{L}\p{N}])±\s?(?=\d)", lambda _: "plus or minus "),
        rule(r"(?<=\d)['′’]\s?(\d{1,2})(?:[\"″”]|['′’]{2})", lambda found: f" foot {found[1]}"),
        rule(r"(?<=\d)\s?(?:ft|foot|feet)\s(\d{1,2})\s?in\b\.?", lambda found: f" foot {found[1]}"),
        rule(r"(?<=\d)\s?x\s?(?=[\d.,]+\s?=)", lambda _: " times "),
        rule(r"(?<=\d)\s?x\s?(?=\d)", lambda _: " by "),
        rule(r"(?<=\d)\s?×\s?(?=[\d.,]+\s?(?:[mck]?m\b|ft\b|×))", lambda _: " by "),
        rule(r"(?<=\d)\s?[x×](?![\p{L}\p{N}])", lambda _: " times"),
        rule(r"(?<=\d\s?)-(?=\s?[\d.,]+\s?=)", lambda _: " minus "),
        rule(r"(?<=[\d)])\s?([+−×*÷=])\s?(?=[\d(?])", operator),
        rule(r"(?<=\d)\+(?![\p{L}\p{N}])", lambda _: " plus"),
        rule(r"(?<![^\s(])\+(?=\d)", lambda _: "plus "),
    )


def _with_commas(found: Found) -> str:
    return regex.sub(r"\s", ",", found[0])


def phone_rules(numerals: Numerals) -> tuple[Rule, ...]:
    """Returns the rules for numbers that are dialled, read digit by digit, and first for 1 000 000, which is not."""

    def say(found: Found) -> str:
        plus = "plus " if found[0].startswith("+") else ""
        return plus + ", ".join(numerals.digits(group) for group in regex.findall(r"\d+", found[0]))

    grouped = rf"(?<!{_CALL})(?<![\p{{N}}.,])[1-9]\d{{0,2}}(?:[\u00a0\u202f]\d{{3}}|(?: \d{{3}}){{2,}})+(?!\p{{N}})"
    separated = r"(?:[ .-]?\(?\d{2,5}\)?){1,6}"
    return (
        rule(grouped, _with_commas),
        rule(rf"(?<![\p{{L}}\p{{N}}])\+\d{{1,3}}{separated}(?!\p{{N}})", say),
        rule(r"(?<![\p{L}\p{N}.,-])(?:1[ .-])?\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}(?![\p{L}\p{N}])", say),
        rule(r"(?<![\p{L}\p{N}.,:/-])\(?0\d{2,5}\)?(?:[ -]\d{3,6}){1,3}(?![\p{L}\p{N}])", say),
        rule(rf"(?<={_CALL})\d{{2,5}}(?:[ -]\d{{2,5}})+(?![\p{{L}}\p{{N}}])", say),
        rule(r"(?<![\p{L}\p{N}.,:/-])\d{1,2}(?:-\d{1,2}){2,}(?![\p{L}\p{N}]|[.,:/-]\p{N})", say),
    )


def fraction_rules(numerals: Numerals) -> tuple[Rule, ...]:
    """Returns the rules for 1/2, 2 3/4, ½ and 8/10."""

    def unfold(found: Found) -> str:
        before = " " if found.start() and found.string[found.start() - 1].isdigit() else ""
        return before + unicodedata.normalize("NFKC", found[0]).replace("⁄", "/")

    def say(found: Found) -> str:
        above, below = int(found["above"]), int(found["below"])
        whole = f"{numerals.cardinal(int(found['whole']))} and " if found["whole"] else ""
        if (above, below) in _NAMED and not whole:
            return _NAMED[above, below]
        if (below in (2, 3, 4, 5, 6, 8) and above < below) or (whole and 1 < below <= 100):
            return whole + _fraction(above, below, bool(whole), numerals)
        between = "out of" if above <= below else "over"
        return f"{numerals.cardinal(above)} {between} {numerals.cardinal(below)}"

    number = r"(?P<above>\d{1,3})/(?P<below>\d{1,3})"
    return (
        rule(f"[{_FRACTION_CHARACTERS}]", unfold),
        rule(rf"(?<![\p{{L}}\p{{N}}/.,:-])(?:(?P<whole>\d{{1,4}})\s)?{number}(?![\p{{L}}\p{{N}}]|[/.,:-]\p{{N}})", say),
    )


def _fraction(above: int, below: int, after_whole: bool, numerals: Numerals) -> str:
    names = {2: ("half", "halves"), 4: ("quarter", "quarters")}
    one, several = names.get(below, (numerals.ordinal(below), f"{numerals.ordinal(below)}s"))
    if above == 1:
        return f"a {one}" if after_whole else f"one {one}"
    return f"{numerals.cardinal(above)} {several}"


def power_rules() -> tuple[Rule, ...]:
    """Returns the rules for ² and ³."""
    behind = r"(?<=[\p{L}\p{N})])"
    return (rule(f"{behind}²", lambda _: " squared"), rule(f"{behind}³", lambda _: " cubed"))


def ordinal_rule(numerals: Numerals) -> Rule:
    """Returns the rule for 1st, 22nd and 1,000th."""
    pattern = r"(?<![\p{L}\p{N}.,])(\d{1,3}(?:,\d{3})+|\d{1,12})(?:st|nd|rd|th)(?![\p{L}\p{N}])"
    return rule(pattern, lambda found: numerals.ordinal(int(found[1].replace(",", ""))), any_case=True)


def range_rule(numerals: Numerals, to: str) -> Rule:
    """Returns the rule for 10-15."""
    number = numerals.pattern
    starts = r"(?<![\p{L}\p{N}]|\p{N}[.,:/-])"

    def say(found: Found) -> str:
        return f"{numerals.number(found[1])} {to} {numerals.number(found[2])}"

    return rule(rf"{starts}({number})\s?[-–—]\s?({number})(?!\p{{N}}|[.:/–—-]\p{{N}})", say)


def sign_rule(numerals: Numerals) -> Rule:
    """Returns the rule for the minus of -5 and of -$5."""
    minus = numerals.cardinal(-1).removesuffix(numerals.cardinal(1)).strip()
    return rule(r"(?<![^\s(\[“\"‘'])[-−](?=\p{Sc}?\d)", lambda _: f"{minus} ")


def plain_rules(numerals: Numerals) -> tuple[Rule, ...]:
    """Returns the rules that leave no digit: versions such as 1.2.3, all numbers, and figures within words."""
    point, point_is_dot = numerals.point_word or " ", numerals.value("1.5") == Decimal("1.5")
    starts, ends = rf"(?<=[\p{{L}}--[{_UNSPACED}]])", rf"(?=[\p{{L}}--[{_UNSPACED}]])"

    def say(found: Found) -> str:
        return numerals.number(found[0])

    def version(found: Found) -> str:
        return f" {point} ".join(map(numerals.number, found[0].split(".")))

    return (
        *([rule(r"(?<![\p{L}\p{N}])\d{1,4}(?:\.\d{1,4}){2,}(?!\p{N}|\.\p{N})", version)] if point_is_dot else ()),
        rule(r"(?<![^\s(\[“\"‘'])\.(?=\d)", lambda _: f"{point} "),
        rule(rf"(?V1){starts}(?=\d)|(?<=\d){ends}", lambda _: " "),
        rule(rf"(?<!\d)(?:{numerals.pattern})", say),
        rule(r"\d+", lambda found: numerals.digits(found[0])),
    )
