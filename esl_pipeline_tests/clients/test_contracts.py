from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from esl_pipeline_tests.clients.recorded import exchanges
from esl_pipeline_tests.clients.scripted import BLOCK, PAGE
from esl_pipeline_tests.contracts import check_elevenlabs_request, check_notion_request

CHILDREN = f"/v1/blocks/{PAGE}/children"


def text(content: str) -> list[dict[str, Any]]:
    return [{"type": "text", "text": {"content": content}}]


def paragraph(content: str = "Hello", **more: object) -> dict[str, Any]:
    return {"paragraph": {"rich_text": text(content), **more}}


def toggle(*children: object) -> dict[str, Any]:
    return {"toggle": {"rich_text": text("More"), "children": list(children)}}


def test_what_the_real_api_accepted_is_accepted(shared: Path) -> None:
    bodies = [one for one in exchanges(shared) if one.body is not None and "/file_uploads" not in one.path]
    assert len(bodies) > 30
    for one in bodies:
        check_notion_request(one.method, one.path, one.body)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"children": [paragraph("x" * 2001)]}, r"body\.children\[0\]\.paragraph.*content.*too long"),
        ({"children": [paragraph(color="pinkish")]}, r"children\[0\]\.paragraph\.color: 'pinkish'"),
        ({"children": [paragraph()], "after": BLOCK}, "'after' was unexpected"),
        ({"children": [{**paragraph(), "children": []}]}, "'children' was unexpected"),
        ({"children": [{"paragraf": {}}]}, "an object with paragraf is none of: .*paragraph"),
        ({"children": [paragraph()] * 101}, "too long"),
        ({"children": [toggle({"column_list": {"children": []}})]}, "is none of"),
        ({"children": [toggle(toggle(paragraph(children=[paragraph()])))]}, "'children' was unexpected"),
        ({"children": [{"heading_1": {"rich_text": text("A"), "children": [paragraph()]}}]}, "is no toggle"),
        ({"children": [{"equation": {"expression": "x" * 1001}}]}, "1001 characters"),
        ({"children": [{"paragraph": {"rich_text": text("é" * 2000) * 2}}] * 70}, "bytes, more than 512000"),
        ({"position": {"type": "middle"}, "children": [paragraph()]}, "position"),
    ],
)
def test_what_notion_refuses_is_refused_with_a_reason(shared: Path, body: dict[str, Any], reason: str) -> None:
    with pytest.raises(AssertionError, match=reason):
        check_notion_request("PATCH", CHILDREN, body)


def test_rows_of_another_width_are_refused(shared: Path) -> None:
    row = {"type": "table_row", "table_row": {"cells": [text("a"), text("b")]}}
    table = {"table": {"table_width": 3, "children": [row]}}
    with pytest.raises(AssertionError, match="width 3"):
        check_notion_request("PATCH", CHILDREN, {"children": [table]})


def test_an_unknown_path_method_or_needless_body_is_refused(shared: Path) -> None:
    with pytest.raises(AssertionError, match="no path"):
        check_notion_request("GET", "/v1/lessons", None)
    with pytest.raises(AssertionError, match="takes no PUT"):
        check_notion_request("PUT", f"/v1/pages/{PAGE}", {})
    with pytest.raises(AssertionError, match="takes no body"):
        check_notion_request("GET", f"/v1/pages/{PAGE}", {})


def test_an_option_with_a_comma_is_refused(shared: Path) -> None:
    with pytest.raises(AssertionError, match="comma"):
        check_notion_request("PATCH", f"/v1/pages/{PAGE}", {"properties": {"Level": {"select": {"name": "a, b"}}}})


def test_a_heading_update_needs_its_text(shared: Path) -> None:
    check_notion_request("PATCH", f"/v1/blocks/{BLOCK}", {"heading_1": {"rich_text": text("A"), "color": "blue"}})
    with pytest.raises(AssertionError, match="'rich_text' is a required property"):
        check_notion_request("PATCH", f"/v1/blocks/{BLOCK}", {"heading_1": {"color": "blue"}})


def test_a_thousand_blocks_are_checked_in_a_moment(shared: Path) -> None:
    body = {"children": [toggle(*[paragraph(f"line {n}") for n in range(9)]) for _ in range(100)]}
    started = time.process_time()
    check_notion_request("PATCH", CHILDREN, body)
    assert time.process_time() - started < 3
    assert len(json.dumps(body)) > 50_000


@pytest.mark.parametrize(
    ("path", "body", "reason"),
    [
        ("/v1/text-to-speech/v1?output_format=pcm_24000", {}, "'text' is a required property"),
        ("/v1/text-to-speech/v1?output_format=pcm_1", {"text": "a"}, "output_format is pcm_1"),
        ("/v1/text-to-speech/v1?format=pcm_24000", {"text": "a"}, "no query parameter format"),
        ("/v1/text-to-speech/v1", {"text": "a", "mode": "x"}, "unknown keys mode"),
        ("/v1/text-to-speech/v1", {"text": "a", "voice_settings": {"pace": 1}}, r"unknown keys voice_settings\.pace"),
        ("/v1/text-to-speech/v1", {"text": "a", "voice_settings": {"speed": "fast"}}, "speed"),
    ],
)
def test_what_elevenlabs_refuses_or_ignores_is_refused(
    shared: Path, path: str, body: dict[str, Any], reason: str
) -> None:
    with pytest.raises(AssertionError, match=reason):
        check_elevenlabs_request("POST", path, body)


def test_a_full_speech_request_is_accepted(shared: Path) -> None:
    settings = {"stability": 0.5, "similarity_boost": 0.75, "style": 0, "use_speaker_boost": True, "speed": 0.9}
    body = {"text": "Hello.", "model_id": "eleven_multilingual_v2", "voice_settings": settings, "seed": 7}
    check_elevenlabs_request("POST", "/v1/text-to-speech/abc?output_format=pcm_24000", body)


def test_a_dialogue_takes_similarity_but_no_pace(shared: Path) -> None:
    body = {"inputs": [{"text": "Hi.", "voice_id": "a"}], "settings": {"stability": 0.5, "similarity": 0.75}}
    check_elevenlabs_request("POST", "/v1/text-to-dialogue?output_format=pcm_24000", body)
    with pytest.raises(AssertionError, match=r"unknown keys settings\.speed"):
        check_elevenlabs_request("POST", "/v1/text-to-dialogue", body | {"settings": {"speed": 0.9}})
