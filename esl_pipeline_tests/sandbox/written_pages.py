"""A Notion written by hand: one page with every type of block, and a way to write others."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


def text(content: str, *, link: str | None = None, **annotations: Any) -> Json:
    """One piece of rich text."""
    return {
        "type": "text",
        "text": {"content": content, "link": {"url": link} if link else None},
        "annotations": {"color": "default", **annotations},
        "plain_text": content,
        "href": link,
    }


def block(kind: str, words: str | list[Json] | None = None, *children: Json, **content: Any) -> Json:
    """One block; its children are kept beside it, as no answer of the API does."""
    if words is not None:
        content["rich_text"] = [text(words)] if isinstance(words, str) else words
    block_id = str(uuid.uuid5(uuid.NAMESPACE_OID, repr((kind, words, content, [c["id"] for c in children]))))
    return {
        "object": "block",
        "id": content.pop("id", block_id),
        "type": kind,
        "has_children": bool(children),
        kind: content,
        "_children": list(children),
    }


def row(*cells: str) -> Json:
    return block("table_row", cells=[[text(cell, bold=cell == "Meaning")] for cell in cells])


@dataclass(frozen=True)
class Request:
    """A line of the request log."""

    path: str
    vendor: str = "notion"
    method: str = "GET"
    status: int = 200
    at: float = 0.0
    seconds: float = 0.01


@dataclass
class WrittenNotion:
    """Pages and their blocks."""

    written: list[Json] = field(default_factory=list)
    blocks: dict[str, list[Json]] = field(default_factory=dict)
    edits: list[Json] = field(default_factory=list)

    def file(self, upload_id: str, ends: str, signature: str) -> None:
        """No files were uploaded."""

    def edit(self, body: Json) -> Json:
        self.edits.append(body)
        return {}

    def write(self, page: Json, *body: Json) -> Json:
        self.written.insert(0, page)
        self._keep(page["id"], body)
        return page

    def _keep(self, parent_id: str, children: Sequence[Json]) -> None:
        self.blocks[parent_id] = [{k: v for k, v in child.items() if k != "_children"} for child in children]
        for child in children:
            self._keep(child["id"], child["_children"])

    def pages(self) -> list[Json]:
        return self.written

    def page(self, page_id: str) -> Json | None:
        return next((page for page in self.written if page["id"] == page_id), None)

    def children(self, block_id: str) -> list[Json]:
        return self.blocks.get(block_id, [])


@dataclass
class WrittenLog:
    """Requests."""

    requests: list[Request] = field(default_factory=list)

    def entries(self) -> list[Request]:
        return self.requests


def page(title: str, page_id: str = "3f1c0000-0000-4000-8000-000000000001", **more: Any) -> Json:
    """A page with its title and key."""
    properties = {
        "Name": {"type": "title", "title": [text(title)]},
        "ESL Key": {"type": "rich_text", "rich_text": [text("demo/weekend")]},
        **more.pop("properties", {}),
    }
    return {
        "object": "page",
        "id": page_id,
        "created_time": "2026-11-20T09:30:00.000Z",
        "icon": {"type": "emoji", "emoji": "🌤️"},
        "cover": None,
        "in_trash": False,
        "properties": properties,
        **more,
    }


PROPERTIES = {
    "Level": {"type": "select", "select": {"name": "B1", "color": "blue"}},
    "Topics": {
        "type": "multi_select",
        "multi_select": [{"name": "small talk", "color": "green"}, {"name": "weekend", "color": "orange"}],
    },
    "Status": {"type": "status", "status": {"name": "In progress", "color": "yellow"}},
    "Due": {"type": "date", "date": {"start": "2026-11-27", "end": None}},
    "Homework": {"type": "checkbox", "checkbox": True},
    "Minutes": {"type": "number", "number": 45},
    "Source": {"type": "url", "url": "https://example.org/source"},
    "Student": {"type": "relation", "relation": []},
}

ORIGINAL_ID = "5c000000-0000-4000-8000-0000000000aa"


def lesson_blocks(audio_url: str = "https://example.org/weekend.mp3") -> list[Json]:
    """Every type of block that a lesson's page may have, and one that the viewer does not know."""
    return [
        block("table_of_contents", color="gray"),
        block(
            "callout", "Read the text twice, then listen.", block("bulleted_list_item", "Note three new words."),
            icon={"type": "emoji", "emoji": "💡"}, color="gray_background",
        ),
        block("callout", "Speak with your partner.", icon={"type": "emoji", "emoji": "💬"}, color="blue_background"),
        block("heading_1", "Warm-up", color="blue"),
        block("paragraph", [
            text("Plain, "), text("bold", bold=True), text(", "), text("italic", italic=True), text(", "),
            text("struck", strikethrough=True), text(", "), text("underlined", underline=True), text(", "),
            text("code", code=True), text(", "), text("red", color="red"), text(", "),
            text("on yellow", color="yellow_background"), text(", "),
            text("all of them", bold=True, italic=True, underline=True, color="purple"), text(" and "),
            text("a link", link="https://example.org/more"), text(". Gaps look like ________ this."),
        ]),
        block("paragraph", "A paragraph in brown\nwith a second line.", color="brown"),
        block("heading_2", "Lists"),
        block("bulleted_list_item", "Vegetables", block(
            "bulleted_list_item", "Roots", block("bulleted_list_item", "Carrots"), block("bulleted_list_item", "Yam"))),
        block("bulleted_list_item", "Fruit", color="green_background"),
        block("numbered_list_item", "Choose a partner.", block("numbered_list_item", "Someone new, if you can."),
              block("numbered_list_item", "Sit together.")),
        block("numbered_list_item", "Ask the questions."),
        block("numbered_list_item", "Report to the class."),
        block("to_do", "Read the text", checked=True),
        block("to_do", "Answer the questions", block("to_do", "Question one", checked=False), checked=False),
        block("heading_3", "Answers, on demand", block("paragraph", "He went by train."), is_toggleable=True,
              color="orange_background"),
        block("toggle", "Show the vocabulary", block("paragraph", "to be fed up: to have had enough"),
              block("toggle", "Deeper", block("quote", "All the world's a stage."))),
        block("quote", "The weekend is too short.", block("paragraph", "Everybody, always"), color="gray"),
        block("divider"),
        block("heading_2", "Vocabulary"),
        block("table", None, row("Word", "Meaning", "Example"), row("picnic", "a meal outside", "We had a picnic."),
              row("drizzle", "light rain", "It began to drizzle."), table_width=3, has_column_header=True,
              has_row_header=True),
        block("column_list", None,
              block("column", None, block("heading_4", "You"), block("paragraph", "What did you do on Saturday?")),
              block("column", None, block("heading_4", "Your partner"),
                    block("callout", "I stayed in.", icon={"type": "emoji", "emoji": "🏠"}, color="pink_background"))),
        block("image", type="external", external={"url": "https://example.org/picnic.jpg"},
              caption=[text("A picnic in the rain")]),
        block("heading_2", "Study text"),
        block("audio", type="external", external={"url": audio_url},
              caption=[text("Study text, 1:24 · "), text("Download", link=audio_url)]),
        block("paragraph", [text("Anna:", bold=True), text(" How was your weekend?")], color="default"),
        block("paragraph", [text("Tom:", bold=True), text(" Wet! We had a picnic anyway.")]),
        block("synced_block", None, block("paragraph", "This sentence is kept in one place."), id=ORIGINAL_ID,
              synced_from=None),
        block("synced_block", None, synced_from={"type": "block_id", "block_id": ORIGINAL_ID}),
        block("code", "def greet(name):\n    return f'Hello, <{name}>'", language="python",
              caption=[text("A greeting")]),
        block("equation", expression="e = mc^2"),
        block("tab", None, block("paragraph", "Monday", block("paragraph", "Grammar first.")),
              block("paragraph", "Tuesday", block("paragraph", "Then a game."))),
        block("bookmark", url="https://example.org/reading-list", caption=[]),
        block("file", type="external", external={"url": "https://example.org/sheet.pdf"}, name="sheet.pdf", caption=[]),
        block("video", type="external", external={"url": "https://example.org/film.mp4"}, caption=[text("A film")]),
        block("breadcrumb"),
        block("child_database", title="Words"),
    ]  # fmt: skip


def every_block(audio_url: str = "https://example.org/weekend.mp3") -> WrittenNotion:
    """One page with all of them."""
    notion = WrittenNotion()
    cover = {"type": "external", "external": {"url": "https://example.org/cover.jpg"}}
    notion.write(page("How was your weekend?", cover=cover, properties=PROPERTIES), *lesson_blocks(audio_url))
    return notion
