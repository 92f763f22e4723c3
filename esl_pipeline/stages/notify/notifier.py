"""Notes what is to be told, and tells it: a receiver that is down delays nobody but itself.

Reads tenants' settings and secrets and the books of notices; writes the books. A message is sent at least once; one
that arrived is not sent again, unless the process was killed in that very moment.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from esl_pipeline.clients.errors import UnavailableError, VendorError
from esl_pipeline.lessons import has_errors
from esl_pipeline.manifests.settings import NotifySettings
from esl_pipeline.stages.environment import ConfigurationError, Environment
from esl_pipeline.stages.notify.book import Book
from esl_pipeline.stages.notify.books import OPERATORS, NoticeBooks
from esl_pipeline.stages.notify.installation import Installation
from esl_pipeline.stages.notify.notice import Notice
from esl_pipeline.stages.notify.receivers import Receivers, Send, named_receivers, operators_receivers
from esl_pipeline.stages.notify.words import Message
from esl_pipeline.stages.providers import Providers
from esl_pipeline.stages.run_stage import OUT_OF_REACH
from esl_pipeline.stages.tenant_settings import read_settings
from esl_pipeline.stores.config import ConfigRefusedError
from esl_pipeline.stores.secrets import SecretRefusedError

OPERATORS_REPEAT = timedelta(hours=24)
LATER = OUT_OF_REACH
"""After these, sending again may help."""


@dataclass(frozen=True)
class Sent:
    """What became of one message: ``error`` is empty where it arrived."""

    owner: str
    receiver: str
    notices: int
    error: str = ""


class Notifier:
    """Tells tenants and operators.

    Args:
        environment: of the installation.
        providers: of the pipeline.
        receivers: who is told; as the environment and the tenants' secrets say where None.
    """

    def __init__(self, environment: Environment, providers: Providers, receivers: Receivers | None = None) -> None:
        self._live, self._providers = environment.live, providers
        self._receivers = receivers or Receivers(environment, providers.secrets)
        self._books = NoticeBooks(providers.documents)
        self._known: dict[str, NotifySettings] = {}

    @property
    def installation(self) -> Installation:
        """How this installation tells people."""
        return self._receivers.installation

    def note(self, notice: Notice) -> Iterator[str]:
        """Notes a failure, and yields whose books have something to tell.

        A tenant is told of its assignments. The operators are told of all else, of tenants that nobody is told of, and
        of faults of the program.

        Raises:
            StoreUnavailableError: nothing is noted; asking again may help.
            ConfigUnavailableError: likewise.
        """
        settings = self._settings(notice.tenant) if notice.assignment else NotifySettings()
        tenants = named_receivers(settings, live=self._live) if notice.assignment else ()
        if tenants:
            yield from self._note(notice.tenant, notice.for_tenant(), tenants, timedelta(hours=settings.repeat_h))
        if not tenants or notice.failure == "failed":
            yield from self._note(
                OPERATORS, notice, operators_receivers(self._receivers.installation), OPERATORS_REPEAT
            )

    def recovered(self, tenant: str, assignment: str, stages: Collection[str], run_id: str) -> Iterator[str]:
        """Notes that a run did these stages of an assignment, and yields whose books have something to tell."""
        now = self._providers.clock.now()
        for owner in (tenant, OPERATORS):
            if self._books.read(owner).has_open(tenant, assignment):
                after = self._books.change(owner, lambda book: book.recovered(tenant, assignment, stages, run_id, now))
                if after.is_waiting:
                    yield owner

    def has_open(self, tenant: str, assignment: str) -> bool:
        """Whether an assignment failed, and was not published since."""
        return any(self._books.read(owner).has_open(tenant, assignment) for owner in (tenant, OPERATORS))

    def tell(self, owners: Iterable[str], until: float) -> Iterator[Sent]:
        """Sends what is due, a message to each receiver, till the clock's monotonic time is ``until``."""
        for owner in owners:
            if self._providers.clock.monotonic() >= until:
                return
            now = self._providers.clock.now()
            for receiver in list(self._books.read(owner).receivers_due(now)):
                if sent := self._send(owner, receiver):
                    yield sent

    def owners(self) -> Iterator[str]:
        """Yields all who were ever told something."""
        return self._books.owners()

    def is_waiting(self, owner: str) -> bool:
        """Whether something is still to be told."""
        return self._books.read(owner).is_waiting

    def try_out(self, owner: str) -> Iterator[Sent]:
        """Sends a trial to each receiver, at once and without noting it."""
        notice = Notice(kind="trial", at=self._providers.clock.now(), tenant=owner)
        for receiver in self.names(owner):
            yield Sent(owner, receiver, 1, self._outcome(owner, receiver, (notice,))[0])

    def names(self, owner: str) -> tuple[str, ...]:
        """Returns by name who is told."""
        if owner == OPERATORS:
            return operators_receivers(self._receivers.installation)
        return named_receivers(self._settings(owner), live=self._live)

    def sender(self, owner: str, receiver: str) -> Send:
        """Returns what sends to a receiver; see ``Receivers``."""
        if owner == OPERATORS:
            return self._receivers.of_operators(receiver)
        return self._receivers.of_tenant(owner, self._settings(owner), receiver)

    def _note(self, owner: str, notice: Notice, receivers: tuple[str, ...], repeat: timedelta) -> Iterator[str]:
        if receivers:
            noted = notice.shortened()
            self._books.change(owner, lambda book: book.noted(noted, receivers, repeat).without_old(noted.at))
            yield owner

    def _settings(self, tenant: str) -> NotifySettings:
        """Returns whom a tenant wants told; nobody where its document can't be used, so that the operators are."""
        if tenant not in self._known:
            try:
                reading = read_settings(self._providers, tenant)
                broken = has_errors(reading.problems)
                self._known[tenant] = NotifySettings() if broken else reading.resolved.settings.notify
            except ConfigRefusedError:
                self._known[tenant] = NotifySettings()
        return self._known[tenant]

    def _send(self, owner: str, receiver: str) -> Sent | None:
        now = self._providers.clock.now()
        taken: list[tuple[Notice, ...]] = []

        def take(book: Book) -> Book:
            after, notices = book.taken(receiver, now)
            taken.append(notices)
            return after

        self._books.change(owner, take)
        notices = taken[-1]
        if not notices:
            return None
        error, for_good = self._outcome(owner, receiver, notices)
        identities = [one.identity for one in notices]
        if error:
            failed = lambda book: book.failed(receiver, identities, now, error, for_good=for_good)  # noqa: E731
            self._books.change(owner, failed)
        else:
            self._books.change(owner, lambda book: book.arrived(receiver, identities, now))
        return Sent(owner, receiver, len(notices), error)

    def _outcome(self, owner: str, receiver: str, notices: tuple[Notice, ...]) -> tuple[str, bool]:
        """Sends a message; returns why it did not arrive, empty where it did, and whether trying again can't help."""
        if receiver not in self.names(owner):
            return "nobody is told this way any more", True
        try:
            template = self._settings(owner).template if owner != OPERATORS else None
            message = Message(notices, self._receivers.installation.dashboard, template)
            self.sender(owner, receiver)(_id_of(notices), message, self._providers.clock.now())
        except (VendorError, ConfigurationError, SecretRefusedError, *LATER) as error:
            # What a person can mend, such as a missing secret, is tried again as well, for a while.
            return str(error), isinstance(error, VendorError) and not isinstance(error, UnavailableError)
        return "", False


def _id_of(notices: tuple[Notice, ...]) -> str:
    """Returns an id that is the same for the same message, so that a receiver can tell that it has it already."""
    named = "\0".join(f"{one.identity} {one.at.isoformat()}" for one in notices)
    return f"esl-{hashlib.sha256(named.encode()).hexdigest()[:24]}"
