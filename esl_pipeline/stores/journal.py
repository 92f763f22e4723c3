"""Lists of lines that are only ever added to: account books and audit logs stand on them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final, Protocol

from esl_pipeline.slugs import SLUG

NAME: Final = re.compile(rf"{SLUG.pattern}(/{SLUG.pattern})*", re.ASCII)

Decide = Callable[[Sequence[bytes]], Sequence[bytes]]
"""Sees all lines so far and returns those to add, without line ends; what it raises adds nothing."""


class Journal(Protocol):
    """Journals by name, which is slugs and months joined by slashes; readers never see half a line.

    No name may be the beginning of another up to a slash, as a file is no folder.

    Every method may raise ``StoreUnavailableError``: asking again may help.
    """

    def add(self, name: str, decide: Decide) -> Sequence[bytes]:
        """Reads a journal and adds to it as one step, one writer at a time; returns the added lines.

        ``decide`` may be called more than once, each time with what others added meanwhile.

        Raises:
            LeaseHeldError: others write it all the time.
            ValueError: the name is none.
        """

    def lines(self, name: str) -> Sequence[bytes]:
        """Returns the lines in the order in which they were added; none where the journal was never begun."""

    def names(self, prefix: str) -> Iterator[str]:
        """Yields the names that begin with ``prefix``, sorted."""

    def delete(self, name: str) -> None:
        """Removes a journal whose owner goes; one that is gone already is no error."""


def check_name(name: str) -> str:
    """Returns the name of a journal if it is one, so safe in paths and keys.

    Raises:
        ValueError: it is none.
    """
    if not NAME.fullmatch(name):
        raise ValueError(f"{name[:80]!r} is no name of a journal; use slugs joined by slashes.")
    return name
