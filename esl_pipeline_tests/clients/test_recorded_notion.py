from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from esl_pipeline.clients import NotionClient
from esl_pipeline_tests.clients.recorded import Exchange, exchanges
from esl_pipeline_tests.clients.scripted import Reply, in_turn, notion_that

Replay = Callable[[NotionClient, str, Mapping[str, Any]], Any]
ENDPOINTS: dict[tuple[str, str], Replay] = {
    ("POST", "pages"): lambda notion, _id, body: notion.create_page(body),
    ("GET", "pages/"): lambda notion, object_id, _body: notion.retrieve_page(object_id),
    ("PATCH", "pages/"): lambda notion, object_id, body: notion.update_page(object_id, body),
    ("GET", "blocks/"): lambda notion, object_id, _body: notion.retrieve_block(object_id),
    ("PATCH", "blocks/"): lambda notion, object_id, body: notion.update_block(object_id, body),
    ("DELETE", "blocks/"): lambda notion, object_id, _body: notion.delete_block(object_id),
    ("GET", "blocks//children"): lambda notion, object_id, _body: notion.list_children(object_id),
    ("PATCH", "blocks//children"): lambda notion, object_id, body: notion.append_children(
        object_id, body["children"], body.get("position")
    ),
}


def endpoint(exchange: Exchange) -> tuple[Replay | None, str]:
    collection, _, rest = exchange.path.partition("?")[0].removeprefix("/v1/").partition("/")
    object_id, _, below = rest.partition("/")
    name = collection + ("/" if object_id else "") + (f"/{below}" if below else "")
    return ENDPOINTS.get((exchange.method, name)), object_id


def test_every_recorded_answer_is_read_and_every_request_is_sent_as_recorded(shared: Path) -> None:
    replayed = set()
    for exchange in exchanges(shared):
        replay, object_id = endpoint(exchange)
        if replay is None:
            continue
        headers = {"content-type": exchange.headers["content-type"]}
        scene = notion_that(in_turn(Reply(exchange.status, exchange.content, headers)))
        answer, recorded = replay(scene.notion, object_id, exchange.body or {}), json.loads(exchange.content)
        assert answer == recorded.get("results", recorded)
        sent = scene.sent[0]
        assert (sent.method, sent.path.partition("?")[0]) == (exchange.method, exchange.path.partition("?")[0])
        assert sent.body == exchange.body
        assert len(scene.sent) == 1
        replayed.add((exchange.method, replay))
    assert len(replayed) >= 6


def test_the_recordings_were_made_with_our_version(shared: Path) -> None:
    texts = [file.read_text("utf-8") for file in (shared / "recorded" / "notion").glob("test_create_*.yaml")]
    assert texts
    assert all("'2026-03-11'" in text for text in texts)
