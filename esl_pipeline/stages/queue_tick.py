"""One look at the queue: takes messages, and says of which runs are to be asked.

A message is deleted by the tick after the one that asked for its run, because only then Dagster has the run for
certain. Until then it is hidden. Where that does not happen it is delivered again, and asks for the same run, which
Dagster starts once.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from esl_pipeline.clients.errors import RejectedError
from esl_pipeline.clients.sqs import Message
from esl_pipeline.manifests import partition_key
from esl_pipeline.stages.asking import AskingError, save_snapshot
from esl_pipeline.stages.inbox import Inbox
from esl_pipeline.stages.queue_message import PoisonError, QueueMessage, read_message
from esl_pipeline.stores.documents import StoreUnavailableError
from esl_pipeline.stores.protocols import ArtifactStore
from esl_pipeline.stores.standing import UnreadableStandingError

FIRST = datetime.min.replace(tzinfo=UTC)


class Queue(Protocol):
    """What a look needs of a queue; as ``SqsQueue`` has it."""

    url: str

    def receive(self, *, wait_s: int, hidden_s: int) -> Sequence[Message]:
        """Takes some messages."""

    def delete(self, receipts: dict[str, str]) -> Sequence[str]:
        """Deletes messages, by id with their receipts; returns those that it could not delete."""

    def hide(self, receipts: Sequence[str], seconds: int) -> None:
        """Hides messages for a while."""

    def dead_letters(self) -> str | None:
        """Returns where poison goes, None where there is no such place."""

    def bury(self, message: Message, reason: str, url: str) -> None:
        """Moves a message there."""


@dataclass(frozen=True)
class QueueLimits:
    """What one tick may do.

    Attributes:
        runs: more would take longer to submit than a tick may.
        seconds: for receiving; Dagster ends a tick after 60.
        wait_s: for messages, 0–20; all other sensors wait meanwhile. With 0 a queue that has few looks empty at times.
        hidden_s: from the delivery of a message until its next one, unless it is deleted before.
        suspended_s: until a message of a suspended tenant is looked at again.
    """

    runs: int = 100
    seconds: float = 20.0
    wait_s: int = 1
    hidden_s: int = 15 * 60
    suspended_s: int = 60 * 60


@dataclass(frozen=True)
class QueueAround:
    """What a look needs besides the queue.

    Attributes:
        artifacts: keep the manifests that messages bring.
        inbox: has the lessons that messages only name.
        target: ``sandbox`` or ``live``.
        may_not: tells of a tenant whether it may not publish now.
    """

    artifacts: ArtifactStore
    inbox: Inbox
    target: str
    may_not: Callable[[str], bool] = lambda _: False
    limits: QueueLimits = field(default_factory=QueueLimits)
    seconds: Callable[[], float] = time.monotonic


class QueueCursor(BaseModel):
    """What a tick asked runs for: receipts by the messages' ids, to be deleted by the next tick."""

    model_config = ConfigDict(frozen=True)

    queue: str = ""
    receipts: dict[str, str] = Field(default_factory=dict)


@dataclass(frozen=True)
class Order:
    """A run to be asked for; ``asking`` is the configuration of its resource of that name."""

    key: str
    run_key: str
    asking: dict[str, Any]
    requested_by: str = ""


@dataclass(frozen=True)
class QueueTick:
    """What a look found, and the cursor for the next one."""

    orders: list[Order]
    remarks: list[str]
    cursor: QueueCursor


def read_queue_cursor(text: str | None, queue: str) -> QueueCursor:
    """Returns what the last tick left; nothing where it looked at another queue."""
    try:
        cursor = QueueCursor.model_validate_json(text or "{}")
    except ValidationError:
        return QueueCursor(queue=queue)
    return cursor if cursor.queue == queue else QueueCursor(queue=queue)


def take_orders(queue: Queue, cursor: QueueCursor, around: QueueAround) -> QueueTick:
    """Deletes the messages of the last tick, then takes new ones.

    Raises:
        UnavailableError: the queue is out of reach; asking again may help.
        RejectedError: it refuses.
        StoreRefusedError: what is brought can't be kept; the messages come again.
    """
    look = _Look(queue, around)
    if cursor.receipts and (kept := queue.delete(dict(cursor.receipts))):
        look.remarks.append(f"{len(kept)} messages whose runs are there could not be deleted; they are passed over.")
    for message in sorted(look.messages(), key=lambda one: one.sent_at or FIRST):
        look.take(message)
    if look.suspended:
        queue.hide(look.suspended, around.limits.suspended_s)
    return QueueTick(list(look.orders.values()), look.remarks, QueueCursor(queue=queue.url, receipts=look.receipts))


class _Look:
    def __init__(self, queue: Queue, around: QueueAround) -> None:
        self.queue, self.around = queue, around
        self.orders: dict[str, Order] = {}
        self.receipts: dict[str, str] = {}
        self.suspended: list[str] = []
        self.remarks: list[str] = []
        self.dead_letters: str | None = None
        self.is_known = False

    def messages(self) -> Iterator[Message]:
        """Yields messages in tens until there are none, enough, or the time is over."""
        limits, taken = self.around.limits, 0
        ends_at = self.around.seconds() + limits.seconds
        while taken + 10 <= limits.runs and self.around.seconds() < ends_at:
            found = self.queue.receive(wait_s=limits.wait_s, hidden_s=limits.hidden_s)
            if not found:
                return
            taken += len(found)
            yield from found

    def take(self, message: Message) -> None:
        """Decides on one message."""
        try:
            asked = read_message(message.body)
            if self._may_not(asked.tenant):
                self.suspended.append(message.receipt)
                return
            order = self._order(message, asked)
        except PoisonError as error:
            self._bury(message, str(error))
        except AskingError as error:
            self._bury(message, f"What it names can't be read: {error}")
        except StoreUnavailableError as error:
            self._tell(f"Message {message.id} comes again later: {error}")
        else:
            self.orders[order.run_key] = order
            self.receipts[message.id] = message.receipt

    def _order(self, message: Message, asked: QueueMessage) -> Order:
        asking: dict[str, Any] = {"settings": asked.overrides} if asked.settings else {}
        if message.sent_at:
            asking["asked_at"] = message.sent_at.isoformat()
        if asked.manifest_path:
            asking["manifest_path"] = f"{asked.tenant}/{asked.manifest_path}"
        elif text := asked.manifest_text(lambda name: self._lesson(asked.tenant, name)):
            reading = text.read()
            if reading.lesson_text is None:
                raise AskingError(reading.problems)
            save_snapshot(self.around.artifacts, asked.tenant, text, reading)
            asking["manifest_sha256"] = reading.sha256
        key = partition_key(asked.tenant, asked.assignment)
        content = hashlib.sha256(message.body.encode()).hexdigest()[:16]
        return Order(key, f"{key}:{message.id}:{content}:{self.around.target}", asking, asked.requested_by or "")

    def _lesson(self, tenant: str, name: str) -> str:
        return self.around.inbox.manifest(f"{tenant}/{name}").content

    def _may_not(self, tenant: str) -> bool:
        try:
            may_not = self.around.may_not(tenant)
        except UnreadableStandingError as error:
            self._tell(str(error))
            return True
        if may_not:
            self._tell(f"{tenant} may not publish now; its messages come again later. esl tenants list says why.")
        return may_not

    def _bury(self, message: Message, reason: str) -> None:
        if not self.is_known:
            self.dead_letters, self.is_known = self.queue.dead_letters(), True
        if not self.dead_letters:
            self._tell(f"Message {message.id} asks for nothing: {reason}. There is no dead-letter queue for it.")
            return
        try:
            self.queue.bury(message, reason, self.dead_letters)
        except RejectedError as error:
            self._tell(f"Message {message.id} asks for nothing: {reason}. The dead-letter queue refuses it: {error}")
            return
        self._tell(f"Message {message.id} is in the dead-letter queue: {reason}")

    def _tell(self, remark: str) -> None:
        if remark not in self.remarks:
            self.remarks.append(remark)
