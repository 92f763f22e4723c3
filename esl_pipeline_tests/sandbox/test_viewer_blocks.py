"""How each type of block is shown."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from esl_pipeline.sandbox.viewer import make_viewer
from esl_pipeline.sandbox.viewer.colours import COLOURS
from esl_pipeline_tests.sandbox.written_pages import (
    ORIGINAL_ID,
    Json,
    WrittenLog,
    WrittenNotion,
    block,
    every_block,
    lesson_blocks,
    page,
    row,
    text,
)

PAGE = "/pages/3f1c0000-0000-4000-8000-000000000001"
VOID = {"br", "hr", "img", "input", "meta", "link"}


def shown(*blocks: Json) -> str:
    notion = WrittenNotion()
    notion.write(page("Lesson"), *blocks)
    answer = make_viewer(notion, WrittenLog()).test_client().get(PAGE)
    assert answer.status_code == 200
    article = answer.text.split("<article>")[1].split("</article>")[0]
    return re.sub(r' id="b-[0-9a-f]{32}"', "", re.sub(r">\s+<", "><", article)).strip()


def whole_page() -> str:
    return make_viewer(every_block(), WrittenLog()).test_client().get(PAGE).text


class Nesting(HTMLParser):
    """Checks that what is opened is closed, innermost first."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (block("paragraph", "One\nTwo <3", color="red"), '<div class="block c-red"><p>One<br>Two &lt;3</p></div>'),
        (block("paragraph", ""), '<div class="block"><p>&nbsp;</p></div>'),
        (block("heading_1", "A"), '<h2 class="block heading_1">A</h2>'),
        (block("heading_2", "A", color="blue"), '<h3 class="block heading_2 c-blue">A</h3>'),
        (block("heading_3", "A", color="blue_background"), '<h4 class="block heading_3 c-blue_background">A</h4>'),
        (block("heading_4", "A"), '<h5 class="block heading_4">A</h5>'),
        (block("divider"), '<hr class="block">'),
        (block("equation", expression="a < b"), '<div class="block equation">a &lt; b</div>'),
        (block("breadcrumb"), '<div class="block quiet"><a href="/">All pages</a></div>'),
        (
            block("quote", "A", block("paragraph", "B")),
            '<blockquote class="block"><p>A</p><div class="block"><p>B</p></div></blockquote>',
        ),
        (
            block("toggle", "A", block("paragraph", "B")),
            '<details open class="block toggle"><summary>A</summary><div class="inside"><div class="block"><p>B</p>'
            "</div></div></details>",
        ),
        (
            block("heading_2", "A", block("divider"), is_toggleable=True),
            '<details open class="block toggle"><summary><h3 class="heading_2">A</h3></summary><div class="inside">'
            '<hr class="block"></div></details>',
        ),
        (
            block("callout", "A", icon={"type": "emoji", "emoji": "💡"}, color="gray_background"),
            '<div class="block callout c-gray_background"><div class="callout-icon">💡</div><div class="callout-text">'
            "<p>A</p></div></div>",
        ),
        (block("callout", "A", icon=None), '<div class="block callout"><div class="callout-text"><p>A</p></div></div>'),
        (
            block("code", "x = '<'", language="python"),
            '<figure class="block code"><div class="language">python</div><pre><code>x = &#39;&lt;&#39;</code></pre>'
            "</figure>",
        ),
        (
            block("audio", type="external", external={"url": "http://127.0.0.1:1/a.mp3"},
                  caption=[text("Listen", link="https://example.org/a")]),
            '<figure class="block audio"><audio controls preload="metadata" src="http://127.0.0.1:1/a.mp3"></audio>'
            '<figcaption><a href="https://example.org/a" rel="noopener noreferrer nofollow">Listen</a></figcaption>'
            "</figure>",
        ),
        (
            block("audio", type="file_upload", file_upload={"id": "x"}, caption=[]),
            '<figure class="block audio"><div class="missing">The audio has no address.</div></figure>',
        ),
        (
            block("video", type="file", file={"url": "https://example.org/v"}, caption=[]),
            '<figure class="block video"><video controls preload="metadata" src="https://example.org/v"></video>'
            "</figure>",
        ),
        (
            block("image", type="external", external={"url": "https://example.org/i"}, caption=[text("A cat")]),
            '<figure class="block image"><img src="https://example.org/i" alt="A cat" loading="lazy">'
            "<figcaption>A cat</figcaption></figure>",
        ),
        (
            block("bookmark", url="https://example.org/b"),
            '<figure class="block card"><a href="https://example.org/b" rel="noopener noreferrer nofollow">'
            '<span class="kind">Link</span>https://example.org/b</a></figure>',
        ),
        (
            block("child_database", title="Words"),
            '<div class="block missing">A block of the type “child_database” is not shown here.</div>',
        ),
    ],
    ids=lambda value: value["type"] if isinstance(value, dict) else "",
)  # fmt: skip
def test_a_block_becomes_its_element(written: Json, expected: str) -> None:
    assert shown(written) == expected


def test_neighbouring_items_make_one_list_and_nested_ones_another() -> None:
    html = shown(
        block("numbered_list_item", "One", block("numbered_list_item", "a")),
        block("numbered_list_item", "Two"),
        block("bulleted_list_item", "Dot", color="green"),
        block("paragraph", "Between"),
        block("bulleted_list_item", "Dot again"),
    )
    assert html == (
        '<ol class="numbered_list_item"><li class="">One<ol class="numbered_list_item"><li class="">a</li></ol></li>'
        '<li class="">Two</li></ol><ul class="bulleted_list_item"><li class="c-green">Dot</li></ul>'
        '<div class="block"><p>Between</p></div><ul class="bulleted_list_item"><li class="">Dot again</li></ul>'
    )


def test_tasks_show_whether_they_are_done() -> None:
    html = shown(block("to_do", "Read", checked=True), block("to_do", "Write", checked=False))
    assert html.count('<input type="checkbox" disabled checked') == 1
    assert '<li class="done">' in html
    assert html.count('<ul class="to_do">') == 1


def test_a_table_has_its_header_row_and_header_column() -> None:
    html = shown(block("table", None, row("a", "b"), row("c", "d"), has_column_header=True, has_row_header=True))
    assert '<th scope="col">a</th>' in html
    assert '<th scope="col">b</th>' in html
    assert '<th scope="row">c</th>' in html
    assert "<td>d</td>" in html


def test_columns_stand_side_by_side_in_their_ratio() -> None:
    html = shown(block("column_list", None, block("column", None, block("divider"), width_ratio=0.25), block("column")))
    assert html.startswith('<div class="block columns"><div class="column" style="flex-grow: 0.25"><hr')
    assert 'style="flex-grow: 1.0"' in html


def test_annotations_nest_and_colours_are_classes() -> None:
    html = shown(block("paragraph", [
        text("x", bold=True, italic=True, strikethrough=True, underline=True, code=True, color="pink_background"),
        {"type": "equation", "equation": {"expression": "y"}, "plain_text": "y"},
        {"type": "mention", "mention": {"type": "date"}, "plain_text": "today"},
    ]))  # fmt: skip
    assert html == (
        '<div class="block"><p><span class="c-pink_background"><u><s><em><strong><code>x</code></strong></em></s></u>'
        '</span><span class="equation">y</span><span class="mention">today</span></p></div>'
    )


@pytest.mark.parametrize("colour", sorted(COLOURS - {"default", "default_background"}))
def test_every_colour_has_a_style(colour: str) -> None:
    assert f'class="block c-{colour}"' in shown(block("paragraph", "x", color=colour))
    with make_viewer(WrittenNotion(), WrittenLog()).test_client().get("/static/viewer.css") as style:
        assert re.search(
            rf"^\.c-{colour} {{ (background|color): #[0-9a-f]{{6}}; }}$", style.data.decode(), re.MULTILINE
        )


def test_contents_lead_to_the_headings() -> None:
    html = whole_page()
    anchors = re.findall(r'<a class="level-(\d)" href="#(b-[0-9a-f]{32})">(.+?)</a>', html)
    assert [(level, title) for level, _, title in anchors] == [
        ("1", "Warm-up"), ("2", "Lists"), ("3", "Answers, on demand"), ("2", "Vocabulary"), ("4", "You"),
        ("4", "Your partner"), ("2", "Study text"),
    ]  # fmt: skip
    assert all(html.count(f'id="{anchor}"') == 1 for _, anchor, _ in anchors)


def test_a_synced_copy_shows_the_originals_blocks_and_no_id_twice() -> None:
    html = whole_page()
    assert html.count("This sentence is kept in one place.") == 2
    ids = re.findall(r' id="([^"]+)"', html)
    assert len(ids) == len(set(ids))


def test_a_copy_inside_its_own_original_ends() -> None:
    copy = block("synced_block", None, synced_from={"type": "block_id", "block_id": ORIGINAL_ID})
    html = shown(block("synced_block", None, block("paragraph", "Once"), copy, id=ORIGINAL_ID, synced_from=None))
    assert 1 <= html.count("Once") <= 2


def test_blocks_nested_thirty_deep_are_shown() -> None:
    deepest = block("paragraph", "The bottom")
    for depth in range(29):
        deepest = block("toggle", f"Level {depth}", deepest)
    assert "The bottom" in shown(deepest)


def test_every_type_that_the_contract_names_has_its_own_look() -> None:
    html = whole_page()
    assert html.count("is not shown here") == 1
    assert {written["type"] for written in lesson_blocks()} >= {
        "paragraph", "heading_1", "heading_2", "heading_3", "bulleted_list_item", "numbered_list_item", "to_do",
        "toggle", "callout", "quote", "divider", "code", "equation", "table", "column_list", "image", "audio", "video",
        "table_of_contents", "synced_block", "bookmark", "breadcrumb", "tab", "file",
    }  # fmt: skip


def test_the_page_is_well_formed() -> None:
    parser = Nesting()
    parser.feed(whole_page())
    assert parser.open == []
