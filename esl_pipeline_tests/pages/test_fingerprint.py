from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from esl_pipeline.pages.fingerprint import fingerprint, fingerprint_block, fingerprint_node, plain_text
from esl_pipeline.pages.nodes import BlockNode

PLAIN = {"bold": False, "italic": False, "strikethrough": False, "underline": False, "code": False, "color": "default"}


def sent(content: str, link: str | None = None, **style: Any) -> dict[str, Any]:
    text = {"content": content, "link": {"url": link} if link else None}
    return {"type": "text", "text": text, "annotations": {**PLAIN, **style}}


def read_back(run: dict[str, Any]) -> dict[str, Any]:
    return {**run, "plain_text": run["text"]["content"], "href": (run["text"]["link"] or {}).get("url")}


def rich(*runs: dict[str, Any]) -> dict[str, Any]:
    return {"rich_text": list(runs)}


EQUAL = {
    "keys that are only read": (rich(sent("a", "https://x.org/y")), rich(read_back(sent("a", "https://x.org/y")))),
    "annotations left out": (rich({"text": {"content": "a"}}), rich(read_back(sent("a")))),
    "text in several runs": (rich(sent("a", bold=True), sent("b", bold=True)), rich(sent("ab", bold=True))),
    "a run without text": (rich(sent("")), rich()),
    "the default colour": ({"color": "default"}, {}),
    "an absent icon": ({"icon": None}, {}),
    "a caption without text": ({"caption": []}, {}),
    "an emoji's variation selector": ({"icon": {"type": "emoji", "emoji": "✏️"}}, {"icon": {"emoji": "✏"}}),
    "a link to a bare host": (rich(sent("a", "https://x.org")), rich(sent("a", "https://x.org/"))),
    "signed addresses": (
        {"type": "file", "file": {"url": "https://s3/a?X-Amz=1", "expiry_time": "1"}},
        {"type": "file", "file": {"url": "https://s3/a?X-Amz=2", "expiry_time": "2"}},
    ),
    "an upload that was attached": ({"file_upload": {"id": "1"}}, {"type": "file", "file": {"url": "https://s3/a"}}),
    "the kind of a file": ({"external": {"url": "u"}}, {"type": "external", "external": {"url": "u"}}),
    "a column's width": ({"width_ratio": 0.5}, {}),
    "dashes in ids": (
        {"synced_from": {"block_id": "AB-cd"}},
        {"synced_from": {"type": "block_id", "block_id": "abcd"}},
    ),
    "children": ({"children": [{"type": "divider"}]}, {}),
    "cells": ({"cells": [[sent("a")], []]}, {"cells": [[read_back(sent("a"))], []]}),
}

DIFFERENT = {
    "text": (rich(sent("a")), rich(sent("b"))),
    "style": (rich(sent("a")), rich(sent("a", italic=True))),
    "a link": (rich(sent("a")), rich(sent("a", "https://x.org"))),
    "where a style ends": (rich(sent("a", bold=True), sent("b")), rich(sent("ab", bold=True))),
    "the colour": ({"color": "red"}, {"color": "default"}),
    "the icon": ({"icon": {"emoji": "💡"}}, {"icon": {"emoji": "🚀"}}),
    "the address": ({"external": {"url": "u"}}, {"external": {"url": "v"}}),
    "external or uploaded": ({"external": {"url": "u"}}, {"file": {"url": "u"}}),
    "original or copy": ({"synced_from": None}, {"synced_from": {"block_id": "a"}}),
    "checked": ({"checked": True}, {"checked": False}),
    "an order of cells": ({"cells": [[sent("a")], [sent("b")]]}, {"cells": [[sent("b")], [sent("a")]]}),
    "a cell more": ({"cells": [[sent("a")], []]}, {"cells": [[sent("a")]]}),
    "an equation": (rich({"type": "equation", "equation": {"expression": "a"}}), rich(sent("a"))),
}


@pytest.mark.parametrize("name", EQUAL)
def test_what_is_the_same_on_the_page_has_the_same_fingerprint(name: str) -> None:
    ours, theirs = EQUAL[name]
    assert fingerprint("paragraph", ours) == fingerprint("paragraph", theirs)


@pytest.mark.parametrize("name", DIFFERENT)
def test_what_a_reader_sees_differ_has_another_fingerprint(name: str) -> None:
    one, other = DIFFERENT[name]
    assert fingerprint("paragraph", one) != fingerprint("paragraph", other)


def test_the_type_counts() -> None:
    assert fingerprint("paragraph", rich(sent("a"))) != fingerprint("quote", rich(sent("a")))


@given(st.lists(st.tuples(st.text(max_size=5), st.booleans()), max_size=6))
def test_cutting_runs_anywhere_does_not_count(runs: list[tuple[str, bool]]) -> None:
    whole = rich(*(sent(text, bold=bold) for text, bold in runs))
    letters = rich(*(read_back(sent(letter, bold=bold)) for text, bold in runs for letter in text))
    assert fingerprint("paragraph", whole) == fingerprint("paragraph", letters)


def test_text_is_read_without_its_styles() -> None:
    equation = {"type": "equation", "equation": {"expression": "x"}, "plain_text": "x"}
    assert plain_text(rich(sent("a", bold=True), equation)) == "ax"
    assert plain_text({"cells": [[sent("a")], [sent("b")]]}) == "ab"
    assert plain_text({}) == ""


def blocks_of(shared: Path) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    for file in sorted((shared / "recorded" / "notion").glob("test_*.yaml")):
        for exchange in yaml.safe_load(file.read_text())["interactions"]:
            request, response = exchange["request"], exchange["response"]
            if request["method"] != "PATCH" or not request["uri"].endswith("/children"):
                continue
            answer = json.loads(response.get("content") or response["body"]["string"])
            yield from zip(json.loads(request["body"])["children"], answer["results"], strict=False)


def test_recorded_answers_have_the_fingerprint_of_what_was_sent(shared: Path) -> None:
    pairs = [(block, answer) for block, answer in blocks_of(shared) if block["type"] not in {"file", "link_to_page"}]
    assert len(pairs) > 30
    for block, answer in pairs:
        node = BlockNode(block["type"], block[block["type"]])
        assert fingerprint_node(node) == fingerprint_block(answer), block["type"]
