"""The viewer's addresses, its list, and its safety."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from esl_pipeline.sandbox.viewer import make_viewer
from esl_pipeline_tests.sandbox.written_pages import (
    PROPERTIES,
    Json,
    Request,
    WrittenLog,
    WrittenNotion,
    block,
    every_block,
    page,
    text,
)

DASHED = "3f1c0000-0000-4000-8000-000000000001"
BARE = DASHED.replace("-", "")
OTHER = "3f1c0000-0000-4000-8000-000000000002"
ATTACK = """"><script>alert(1)</script><img src=x onerror='alert(2)'>"""


def viewer(notion: WrittenNotion, *requests: Request) -> FlaskClient:
    return make_viewer(notion, WrittenLog(list(requests))).test_client()


@pytest.mark.parametrize("page_id", [DASHED, BARE, BARE.upper()])
def test_a_page_is_found_by_its_id_with_or_without_dashes(page_id: str) -> None:
    answer = viewer(every_block()).get(f"/pages/{page_id}")
    assert answer.status_code == 200
    assert "<title>How was your weekend?</title>" in answer.text


@pytest.mark.parametrize("url", ["/pages/00000000000000000000000000000000", "/pages/x", "/nothing"])
def test_what_is_not_there_is_said_in_words(url: str) -> None:
    answer = viewer(every_block()).get(url)
    assert answer.status_code == 404
    assert "Not found" in answer.text
    assert 'href="/"' in answer.text


def test_a_wrong_id_is_repeated_harmlessly() -> None:
    assert "<script>" not in viewer(every_block()).get("/pages/<script>alert(1)</script>").text


def test_the_list_is_newest_first_and_says_which_pages_have_audio() -> None:
    notion = every_block()
    notion.write(page("Later", OTHER, in_trash=True), block("paragraph", "No sound."))
    listed = viewer(notion).get("/").text
    later, earlier = listed.split("<tbody>")[1].split("</tr>")[:2]
    assert all(word in later for word in (f"/pages/{OTHER.replace('-', '')}", "Later", "in trash", "<td>no</td>"))
    assert all(word in earlier for word in (f"/pages/{BARE}", "How was your weekend?", "🌤️", "<td>yes</td>"))
    assert "<code>demo/weekend</code>" in earlier
    assert "2026-11-20 09:30" in earlier


def test_the_list_counts_the_requests_that_name_a_page_or_its_blocks() -> None:
    notion = WrittenNotion()
    inner = block("paragraph", "Inner.")
    notion.write(page("Lesson"), block("toggle", "Outer.", inner))
    notion.write(page("Other", OTHER))
    client = viewer(
        notion,
        Request(f"/v1/pages/{DASHED}", method="PATCH"),
        Request(f"/v1/blocks/{BARE}/children", method="PATCH"),
        Request(f"/v1/blocks/{inner['id']}", method="PATCH"),
        Request(f"/v1/pages/{OTHER}"),
        Request("/v1/data_sources/3f1c0000-0000-4000-8000-0000000000ff/query", method="POST"),
        Request(f"/v1/history/{BARE}", vendor="elevenlabs"),
        Request("/v1/users/me"),
    )
    other, lesson = client.get("/").text.split("<tbody>")[1].split("</tr>")[:2]
    assert '<td class="number">3</td>' in lesson
    assert '<td class="number">1</td>' in other


def test_an_empty_sandbox_says_what_to_do() -> None:
    assert "There are no pages yet" in viewer(WrittenNotion()).get("/").text


def test_properties_are_shown_with_related_pages_as_links() -> None:
    notion = WrittenNotion()
    notion.write(page("Maria", OTHER))
    relation = {"type": "relation", "relation": [{"id": OTHER}, {"id": DASHED[:-1] + "9"}]}
    odd = {"type": "formula", "formula": {"type": "number", "number": 3}}
    notion.write(page("Lesson", properties={**PROPERTIES, "Student": relation, "Odd": odd}))
    shown = viewer(notion).get(f"/pages/{BARE}").text
    for expected in (
        '<th scope="row">ESL Key</th><td><span>demo/weekend</span></td>',
        '<span class="tag c-blue_background">B1</span>',
        '<span class="tag c-green_background">small talk</span> <span class="tag c-orange_background">weekend</span>',
        "<span>2026-11-27</span>",
        "<span>☑</span>",
        "<span>45</span>",
        '<a href="https://example.org/source">https://example.org/source</a>',
        f'<a href="/pages/{OTHER.replace("-", "")}">Maria</a>',
        f"<span>{DASHED[:-1]}9</span>",
        "(formula)",
    ):
        assert expected in shown, expected


def test_nothing_that_a_lesson_contains_becomes_markup() -> None:
    notion = WrittenNotion()
    file: Json = {"type": "external", "external": {"url": f"https://example.org/{ATTACK}"}, "caption": [text(ATTACK)]}
    notion.write(
        page(ATTACK, icon={"type": "emoji", "emoji": ATTACK}, cover={"type": "external", "external": file["external"]},
             properties={ATTACK: {"type": "select", "select": {"name": ATTACK, "color": ATTACK}}}),
        block("heading_1", ATTACK, color=ATTACK), block("table_of_contents", color=ATTACK),
        block("paragraph", [text(ATTACK, bold=True, color=ATTACK, link=f"https://example.org/{ATTACK}")]),
        block("callout", ATTACK, icon={"type": "emoji", "emoji": ATTACK}), block("code", ATTACK, language=ATTACK),
        block("equation", expression=ATTACK), block("image", **file), block("audio", **file), block("video", **file),
        block("file", **file, name=ATTACK), block("bookmark", url=f"https://example.org/{ATTACK}"),
        block("bookmark", url=ATTACK), block("paragraph", [{"type": ATTACK, "plain_text": ATTACK}]), block(ATTACK),
        block("table", None, block("table_row", cells=[[text(ATTACK)]]), has_column_header=True),
    )  # fmt: skip
    client = viewer(notion)
    for url in (f"/pages/{BARE}", "/"):
        shown = client.get(url).text
        assert "<script" not in shown
        assert "<img src=x" not in shown
        assert "&lt;script&gt;" in shown


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "data:text/html,x", "//example.org", "file:///etc", "http://[", "/x"]
)
def test_only_web_addresses_are_followed_or_loaded(address: str) -> None:
    notion = WrittenNotion()
    file: Json = {"type": "external", "external": {"url": address}, "caption": []}
    notion.write(
        page("Links", cover={"type": "external", "external": {"url": address}}),
        block("paragraph", [text("here", link=address)]),
        block("bookmark", url=address),
        *(block(kind, **file) for kind in ("image", "audio", "video", "file")),
    )
    shown = viewer(notion).get(f"/pages/{BARE}").text
    assert f'href="{address}"' not in shown
    assert f'src="{address}"' not in shown
    assert "<p>here</p>" in shown
    assert "The image has no address." in shown


def test_no_script_may_run_but_the_players_own() -> None:
    answer = viewer(every_block()).get(f"/pages/{BARE}")
    policy = answer.headers["Content-Security-Policy"].split("; ")
    assert policy[0] == "default-src 'none'"
    assert [rule for rule in policy if "script" in rule] == ["script-src 'self'"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "<script" not in answer.text


MP3, VTT = "http://127.0.0.1:1/b/a.mp3", "http://127.0.0.1:1/b/a.vtt?x=1&y=2"


def captioned(caption: list[Json]) -> str:
    notion = WrittenNotion()
    notion.write(page("Audio"), block("audio", type="external", external={"url": MP3}, caption=caption))
    return viewer(notion).get(f"/pages/{BARE}").text


def test_captions_linked_below_a_player_are_shown_with_it() -> None:
    shown = captioned([text("Lyrics", link=f"{MP3}.lrc"), text(" · "), text("Captions", link=VTT)])
    source = "/captions?of=http://127.0.0.1:1/b/a.vtt?x%3D1%26y%3D2"
    assert f'<track kind="captions" srclang="en" label="Captions" src="{source}">' in shown
    assert '<ol class="cues"' in shown
    assert shown.count("<script ") == 1
    assert f'<a href="{MP3}.lrc"' in shown


@pytest.mark.parametrize("caption", [[], [text("Captions", link=MP3)], [text("a.vtt")]])
def test_a_player_without_captions_needs_no_script(caption: list[Json]) -> None:
    shown = captioned(caption)
    assert "<audio" in shown
    assert not any(mark in shown for mark in ("<track", "<script", "cues"))


def test_captions_are_the_sandboxs_own_files_only() -> None:
    files = {"http://127.0.0.1:1/b/a.vtt": b"WEBVTT"}
    client = make_viewer(WrittenNotion(), WrittenLog([]), files.get).test_client()
    answer = client.get("/captions?of=http://127.0.0.1:1/b/a.vtt")
    assert (answer.data, answer.content_type) == (b"WEBVTT", "text/vtt; charset=utf-8")
    for other in ("/captions?of=http://example.org/a.vtt", "/captions"):
        assert client.get(other).status_code == 404


def test_the_style_comes_from_the_package() -> None:
    with viewer(every_block()).get("/static/viewer.css") as answer:
        assert answer.content_type.startswith("text/css")
        assert b"max-width: 720px" in answer.data
