"""What a speaker's name says of the voice, where the author says nothing.

The predecessor's rule (a name in -a or -e is a woman's, a few lists) with the names that it got wrong, and without its
third gender: a name that says nothing is no preference.
"""

from __future__ import annotations

import unicodedata


def _words(*lines: str) -> frozenset[str]:
    return frozenset(word for line in lines for word in line.split())


_MALE_TITLES = _words(
    "mr mister sir lord king prince father dad daddy grandfather grandpa uncle brother son husband boyfriend",
    "nephew man boy guy waiter actor policeman businessman salesman",
)
_FEMALE_TITLES = _words(
    "mrs ms miss madam lady queen princess mother mum mom mummy grandmother grandma aunt sister daughter wife",
    "girlfriend niece woman girl waitress actress",
)
_NOT_NAMES = _words(
    "employee guide judge voice everyone people apprentice candidate interviewee police colleague roommate flatmate",
    "classmate teammate audience committee trainee narrator teacher student manager customer doctor host someone",
)
_MALE_NAMES = _words(
    "mike george luke steve pete dave joe jake kyle blake bruce wayne clyde andre jose rene luca nikita ilya misha",
    "joshua ezra evan pierre philippe eugene",
)
_MALE_ENDINGS = ("alex", "john", "mike", "jack", "dan", "peter", "paul", "martin")
_FEMALE_PARTS = ("anna", "maria", "olga", "mara", "sofia", "eva", "lisa", "emma")


def guess_gender(speaker: str) -> str | None:
    """Returns ``female``, ``male``, or None where the name does not tell."""
    words = _folded(speaker).replace(".", " ").split()
    if not words or not _NOT_NAMES.isdisjoint(words):
        return None
    if not _FEMALE_TITLES.isdisjoint(words):
        return "female"
    if not _MALE_TITLES.isdisjoint(words):
        return "male"
    return _of_first_name(words[0])


def _of_first_name(name: str) -> str | None:
    if name in _MALE_NAMES:
        return "male"
    if name.endswith(("a", "e")) or any(part in name for part in _FEMALE_PARTS):
        return "female"
    return "male" if name.endswith(_MALE_ENDINGS) else None


def _folded(name: str) -> str:
    """Returns the name in lower case without accents, so that Zoë ends in -e."""
    parts = unicodedata.normalize("NFKD", name.casefold())
    return "".join(letter for letter in parts if not unicodedata.combining(letter))
