from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from esl_pipeline.lessons import model, read_lesson
from esl_pipeline.lessons.model import (
    Block,
    Callout,
    Code,
    Column,
    ColumnList,
    Divider,
    Equation,
    FrontMatter,
    Heading,
    Image,
    Lesson,
    ListItem,
    Media,
    Paragraph,
    Quote,
    Run,
    StudyText,
    SyncedBlock,
    Table,
    TableOfContents,
    Toggle,
)
from esl_pipeline.lessons.problems import Position
from esl_pipeline.pages.block_map import STUDY_TEXT, is_study_text
from esl_pipeline.pages.blocks import build_blocks
from esl_pipeline.pages.code_languages import ALIASES, LANGUAGES, notion_language
from esl_pipeline.pages.fingerprint import plain_text
from esl_pipeline.pages.nodes import BlockNode
from esl_pipeline.pages.operations import may_become, update_body
from esl_pipeline.pages.preset import Preset, load_preset
from esl_pipeline_tests.contracts import SHARED, check_notion_request
from esl_pipeline_tests.pages.planned import check_plan

FRONT_MATTER = FrontMatter("Title", "Sam", "B1", "Travel", "generate")


def built(*blocks: Block, preset: Preset | None = None) -> tuple[BlockNode, ...]:
    return build_blocks(Lesson(FRONT_MATTER, blocks, ()), preset or load_preset("b1-default"))


def runs(text: str, **style: Any) -> model.Runs:
    return (Run(text, **style),)


def outline(node: BlockNode) -> str:
    """Writes a tree as ``type "text"[children]``."""
    text = plain_text(node.content)
    inside = f"[{', '.join(outline(child) for child in node.children)}]" if node.children else ""
    return f'{node.type} "{text}"{inside}' if text else f"{node.type}{inside}"


P = Paragraph(runs("p"))
OUTLINES: dict[str, tuple[Block, str]] = {
    "paragraph": (P, 'paragraph "p"'),
    "fourth heading": (Heading(4, runs("h")), 'heading_4 "h"'),
    "toggleable heading": (Heading(2, runs("h"), toggleable=True, children=(P,)), 'heading_2 "h"[paragraph "p"]'),
    "bullet in a number": (
        ListItem("numbered", runs("n"), children=(ListItem("bulleted", runs("b")),)),
        'numbered_list_item "n"[bulleted_list_item "b"]',
    ),
    "task": (ListItem("bulleted", runs("t"), checked=True), 'to_do "t"'),
    "quote": (Quote(runs("a\nb"), (P,)), 'quote "a\nb"[paragraph "p"]'),
    "equation": (Equation("e=mc^2"), "equation"),
    "audio with a caption": (Media("audio", "https://example.org/a.mp3", caption=runs("c")), 'audio "c"'),
    "styles": (
        Paragraph((Run("e=mc^2", equation=True), Run("u", underline=True), Run("c", colour="red"))),
        'paragraph "e=mc^2uc"',
    ),
    "coloured contents": (TableOfContents(colour="gray"), "table_of_contents"),
    "code": (Code("x = 1", "py"), 'code "x = 1"'),
    "table": (
        Table(((runs("a"), ()), (runs("c"), runs("d"))), has_header=True),
        'table[table_row "a", table_row "cd"]',
    ),
    "image": (Image("https://example.org/a.png", "alt"), 'image "alt"'),
    "audio": (Media("audio", "https://example.org/a.mp3"), "audio"),
    "contents": (TableOfContents(), "table_of_contents"),
    "divider": (Divider(), "divider"),
    "callout": (Callout("💡", runs("tip"), (Heading(3, runs("h")),)), 'callout "tip"[heading_3 "h"]'),
    "toggle": (Toggle(runs("label"), (P,)), 'toggle "label"[paragraph "p"]'),
    "study text": (StudyText("Transcript", (P,)), 'toggle "study-text"[paragraph "p"]'),
    "synced original": (SyncedBlock(None, (P,)), 'synced_block[paragraph "p"]'),
    "synced copy": (SyncedBlock("id", (P,)), "synced_block"),
    "columns": (
        ColumnList((Column((P,)), Column((P, Divider())))),
        'column_list[column[paragraph "p"], column[paragraph "p", divider]]',
    ),
    "a single column": (ColumnList((Column((P,)),)), 'paragraph "p"'),
    "columns of which one is empty": (ColumnList((Column(()), Column((P,)))), 'paragraph "p"'),
    "columns in a column stand below one another": (
        ColumnList((Column((P,)), Column((ColumnList((Column((P,)), Column((Divider(),)))),)))),
        'column_list[column[paragraph "p"], column[paragraph "p", divider]]',
    ),
    "columns in a toggle in a column": (
        ColumnList((Column((P,)), Column((Toggle(runs("t"), (ColumnList((Column((P,)), Column((P,)))),)),)))),
        'column_list[column[paragraph "p"], '
        'column[toggle "t"[column_list[column[paragraph "p"], column[paragraph "p"]]]]]',
    ),
}


@pytest.mark.parametrize(("block", "expected"), OUTLINES.values(), ids=OUTLINES)
def test_every_construct_becomes_its_block(block: Block, expected: str) -> None:
    assert ", ".join(outline(node) for node in built(block)) == expected


@pytest.mark.parametrize(("block", "_"), OUTLINES.values(), ids=OUTLINES)
def test_notion_takes_what_is_built(block: Block, _: str) -> None:
    check_plan(built(block))


@pytest.mark.parametrize(("block", "_"), OUTLINES.values(), ids=OUTLINES)
def test_notion_takes_every_block_as_an_update_in_place(block: Block, _: str) -> None:
    for node in (node for top in built(block) for node in _walk(top)):
        if may_become(node.type, node.content, node):
            check_notion_request("PATCH", "/v1/blocks/b", update_body(node))


def test_the_study_text_is_marked_for_the_audio_block() -> None:
    (node,) = built(StudyText("Dialogue", (P,)))
    assert plain_text(node.content) == STUDY_TEXT == "study-text"
    assert is_study_text(node)


def test_callouts_have_their_icon_tasks_their_mark_tables_their_header() -> None:
    callout, task, table, copy = built(
        Callout("💡", ()),
        ListItem("bulleted", runs("t"), checked=False),
        Table(((runs("a"), runs("b")),), has_header=False),
        SyncedBlock("abc"),
    )
    assert callout.content == {"rich_text": [], "icon": {"type": "emoji", "emoji": "💡"}}
    assert task.content["checked"] is False
    assert table.content == {"table_width": 2, "has_column_header": False, "has_row_header": False}
    assert copy.content == {"synced_from": {"type": "block_id", "block_id": "abc"}}


def test_inline_code_is_red_and_styles_become_annotations() -> None:
    (node,) = built(Paragraph((Run("a", bold=True), Run("b", code=True), Run("c", italic=True, strikethrough=True))))
    annotations = [run["annotations"] for run in node.content["rich_text"]]
    off = dict.fromkeys(("bold", "italic", "strikethrough", "underline", "code"), False)
    assert annotations == [
        {**off, "bold": True, "color": "default"},
        {**off, "code": True, "color": "red"},
        {**off, "italic": True, "strikethrough": True, "color": "default"},
    ]


def title_colours(node: BlockNode) -> set[str]:
    return {run["annotations"]["color"] for run in node.content["rich_text"]}


def test_headings_get_the_colours_of_the_preset_at_any_depth() -> None:
    two, three = Heading(2, runs("2")), Heading(3, runs("3"))
    folded = Heading(2, runs("f"), toggleable=True, children=(three,))
    holders = (
        Toggle(runs("t"), (two, three)),
        Callout("💡", (), (three,)),
        ColumnList((Column((two,)), Column((three,)))),
    )
    colours = {
        (node.type, node.content.get("color"))
        for top in built(Heading(1, runs("1")), Heading(4, runs("4")), two, three, folded, *holders)
        for node in _walk(top)
        if node.type.startswith("heading")
    }
    assert colours == {
        ("heading_1", None),
        ("heading_2", "yellow_background"),
        ("heading_3", "purple_background"),
        ("heading_4", None),
    }


COLOURED = (
    Paragraph(runs("p"), colour="blue_background"),
    Heading(2, runs("h"), colour="blue_background"),
    Heading(2, runs("h"), toggleable=True, colour="blue_background"),
    ListItem("bulleted", runs("b"), colour="blue_background"),
    ListItem("numbered", runs("n"), colour="blue_background"),
    ListItem("bulleted", runs("t"), checked=True, colour="blue_background"),
    Quote(runs("q"), colour="blue_background"),
    Callout("💡", runs("c"), colour="blue_background"),
    Toggle(runs("t"), colour="blue_background"),
    StudyText("", (P,), colour="blue_background"),
    TableOfContents(colour="blue_background"),
)


def test_the_authors_colour_is_that_of_the_block_and_wins_over_the_preset() -> None:
    nodes = built(*(block for coloured in COLOURED for block in (Heading(2, runs("above")), coloured)))[1::2]
    assert [node.content["color"] for node in nodes] == ["blue_background"] * len(COLOURED)
    assert all(title_colours(node) == {"default"} for node in nodes if "rich_text" in node.content)
    check_plan(nodes)


def test_a_preset_colours_toggles_and_folding_headings_by_level() -> None:
    preset = Preset.model_validate({"toggleMap": {"h3": "red", "h4": "gray"}, "toggleHeadings": {"h3": "green"}})
    toggle, folding = Toggle(runs("t"), ()), Heading(3, runs("f"), toggleable=True)
    nodes = built(Heading(3, runs("3")), toggle, Heading(4, runs("4")), toggle, folding, toggle, preset=preset)
    assert [title_colours(nodes[number]) for number in (1, 3, 5)] == [{"red"}, {"gray"}, {"red"}]
    assert nodes[4].content["color"] == "green"
    assert "color" not in nodes[0].content


def test_colours_of_words_win_over_that_of_a_toggles_title() -> None:
    (_, node) = built(Heading(2, runs("h")), Toggle((Run("a"), Run("b", colour="red")), ()))
    assert [run["annotations"]["color"] for run in node.content["rich_text"]] == ["yellow_background", "red"]


def test_an_equation_that_is_too_long_is_shown_as_its_source() -> None:
    block, inline = built(Equation("x" * 1001), Paragraph((Run("x" * 1001, equation=True),)))
    assert (block.type, block.content["language"]) == ("code", "latex")
    assert inline.content["rich_text"][0]["type"] == "text"
    check_plan((block, inline))


def test_a_row_fits_into_a_request_however_long_its_cells_are() -> None:
    long = (runs("ж" * 5_000),) * 40
    check_plan(built(Table((long, long), has_header=True)))


def _walk(node: BlockNode) -> list[BlockNode]:
    return [node, *(found for child in node.children for found in _walk(child))]


def test_only_a_toggle_directly_below_a_level_2_heading_gets_a_coloured_title() -> None:
    toggle = Toggle((Run("t"), Run("c", code=True)), ())
    below, second = built(Heading(2, runs("h")), toggle, toggle)[1:]
    assert title_colours(below) == {"yellow_background"}
    assert "color" not in below.content
    assert title_colours(second) == {"default", "red"}
    assert title_colours(built(Heading(2, runs("h")), P, toggle)[2]) == {"default", "red"}
    assert title_colours(built(Heading(3, runs("h")), toggle)[1]) == {"default", "red"}
    assert title_colours(built(Toggle((), (Heading(2, runs("h")), toggle)))[0].children[1]) == {"yellow_background"}


def test_a_preset_without_colours_leaves_everything_plain() -> None:
    nodes = built(Heading(2, runs("h")), Toggle(runs("t"), ()), preset=Preset())
    assert "color" not in nodes[0].content
    assert title_colours(nodes[1]) == {"default"}


def test_every_block_knows_its_line() -> None:
    where = Position(7, 3)
    nodes = built(
        *(replace(block, position=where) for block, _ in OUTLINES.values() if not isinstance(block, ColumnList))
    )
    assert {node.line for node in nodes} == {7}


LONG = "word " * 12_000
"""60,000 characters, more than one block takes."""


@pytest.mark.parametrize(
    "block",
    [
        Paragraph(runs(LONG)),
        Heading(2, runs(LONG)),
        Heading(2, runs(LONG), toggleable=True, children=(P,)),
        ListItem("numbered", runs(LONG), children=(P,)),
        Quote(runs(LONG)),
        Callout("💡", runs(LONG), (P,)),
        Code(LONG, "python"),
        Image("https://example.org/a.png", LONG),
        Table(((runs("a"), runs(LONG)), (runs("c"), runs("d"))), has_header=True),
    ],
    ids=lambda block: type(block).__name__,
)
def test_text_beyond_a_blocks_limits_goes_on_in_the_next_one(block: Block) -> None:
    nodes = built(block)
    check_plan(nodes)
    text = "".join(plain_text(node.content) for top in nodes for node in _walk(top))
    assert text.count("word ") == 12_000


def test_text_beyond_a_list_items_limits_comes_before_what_is_inside_it() -> None:
    (item,) = built(ListItem("numbered", runs("a " * 30_000), children=(ListItem("bulleted", runs("b")),)))
    assert [child.type for child in item.children] == ["paragraph", "bulleted_list_item"]


def test_a_hundred_and_fifty_columns_become_two_tables() -> None:
    row = tuple(runs(str(number)) for number in range(150))
    first, second = built(Table((row, row), has_header=True))
    assert [first.content["table_width"], second.content["table_width"]] == [100, 50]


@pytest.mark.parametrize(
    "url", ["picture.png", "ftp://example.org/a.png", "https://example.org/" + "a" * 2000, "https://["]
)
def test_a_file_whose_address_notion_refuses_is_named_in_words(url: str) -> None:
    assert [outline(node)[:40] for node in built(Image(url, "A map"))] == [f'paragraph "A map {url}"'[:40]]


@pytest.mark.parametrize(
    ("word", "language"),
    [
        ("js", "javascript"),
        ("PY", "python"),
        ("sh", "shell"),
        ("", "plain text"),
        ("klingon", "plain text"),
        ("c++", "c++"),
    ],
)
def test_code_gets_notions_name_of_its_language(word: str, language: str) -> None:
    assert notion_language(word) == language


def test_the_languages_are_those_that_notion_takes(shared: Path) -> None:
    document = json.loads((shared / "openapi" / "notion-2026-03-11.json").read_text("utf-8"))
    assert set(document["components"]["schemas"]["languageRequest"]["enum"]) == LANGUAGES
    assert set(ALIASES.values()) <= LANGUAGES
    assert not set(ALIASES) & LANGUAGES


VALID = sorted((SHARED / "lessons" / "valid").glob("*.md"))


@pytest.mark.parametrize("path", VALID, ids=lambda path: path.stem)
def test_notion_takes_the_whole_corpus(path: Path) -> None:
    lesson = read_lesson(path.read_bytes().decode("utf-8-sig")).lesson
    assert lesson is not None
    nodes = build_blocks(lesson, load_preset("b1-default"))
    check_plan(nodes)
    assert [node.type for node in nodes].count("heading_2") >= 9
    assert any(is_study_text(node) for top in nodes for node in _walk(top))


def test_the_page_shows_all_words_of_the_study_text_in_order() -> None:
    for path in VALID:
        lesson = read_lesson(path.read_bytes().decode("utf-8-sig")).lesson
        assert lesson is not None
        nodes = build_blocks(lesson, load_preset("b1-default"))
        shown = " ".join(plain_text(node.content) for top in nodes for node in _walk(top)).split()
        spoken = " ".join(paragraph for turn in lesson.turns for paragraph in turn.paragraphs).split()
        words = iter(shown)
        assert all(any(word in other for other in words) for word in spoken), path.stem
