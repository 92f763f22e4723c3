"""A queue of Amazon SQS, or of what speaks its language."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError

from esl_pipeline.clients.aws_session import aws_session
from esl_pipeline.clients.errors import RejectedError, UnavailableError

BATCH = 10
"""Messages in one request.

**Source**: Amazon SQS API Reference, "ReceiveMessage" and "DeleteMessageBatch", read 2026-11-25.
"""
PASSING = frozenset({"RequestThrottled", "ThrottlingException", "OverLimit", "ServiceUnavailable", "InternalFailure"})
FIX = (
    "Check ESL_QUEUE, the region, and the rights sqs:ReceiveMessage, sqs:DeleteMessage, sqs:ChangeMessageVisibility, "
    "sqs:GetQueueAttributes and, on the dead-letter queue, sqs:GetQueueUrl and sqs:SendMessage."
)
NOT_IN_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Message:
    """What somebody put into the queue.

    Attributes:
        receipt: by which this one delivery of it is deleted or hidden.
        deliveries: how many there were, this one included.
        group: of a FIFO queue; else empty.
        sent_at: by the queue's clock; None where it does not say.
    """

    id: str
    receipt: str
    body: str
    deliveries: int = 1
    group: str = ""
    sent_at: datetime | None = None


class SqsQueue:
    """A queue by its URL; region, endpoint and credentials are found by boto3 itself.

    Every method may raise ``UnavailableError``, where asking again may help, and ``RejectedError``.
    """

    def __init__(self, url: str) -> None:
        config = Config(retries={"mode": "standard", "total_max_attempts": 3}, connect_timeout=5, read_timeout=30)
        self.url = url
        with _asking():
            self._client: Any = aws_session().client("sqs", config=config)

    def receive(self, *, wait_s: int, hidden_s: int) -> Sequence[Message]:
        """Takes up to 10 messages, which nobody else is given for a while.

        Args:
            wait_s: how long to wait for the first one, 0–20.
            hidden_s: how long they stay hidden, 0–43200.
        """
        with _asking():
            answer = self._client.receive_message(
                QueueUrl=self.url,
                MaxNumberOfMessages=BATCH,
                WaitTimeSeconds=wait_s,
                VisibilityTimeout=hidden_s,
                AttributeNames=["ApproximateReceiveCount", "MessageGroupId", "SentTimestamp"],
            )
        return [_message(found) for found in answer.get("Messages", [])]

    def delete(self, receipts: Mapping[str, str]) -> Sequence[str]:
        """Deletes messages by their receipts; returns the ids of those that could not be, as after a new delivery."""
        entries = [{"Id": str(n), "ReceiptHandle": receipt} for n, receipt in enumerate(receipts.values())]
        failed = self._in_batches(self._client.delete_message_batch, entries)
        return [message for n, message in enumerate(receipts) if str(n) in failed]

    def hide(self, receipts: Sequence[str], seconds: int) -> None:
        """Hides messages from now on for a while, 0–43200 s; what can't be hidden comes again sooner."""
        entries = [
            {"Id": str(n), "ReceiptHandle": receipt, "VisibilityTimeout": seconds} for n, receipt in enumerate(receipts)
        ]
        self._in_batches(self._client.change_message_visibility_batch, entries)

    def _in_batches(self, request: Any, entries: Sequence[Mapping[str, Any]]) -> set[str]:
        failed = set[str]()
        for begin in range(0, len(entries), BATCH):
            with _asking():
                answer = request(QueueUrl=self.url, Entries=entries[begin : begin + BATCH])
            failed |= {one["Id"] for one in answer.get("Failed", [])}
        return failed

    def dead_letters(self) -> str | None:
        """Returns the URL of the queue that this one's redrive policy names, None where there is none."""
        with _asking():
            found = self._client.get_queue_attributes(QueueUrl=self.url, AttributeNames=["RedrivePolicy"])
            arn = re.search(
                r'"deadLetterTargetArn"\s*:\s*"([^"]+)"', found.get("Attributes", {}).get("RedrivePolicy", "")
            )
            if not arn:
                return None
            account, name = arn[1].split(":")[-2:]
            url: str = self._client.get_queue_url(QueueName=name, QueueOwnerAWSAccountId=account)["QueueUrl"]
        return url

    def bury(self, message: Message, reason: str, url: str) -> None:
        """Moves a message to another queue, with the reason and its id as attributes.

        It is in both for a moment, so that it is never in none.
        """
        attributes = {"reason": NOT_IN_XML.sub("?", reason)[:1000], "message": message.id}
        fifo = {"MessageGroupId": message.group or message.id, "MessageDeduplicationId": message.id}
        with _asking():
            self._client.send_message(
                QueueUrl=url,
                MessageBody=message.body,
                MessageAttributes={
                    name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()
                },
                **(fifo if url.endswith(".fifo") else {}),
            )
        self.delete({message.id: message.receipt})


def _message(found: Mapping[str, Any]) -> Message:
    attributes = found.get("Attributes", {})
    sent_ms = attributes.get("SentTimestamp")
    return Message(
        found["MessageId"],
        found["ReceiptHandle"],
        found["Body"],
        int(attributes.get("ApproximateReceiveCount", 1)),
        attributes.get("MessageGroupId", ""),
        datetime.fromtimestamp(int(sent_ms) / 1000, UTC) if sent_ms else None,
    )


@contextmanager
def _asking() -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        about, found = error.response.get("ResponseMetadata", {}), error.response.get("Error", {})
        status, code = int(about.get("HTTPStatusCode", 0)), str(found.get("Code", "")).rpartition(".")[2]
        kind = UnavailableError if status >= 500 or status == 429 or code in PASSING else RejectedError
        fix = "" if kind is UnavailableError else FIX
        raise kind("sqs", code, str(found.get("Message", "")), status, about.get("RequestId"), fix) from error
    except NoCredentialsError as error:
        raise RejectedError("sqs", "no_credentials", "There are no credentials.", fix=FIX) from error
    except BotoCoreError as error:
        kind = (
            UnavailableError
            if "Connect" in type(error).__name__ or "Timeout" in type(error).__name__
            else RejectedError
        )
        raise kind("sqs", type(error).__name__, str(error), fix=FIX) from error
