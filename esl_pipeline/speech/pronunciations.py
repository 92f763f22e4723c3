"""A tenant's own words for what a voice gets wrong."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

import regex


class Pronunciations:
    """Replaces whole words by what is to be said, in any case, the longest first, each place once.

    Args:
        aliases: word or words as written to words as spoken.
    """

    def __init__(self, aliases: Mapping[str, str]) -> None:
        self._spoken = {_key(written): spoken for written, spoken in aliases.items() if _key(written)}
        longest_first = sorted(self._spoken, key=lambda written: (-len(written), written))
        words = "|".join(r"\s+".join(map(regex.escape, written.split())) for written in longest_first)
        self._pattern = regex.compile(rf"(?<![\p{{L}}\p{{M}}\p{{N}}_])(?:{words})(?![\p{{L}}\p{{M}}\p{{N}}_])", regex.I)

    def applied(self, text: str) -> str:
        """Returns ``text`` with every listed word replaced."""
        return self._pattern.sub(self._alias, text) if self._spoken else text

    def _alias(self, found: regex.Match[str]) -> str:
        return self._spoken.get(_key(found[0]), found[0])


def _key(written: str) -> str:
    return " ".join(unicodedata.normalize("NFC", written).casefold().split())
