"""A page as the TypeScript pipeline made it: its importer, its colours, and its audio block."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from esl_pipeline.lessons import read_lesson
from esl_pipeline.lessons.model import Lesson
from esl_pipeline.pages.blocks import build_blocks
from esl_pipeline.pages.nodes import BlockNode
from esl_pipeline.pages.preset import load_preset
from esl_pipeline_tests.page_stage import text_value
from esl_pipeline_tests.sandboxed import Sandboxed, flat

AUDIO_URL = "https://lessons.s3.ap-southeast-1.amazonaws.com/audio/at-the-station-0a1b2c.mp3"


@dataclass(frozen=True)
class OldPage:
    """One page of the predecessor's."""

    sandbox: Sandboxed
    id: str
    url: str

    def manifest(self, **changes: Any) -> str:
        """What it left beside the lesson."""
        fields = {
            "schemaVersion": 1,
            "mdHash": "0" * 64,
            "pageId": self.id,
            "pageUrl": self.url,
            "audio": {"path": "/home/teacher/at-the-station.mp3", "url": AUDIO_URL, "hash": "0a1b2c", "voices": []},
            "preset": "b1-default",
            "timestamp": "2026-03-01T10:00:00.000Z",
        }
        return json.dumps({**fields, **changes}, indent=2)

    def block(self, text: str) -> str:
        """The id of the block with these words."""
        return next(tree.id for tree in flat(self.sandbox.tree(self.id)) if tree.text == text)

    @property
    def ids(self) -> list[str]:
        """The ids of all its blocks, in reading order."""
        return [tree.id for tree in flat(self.sandbox.tree(self.id))]


def import_as_the_predecessor(sandbox: Sandboxed, text: str, data_source_id: str) -> OldPage:
    """Makes the page: whole trees in one request, colours in a second pass, audio above the study text."""
    lesson = read_lesson(text).lesson
    assert lesson is not None
    body = {
        "parent": {"data_source_id": data_source_id},
        "properties": {"Name": {"title": text_value(lesson.front_matter.title)}},
        "children": [_as_sent(node) for node in _blocks(lesson)],
    }
    page = sandbox.notion("POST", "pages", body)
    _colour(sandbox, page["id"])
    _add_audio(sandbox, page["id"])
    return OldPage(sandbox, page["id"], page["url"])


def _blocks(lesson: Lesson) -> tuple[BlockNode, ...]:
    return build_blocks(lesson, load_preset("b1-default"))


def _as_sent(node: BlockNode) -> dict[str, Any]:
    content = {name: value for name, value in node.content.items() if name != "color"}
    if node.type.startswith("heading_"):
        content["is_toggleable"] = bool(content.get("is_toggleable"))
    children = [_as_sent(child) for child in node.children]
    return {"type": node.type, node.type: {**content, **({"children": children} if children else {})}}


def _colour(sandbox: Sandboxed, page_id: str) -> None:
    for block in sandbox.children(page_id):
        colour = {"heading_2": "yellow_background", "heading_3": "purple_background"}.get(block["type"])
        if colour:
            runs = [{"type": "text", "text": run["text"]} for run in block[block["type"]]["rich_text"]]
            body = {block["type"]: {"rich_text": runs, "color": colour}}
            sandbox.notion("PATCH", f"blocks/{block['id']}", body)


def _add_audio(sandbox: Sandboxed, page_id: str) -> None:
    level = sandbox.tree(page_id)
    study_text = next(index for index, tree in enumerate(level) if tree.text == "study-text")
    audio = {"type": "audio", "audio": {"type": "external", "external": {"url": AUDIO_URL}}}
    position = {"type": "after_block", "after_block": {"id": level[study_text - 1].id}}
    sandbox.notion("PATCH", f"blocks/{page_id}/children", {"children": [audio], "position": position})
