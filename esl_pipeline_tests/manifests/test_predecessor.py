from __future__ import annotations

import json
from typing import Any

import pytest

from esl_pipeline.manifests import AskingError
from esl_pipeline.manifests.predecessor import PredecessorManifest, read_predecessor

PAGE = "0b9e7c55-1d2f-4a63-9c48-d1e2f3a4b5c6"
FULL: dict[str, Any] = {
    "schemaVersion": 1,
    "mdHash": "0" * 64,
    "pageId": PAGE,
    "pageUrl": f"https://www.notion.so/At-the-Station-{PAGE.replace('-', '')}",
    "audio": {"path": "a.mp3", "url": "https://example.org/a.mp3", "hash": "00", "voices": []},
    "ttsMode": "dialogue",
    "somethingNew": [1],
}


def read(**changes: Any) -> PredecessorManifest:
    fields = {name: value for name, value in {**FULL, **changes}.items() if value is not None}
    return read_predecessor(json.dumps(fields), file="x.manifest.json")


def test_page_and_audio_are_read_and_what_is_unknown_is_let_be() -> None:
    assert read() == PredecessorManifest(PAGE, "https://example.org/a.mp3")


def test_a_manifest_without_a_version_is_of_the_first() -> None:
    assert read(schemaVersion=None).page_id == PAGE


def test_the_page_is_also_known_by_its_address() -> None:
    assert read(pageId=None).page_id == PAGE.replace("-", "")
    assert read(pageId="dry-run").page_id == PAGE.replace("-", "")


@pytest.mark.parametrize("audio", [None, {}, {"path": "a.mp3"}, "a.mp3", {"url": 7}])
def test_audio_may_be_missing(audio: Any) -> None:
    assert read(audio=audio).audio_url == ""


@pytest.mark.parametrize(
    ("content", "rule", "words"),
    [
        ("", "M-SYNTAX", "not a JSON object"),
        ("[1]", "M-SYNTAX", "not a JSON object"),
        ("{", "M-SYNTAX", "not a JSON object"),
        ("[" * 100_000, "M-SYNTAX", "not a JSON object"),
        (json.dumps({**FULL, "schemaVersion": 2}), "M-VERSION", "schemaVersion is 2"),
        (json.dumps({**FULL, "schemaVersion": True}), "M-VERSION", "schemaVersion is true"),
        (json.dumps({"mdHash": "0"}), "M-VALUE", "names no page"),
        (json.dumps({"pageId": "x", "pageUrl": "https://example.org"}), "M-VALUE", "page id is none"),
    ],
)
def test_what_is_no_manifest_of_the_predecessor_says_why(content: str, rule: str, words: str) -> None:
    with pytest.raises(AskingError) as caught:
        read_predecessor(content, file="x.manifest.json")
    (problem,) = caught.value.problems
    assert (problem.rule, problem.file) == (rule, "x.manifest.json")
    assert words in problem.message
    assert problem.fix
