"""Numbers in words, by the rules of Unicode's CLDR."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache

import regex
from babel import Locale, UnknownLocaleError
from babel.numbers import get_decimal_symbol, get_group_symbol
from unicode_rbnf import RbnfEngine
from unicode_rbnf.engine import NoRuleForNumberError

_OTHER_NAMES = {"nb": "no", "tl": "fil", "iw": "he", "in": "id"}
_LONGEST_NUMBER = 15
"""Digits of the largest number that is said as one; longer ones are read digit by digit."""
_SPOKEN_AS_CODE = 7
"""Digits from which a number without marks is read digit by digit, unless it is round."""


@lru_cache(maxsize=8)
def numerals_of(language: str) -> Numerals | None:
    """Returns the numerals of a language by its ISO 639 code, None where CLDR has no rules or names for it."""
    try:
        locale = Locale.parse({"no": "nb"}.get(language, language))
    except (UnknownLocaleError, ValueError):
        return None
    code = _OTHER_NAMES.get(language, language)
    supported = code in RbnfEngine.get_supported_languages()
    return Numerals(language, locale, RbnfEngine.for_language(code)) if supported else None


class Numerals:
    """Says the numbers of one language.

    Attributes:
        language: ISO 639 code.
        pattern: a number as it is written in that language, without a sign.
        point_word: what is said between a number and its decimals.
        starts: what stands before a number that is not a part of a word or of a longer number.
        ends: what stands behind one.
    """

    starts = r"(?<![\p{L}\p{N}]|\p{N}[.,:/’'-])"
    ends = r"(?![\p{L}\p{N}]|[.,:/]\p{N})"

    def __init__(self, language: str, locale: Locale, engine: RbnfEngine) -> None:
        self.language, self.locale, self._engine = language, locale, engine
        self._point = get_decimal_symbol(locale)
        group = get_group_symbol(locale)
        self._group = "[ \u00a0\u202f]" if group.isspace() else regex.escape(group)
        point = regex.escape(self._point)
        self.pattern = rf"(?:\d{{1,3}}(?:{self._group}\d{{3}})+(?!\d)|\d+)(?:{point}\d+)?"
        self.point_word = self._find_point_word()

    def cardinal(self, number: int) -> str:
        """Says how many, as one counts; digit by digit beyond what the language has words for."""
        verbose = "spellout-cardinal-verbose"  # with the "and" that British English needs and American English allows
        return self._by_rules(number, "spellout-numbering" if self.language != "en" else verbose)

    def counted(self, number: Decimal) -> str:
        """Says how many of something, before its name."""
        if number != int(number):
            return self.number(format(number, "f").replace(".", self._point))
        rules = self._engine.rulesets
        masculine = "spellout-cardinal-masculine"
        return self._by_rules(int(number), masculine) if masculine in rules else self.cardinal(int(number))

    def ordinal(self, number: int) -> str:
        """Says which one of a row; English only."""
        return self._by_rules(number, "spellout-ordinal-verbose")

    def year(self, number: int) -> str:
        """Says a year, as in nineteen oh five."""
        return self._by_rules(number, "spellout-numbering-year").replace("oh-", "oh ")

    def digits(self, figures: str) -> str:
        """Says each digit by itself."""
        return " ".join(self.cardinal(int(figure)) for figure in figures if figure.isdecimal())

    def value(self, written: str) -> Decimal:
        """Reads what ``pattern`` finds."""
        return Decimal(regex.sub(self._group, "", written).replace(self._point, "."))

    def number(self, written: str) -> str:
        """Says what ``pattern`` finds."""
        whole, _, decimals = written.partition(self._point)
        figures = regex.sub(self._group, "", whole)
        plain = figures == whole
        if plain and ((figures[0] == "0" and len(figures) > 1) or _is_code(figures)):
            said = self.digits(figures)
        else:
            said = self.cardinal(int(figures))
        return " ".join(filter(None, (said, self.point_word, self.digits(decimals)))) if decimals else said

    def _by_rules(self, number: int, ruleset: str) -> str:
        if abs(number) < 10**_LONGEST_NUMBER:
            try:
                return self._engine.format_number(number, ruleset_names=[ruleset]).text.strip()
            except NoRuleForNumberError:
                if ruleset != "spellout-numbering":
                    return self._by_rules(number, "spellout-numbering")
                if abs(number) < 10:
                    return self._engine.format_number(number).text.strip()
        return self.digits(str(number))

    def _find_point_word(self) -> str:
        """Takes "point" out of "zero point five"; the library mixes up the endings of some languages."""
        zero, five, both = (self._engine.format_number(number).text_by_ruleset for number in (0, 5, Decimal("0.5")))
        for ruleset, said in both.items():
            before, behind = zero.get(ruleset, ""), five.get(ruleset, "")
            if said.startswith(before) and said.strip().endswith(behind):
                word = said.strip().removeprefix(before).removesuffix(behind).strip()
                if word and " " not in word:
                    return word
        return ""


def _is_code(figures: str) -> bool:
    return (len(figures) >= _SPOKEN_AS_CODE and not figures.endswith("000")) or len(figures) > _LONGEST_NUMBER
