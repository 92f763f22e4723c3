from __future__ import annotations

import json
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest

from esl_pipeline.clients.errors import RejectedError, UnavailableError
from esl_pipeline.clients.sqs import SqsQueue
from esl_pipeline.stages.asking import load_snapshot
from esl_pipeline.stages.inbox_folder import FolderInbox
from esl_pipeline.stages.queue_tick import (
    QueueAround,
    QueueCursor,
    QueueLimits,
    QueueTick,
    read_queue_cursor,
    take_orders,
)
from esl_pipeline.stores.artifact_files import FileArtifactStore
from esl_pipeline.stores.documents import StoreUnavailableError
from esl_pipeline_tests.stages.inboxes import put

LIMITS = QueueLimits(wait_s=0, hidden_s=1, suspended_s=1)
LONG = replace(LIMITS, hidden_s=600, suspended_s=600)


class Post:
    """A queue with a dead-letter queue at moto's, and what the sensor makes of it."""

    def __init__(self, name: str, home: Path, **attributes: str) -> None:
        self.sqs: Any = boto3.client("sqs")
        fifo = {"FifoQueue": "true"} if name.endswith(".fifo") else {}
        self.dead: str = self.sqs.create_queue(QueueName=f"dead-{name}", Attributes=fifo)["QueueUrl"]
        self.url: str = self.sqs.create_queue(QueueName=name, Attributes=fifo | attributes)["QueueUrl"]
        self.home, self.stopped = home, set[str]()
        self.artifacts = FileArtifactStore(home / "state")
        self.cursor = ""

    def redrive(self, name: str) -> None:
        policy = {"deadLetterTargetArn": f"arn:aws:sqs:us-east-1:123456789012:dead-{name}", "maxReceiveCount": 50}
        self.sqs.set_queue_attributes(QueueUrl=self.url, Attributes={"RedrivePolicy": json.dumps(policy)})

    def send(self, body: object = None, **fields: Any) -> str:
        asked = {"schema_version": 1, "tenant": "school", "assignment": "a", "lesson": "one"} | fields
        text = body if isinstance(body, str) else json.dumps(asked)
        fifo = {"MessageGroupId": "g", "MessageDeduplicationId": str(time.time_ns())} if ".fifo" in self.url else {}
        message: str = self.sqs.send_message(QueueUrl=self.url, MessageBody=text, **fifo)["MessageId"]
        return message

    def look(self, limits: QueueLimits = LIMITS) -> QueueTick:
        around = QueueAround(
            self.artifacts, FolderInbox(self.home / "inbox"), "sandbox", self.stopped.__contains__, limits
        )
        queue = SqsQueue(self.url)
        return take_orders(queue, read_queue_cursor(self.cursor, queue.url), around)

    def tick(self, limits: QueueLimits = LIMITS) -> QueueTick:
        tick = self.look(limits)
        self.cursor = tick.cursor.model_dump_json()
        return tick

    def look_until_something_comes(self) -> QueueTick:
        while not (tick := self.look()).orders:
            time.sleep(0.1)
        return tick

    def left(self, url: str | None = None) -> int:
        """How many messages a queue has, hidden ones included."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        found = self.sqs.get_queue_attributes(QueueUrl=url or self.url, AttributeNames=names)["Attributes"]
        return sum(int(found[name]) for name in names)

    def buried(self) -> list[dict[str, Any]]:
        found = self.sqs.receive_message(QueueUrl=self.dead, MaxNumberOfMessages=10, MessageAttributeNames=["All"])
        messages: list[dict[str, Any]] = found.get("Messages", [])
        return messages


@pytest.fixture
def post(aws: str, assignment: str, tmp_path: Path) -> Post:
    return Post(assignment, tmp_path)


def test_a_message_asks_for_a_run_of_what_it_brings(post: Post) -> None:
    message = post.send(settings={"audio.pause_ms": 900}, requested_by="lms:42")
    (order,) = post.tick().orders
    assert order.key == "school/a"
    assert order.run_key.startswith(f"school/a:{message}:")
    assert order.requested_by == "lms:42"
    assert abs(datetime.fromisoformat(order.asking["asked_at"]) - datetime.now(UTC)) < timedelta(minutes=1)
    assert order.asking["settings"] == ["audio.pause_ms=900"]
    kept = load_snapshot(post.artifacts, "school", order.asking["manifest_sha256"])
    assert kept.read().lesson_text == "one"


def test_a_message_is_deleted_only_by_the_tick_after_its_run_is_there(post: Post) -> None:
    post.send()
    assert len(post.tick(LONG).orders) == 1
    assert post.left() == 1
    assert post.tick(LONG).orders == []
    assert post.left() == 0


def test_a_tick_that_dies_has_its_message_delivered_again_for_the_same_run(post: Post) -> None:
    post.send()
    dead = post.look()
    again = post.look_until_something_comes()
    assert [order.run_key for order in again.orders] == [order.run_key for order in dead.orders]
    post.cursor = again.cursor.model_dump_json()
    assert post.tick().orders == []
    assert post.left() == 0


def test_a_message_is_hidden_from_other_ticks_while_its_run_is_submitted(post: Post) -> None:
    post.send()
    assert len(post.look(LONG).orders) == 1
    assert post.look(LONG).orders == []
    assert post.left() == 1


def test_equal_messages_are_two_requests(post: Post) -> None:
    post.send()
    post.send()
    assert len({order.run_key for order in post.tick().orders}) == 2


def test_a_tick_takes_a_hundred_messages_and_the_next_one_goes_on(post: Post) -> None:
    for number in range(115):
        post.send(assignment=f"a{number}")
    orders = [tick.orders for tick in (post.tick(LONG), post.tick(LONG), post.tick(LONG))]
    assert [len(found) for found in orders] == [100, 15, 0]
    assert len({order.key for found in orders for order in found}) == 115
    assert post.left() == 0


def test_waiting_and_receiving_end_with_their_time(post: Post) -> None:
    for number in range(30):
        post.send(assignment=f"a{number}")
    around = QueueAround(post.artifacts, FolderInbox(post.home), "sandbox", limits=replace(LONG, seconds=2))
    seconds = iter(range(100))
    tick = take_orders(SqsQueue(post.url), QueueCursor(), replace(around, seconds=lambda: float(next(seconds))))
    assert len(tick.orders) == 10


@pytest.mark.parametrize("body", ["Hello!", '{"schema_version": 1, "tenant": "No Such", "assignment": "a"}'])
def test_poison_goes_to_the_dead_letter_queue_with_the_reason(post: Post, assignment: str, body: str) -> None:
    post.redrive(assignment)
    poison = post.send(body)
    post.send()
    tick = post.tick()
    assert len(tick.orders) == 1
    assert tick.remarks[0].startswith(f"Message {poison} is in the dead-letter queue: ")
    (buried,) = post.buried()
    assert buried["Body"] == body
    assert buried["MessageAttributes"]["message"]["StringValue"] == poison
    assert buried["MessageAttributes"]["reason"]["StringValue"] in tick.remarks[0]
    post.tick()
    assert post.left() == 0


def test_poison_in_a_fifo_queue_goes_to_its_dead_letter_queue(aws: str, assignment: str, tmp_path: Path) -> None:
    assert aws
    post = Post(f"{assignment}.fifo", tmp_path)
    post.redrive(f"{assignment}.fifo")
    post.send("Hello!")
    post.send()
    assert len(post.tick().orders) == 1
    assert [message["Body"] for message in post.buried()] == ["Hello!"]


def test_poison_without_a_dead_letter_queue_is_told_and_left(post: Post) -> None:
    poison = post.send("Hello!")
    tick = post.tick()
    assert tick.orders == []
    assert tick.remarks[0].startswith(f"Message {poison} asks for nothing: ")
    assert post.left() == 1


def test_a_lesson_that_a_message_names_and_that_is_not_there_is_poison(post: Post, assignment: str) -> None:
    post.redrive(assignment)
    manifest = {"schema_version": 2, "lesson": "one.md"}
    post.send(manifest=manifest, lesson=None)
    assert "one.md" in post.tick().remarks[0]
    put(post.home / "inbox" / "school" / "one.md", "# One")
    post.send(manifest=manifest, lesson=None)
    (order,) = post.tick().orders
    kept = load_snapshot(post.artifacts, "school", order.asking["manifest_sha256"])
    assert kept.read().lesson_text == "# One"


def test_a_message_that_can_not_be_kept_now_comes_again_and_stops_no_other(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Busy(FileArtifactStore):
        def put(self, tenant: str, sha256: str, suffix: str, content: bytes) -> Path:
            if tenant == "school":
                raise StoreUnavailableError("slow down")
            return super().put(tenant, sha256, suffix, content)

    first = post.send()
    post.send(tenant="other")
    with monkeypatch.context() as patched:
        patched.setattr(post, "artifacts", Busy(post.home / "state"))
        tick = post.tick()
    assert [order.key for order in tick.orders] == ["other/a"]
    assert tick.remarks == [f"Message {first} comes again later: slow down"]
    assert [order.key for order in post.look_until_something_comes().orders] == ["school/a"]


def test_a_path_is_one_of_the_tenants_folder(post: Post) -> None:
    post.send(lesson=None, manifest_path="drafts/a.yaml")
    assert post.tick().orders[0].asking["manifest_path"] == "school/drafts/a.yaml"


def test_messages_of_a_suspended_tenant_come_again_later(post: Post) -> None:
    post.send()
    post.send(tenant="other")
    post.stopped.add("school")
    tick = post.tick()
    assert [order.key for order in tick.orders] == ["other/a"]
    assert tick.remarks == ["school may not publish now; its messages come again later. esl tenants list says why."]
    post.tick()
    assert post.left() == 1
    post.stopped.clear()
    assert [order.key for order in post.look_until_something_comes().orders] == ["school/a"]


def test_a_queue_that_is_not_there_is_told(post: Post) -> None:
    post.url += "-none"
    with pytest.raises(RejectedError, match="Check ESL_QUEUE"):
        post.tick()


def test_a_server_that_does_not_answer_is_told(monkeypatch: pytest.MonkeyPatch, post: Post) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    with pytest.raises(UnavailableError):
        post.tick()


def test_without_a_region_it_is_told_what_to_set(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name)
    with pytest.raises(RejectedError, match="region"):
        post.tick()
