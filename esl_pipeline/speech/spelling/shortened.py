"""Abbreviations that English reads as whole words."""

from __future__ import annotations

import regex

from esl_pipeline.speech.spelling.rules import Found, Rule, rule

_TITLES = {"Mr": "Mister", "Mrs": "Missus", "Ms": "Miz", "Dr": "Doctor", "Prof": "Professor"}
"""Before a name, with or without a full stop."""
_RANKS = {
    **{"Rev": "Reverend", "Gen": "General", "Capt": "Captain", "Lt": "Lieutenant", "Sgt": "Sergeant"},
    **{"Col": "Colonel", "Messrs": "Messieurs", "Mt": "Mount"},
}
"""Before a name, with a full stop."""
_ENDING = {"Jr": "Junior", "Sr": "Senior", "Ltd": "Limited", "Ave": "Avenue", "Rd": "Road", "Blvd": "Boulevard"}
"""Behind a name, with a full stop."""
_WORDS = {
    **{"e.g": "for example", "i.e": "that is", "etc": "et cetera", "approx": "approximately", "vs": "versus"},
    **{"dept": "department", "govt": "government", "incl": "including", "excl": "excluding", "tel": "telephone"},
    **{"max": "maximum", "min": "minimum", "misc": "miscellaneous", "cf": "compare", "a.k.a": "also known as"},
    **{"eg": "for example", "ie": "that is", "ca": "about", "E.g": "For example", "I.e": "That is"},
    **{"Approx": "Approximately", "Dept": "Department", "Incl": "Including", "Excl": "Excluding", "Tel": "Telephone"},
}
"""With a full stop at the end; Max. may be somebody's name."""
_GOES_ON = frozenset({"e.g", "i.e", "eg", "ie", "vs", "approx", "incl", "excl", "cf", "ca", "a.k.a"})
"""Those behind which a sentence never ends, whatever follows."""
_WITHOUT_STOP = {"vs": "versus", "etc": "et cetera", "e.g": "for example", "i.e": "that is", "approx": "approximately"}
_DAYS = {
    **{"Mon": "Monday", "Tue": "Tuesday", "Tues": "Tuesday", "Wed": "Wednesday", "Thu": "Thursday", "Thur": "Thursday"},
    **{"Thurs": "Thursday", "Fri": "Friday", "Sat": "Saturday", "Sun": "Sunday"},
}
_WORD = r"(?<![\p{L}\p{N}.])"
_BEFORE_NAME = r"(?=\s\p{Lu})"


def _listed(words: dict[str, str]) -> str:
    return "|".join(sorted(map(regex.escape, words), key=len, reverse=True))


def _whole(found: Found) -> str:
    """Says a word whose full stop may end the sentence too."""
    written = found[1]
    said = _WORDS.get(written) or _ENDING.get(written) or _DAYS[written]
    is_end = found[0].endswith(".") and written.lower() not in _GOES_ON and _ends_sentence(found)
    return f"{said}." if is_end else said


def _ends_sentence(found: Found) -> bool:
    behind = found.string[found.end() :]
    return not behind.strip("\"”’')] ") or regex.match(r"[\"”’')\]]*\s+[\"“‘'(]*\p{Lu}", behind) is not None


def _saint_or_street(found: Found) -> str:
    before, behind = found.string[: found.start()], found.string[found.end() :]
    numbered = regex.search(r"\d\p{L}?(?:\s\p{Lu}[\p{L}'’]+){1,3}\s$", before[-60:])
    if regex.match(r"\s\p{Lu}", behind) and not numbered:
        return "Saint"
    return "Street" + ("." if found[0].endswith(".") and _ends_sentence(found) else "")


def street_rule() -> Rule:
    """Returns the rule for St. Mary and 221 Baker St., which looks for the number."""
    return rule(rf"{_WORD}St\b\.?(?=[\s,;:!?]|$)", _saint_or_street)


def abbreviation_rules() -> tuple[Rule, ...]:
    """Returns the rules for Mr. and Mrs., e.g. and etc., Mon-Fri, & and w/o."""
    days = _listed(_DAYS)
    return (
        rule(rf"{_WORD}({_listed(_TITLES)})\b\.?{_BEFORE_NAME}", lambda found: _TITLES[found[1]]),
        rule(rf"{_WORD}({_listed(_RANKS)})\.{_BEFORE_NAME}", lambda found: _RANKS[found[1]]),
        rule(rf"{_WORD}({days})\.?\s?[-–—]\s?(?=(?:{days})\b)", lambda found: f"{_DAYS[found[1]]} to "),
        rule(rf"(?<=day to )({days})\b\.?", _whole),
        rule(rf"{_WORD}(Mon|Tue|Tues|Wed|Thu|Thur|Thurs|Fri)\.", _whole),
        rule(rf"(?<=\p{{Lu}}[\p{{L}}'’]*,? )({_listed(_ENDING)})\.", _whole),
        rule(rf"{_WORD}({_listed(_WORDS)})\.(?!\p{{L}})", _whole),
        rule(rf"{_WORD}({_listed(_WITHOUT_STOP)})(?![\p{{L}}\p{{N}}.])", lambda found: _WITHOUT_STOP[found[1]]),
        rule(r"(?<![\p{L}\p{N}])w/o(?=\s)", lambda _: "without"),
        rule(r"(?<![\p{L}\p{N}])w/\s?(?=\p{L})", lambda _: "with "),
        rule(r"\s?&\s?(?=[\p{L}\p{N}])(?<=[\p{L}\p{N}]\s?&\s?)", lambda _: " and "),
    )
