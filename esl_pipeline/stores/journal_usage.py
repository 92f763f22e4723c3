"""Account books in journals: ``usage/<tenant>/<month>``, one JSON object per line."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from threading import Lock

from pydantic import ValidationError

from esl_pipeline.manifests import check_slug
from esl_pipeline.slugs import is_slug
from esl_pipeline.stores.journal import Journal
from esl_pipeline.stores.usage import MONTH, Decide, UnreadableUsageError, UsageEntry, check_month

FOLDER = "usage/"
BOOKS = 64
"""How many books are kept parsed."""


class JournalUsageStore:
    """The account books.

    Args:
        journal: keeps the lines.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._parsed: OrderedDict[str, tuple[Sequence[bytes], tuple[UsageEntry, ...]]] = OrderedDict()
        self._lock = Lock()

    def add(self, tenant: str, month: str, decide: Decide) -> Sequence[UsageEntry]:
        """Reads and adds as one step, one process at a time.

        Raises:
            LeaseHeldError: others write the book all the time.
            UnreadableUsageError: a line is damaged.
            StoreUnavailableError: it is not certain that they were added; asking again may help.
        """
        name, added = _name(tenant, month), tuple[UsageEntry, ...]()

        def decide_lines(lines: Sequence[bytes]) -> Sequence[bytes]:
            nonlocal added
            added = tuple(decide(self._read(name, lines)))
            return [line.model_dump_json().encode() for line in added]

        self._journal.add(name, decide_lines)
        return added

    def lines(self, tenant: str, month: str) -> Sequence[UsageEntry]:
        """Returns a month's lines.

        Raises:
            UnreadableUsageError: a line is damaged.
            StoreUnavailableError: asking again may help.
        """
        name = _name(tenant, month)
        return self._read(name, self._journal.lines(name))

    def months(self) -> Sequence[tuple[str, str]]:
        """Returns tenants and months, sorted; journals of other names are passed over."""
        return sorted(self._books(FOLDER))

    def delete(self, tenant: str) -> None:
        """Removes all books of a tenant."""
        for _, month in list(self._books(f"{FOLDER}{check_slug(tenant, 'tenant')}/")):
            self._journal.delete(_name(tenant, month))

    def _books(self, prefix: str) -> Iterator[tuple[str, str]]:
        for name in self._journal.names(prefix):
            tenant, _, month = name.removeprefix(FOLDER).partition("/")
            if is_slug(tenant) and MONTH.fullmatch(month):
                yield tenant, month

    def _read(self, name: str, lines: Sequence[bytes]) -> tuple[UsageEntry, ...]:
        """Parses only what is new since the last time, as long as what was read then is still there."""
        with self._lock:
            known, entries = self._parsed.get(name, ((), ()))
        if list(lines[: len(known)]) != list(known):
            known, entries = (), ()
        entries += _parsed(name, lines[len(known) :], len(known))
        with self._lock:
            self._parsed[name] = lines, entries
            self._parsed.move_to_end(name)
            while len(self._parsed) > BOOKS:
                self._parsed.popitem(last=False)
        return entries


def _parsed(name: str, lines: Sequence[bytes], lines_before: int) -> tuple[UsageEntry, ...]:
    found: list[UsageEntry] = []
    for number, line in enumerate(lines, lines_before + 1):
        try:
            found.append(UsageEntry.model_validate_json(line))
        except ValidationError:
            message = f"The account book {name} is damaged in line {number}. Put back a copy, or take that line out."
            raise UnreadableUsageError(message) from None
    return tuple(found)


def _name(tenant: str, month: str) -> str:
    return f"{FOLDER}{check_slug(tenant, 'tenant')}/{check_month(month)}"
